// Tests of long lists that fold: what is found by its name, and what stands open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isNamed, isOpen } from "../folds.js";

test("a thing is found by words of its name, whatever their accents, case and order", () => {
  for (const words of ["", "  ", "PATES", "bolo pâtes"]) {
    assert.ok(isNamed("Pâtes à la Bolognaise", words), words);
  }
  assert.ok(!isNamed("Pâtes à la Bolognaise", "pates pizza"));
});

test("a category stands open by choice, by room, and where something was found", () => {
  for (const [asked, expected] of [
    [{ small: false }, true],
    [{ small: true }, false],
    [{ small: true, chosen: true }, true],
    [{ small: false, chosen: false }, false],
    [{ small: true, looking: true, found: true }, true],
    [{ small: false, chosen: true, looking: true, found: false }, false],
  ]) {
    assert.equal(isOpen(asked), expected, JSON.stringify(asked));
  }
});
