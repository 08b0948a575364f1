// Owns how a journey keeps what it sees: the page in three sizes, inspected and saved. It must not
// know which page that is.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { pictures, SIZES } from "./driver.mjs";
import { inspect, settle } from "./inspection.mjs";

// Saves a page whole; what a page complains of is `expected`, or a fault.
export async function pictured(page, name, expected = []) {
  const problems = [];
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await mkdir(`${pictures}/${size}`, { recursive: true });
    await page.setViewportSize(viewport);
    await settle(page);
    const found = await inspect(page, { expected });
    problems.push(...found.map((one) => `${name} at ${size}: ${one}`));
    const path = `${pictures}/${size}/${name}.png`;
    await page.screenshot({ path, animations: "disabled", fullPage: true });
  }
  await page.setViewportSize(before);
  assert.deepEqual(problems, []);
}
