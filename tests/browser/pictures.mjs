// Every page in every state, inspected and saved as a picture in three sizes.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { gateway, journey, pictures, say, SIZES } from "./driver.mjs";
import { inspect, settle } from "./inspection.mjs";
import { scenes } from "./scenes.mjs";

async function picture(scene, page, problems) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await scene.adjust?.(page, viewport);
    await settle(page);
    const found = await inspect(page, { kiosk: scene.kiosk, expected: scene.expected });
    problems.push(...found.map((one) => `${scene.name} at ${size}: ${one}`));
    const path = `${pictures}/${size}/${scene.name}.png`;
    await page.screenshot({ path, animations: "disabled" });
  }
}

await journey(async (open) => {
  for (const size of Object.keys(SIZES)) await mkdir(`${pictures}/${size}`, { recursive: true });
  const problems = [];
  const people = new Map();
  let pictured = 0;
  for (const scene of scenes) {
    const key = scene.who ?? "somebody";
    if (!people.has(key)) {
      const at = scene.at ?? gateway.url;
      people.set(key, await open(key, { at, size: SIZES["1920x1080"], reducedMotion: "reduce" }));
    }
    const page = people.get(key);
    await page.setViewportSize(SIZES["1920x1080"]);
    page.troubles.length = 0;
    await scene.show(page);
    await picture(scene, page, problems);
    await scene.after?.(page);
    pictured += Object.keys(SIZES).length;
  }
  say(`${pictured} pictures of ${scenes.length} scenes`);
  assert.deepEqual(problems, []);
});
