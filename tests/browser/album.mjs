// Owns how pages are looked at: each in every state, inspected and saved in three sizes.
// It must not know which pages there are.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { gateway, journey, pictures, say, SIZES } from "./driver.mjs";
import { inspect, settle } from "./inspection.mjs";

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

// Some hundred pictures take longer than anybody's errand.
const DEADLINE_MS = 400_000;

// Walks through scenes in their order, and fails with all that is wrong with any.
export const album = (scenes) => journey(async (open) => {
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
}, { deadlineMs: DEADLINE_MS });
