// Tests of the icons of staff: each leads to one place or means one thing, wherever it stands.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

// What each icon stands for: the address behind it, or the button that a script finds by its data.
function meanings() {
  const found = [];
  for (const [, href, icon] of read("app/src/pages/staff.rs").matchAll(
    /door\(\s*"(\/[^"]*)",\s*"([a-z]+)"/gu,
  )) found.push([icon, href]);
  const button = /(?:href|data-board)="(\/?[^"]*)"[^>]*>\s*<svg[^>]*><use href="[^#"]*#([a-z]+)"/gu;
  for (const page of ["counter", "kitchen"]) {
    for (const [, what, icon] of read(`app/templates/${page}.html`).matchAll(button)) {
      found.push([icon, what.split("?")[0]]);
    }
  }
  return found;
}

test("an icon means one thing on the counter, in the kitchen and on the way there", () => {
  const known = new Map();
  for (const [icon, what] of meanings()) {
    known.set(icon, (known.get(icon) ?? new Set()).add(what));
  }
  assert.ok(known.size > 20, `the scan found only ${known.size} icons`);
  known.delete("close");
  for (const [icon, all] of known) assert.deepEqual([...all].slice(1), [], `#${icon}`);
  const icons = read("static/icons/ui.svg");
  for (const icon of known.keys()) assert.ok(icons.includes(`<symbol id="${icon}"`), icon);
});
