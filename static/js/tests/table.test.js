// Tests of the table that a code names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { atTable, tableHere, tableOf } from "../table.js";

test("an address names a table by its plain number only", () => {
  const cases = { "?table=5": 5, "?a=1&table=999": 999, "": null, "?table=0": null };
  Object.assign(cases, { "?table=05": null, "?table=1000": null, "?table=5a": null });
  Object.assign(cases, { "?table=-1": null, "?table=<b>": null });
  for (const [search, expected] of Object.entries(cases)) assert.equal(tableOf(search), expected);
});

test("a visit keeps its table without the address, and does without storage", () => {
  const kept = new Map();
  const sessionStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (k, v) => kept.set(k, v) };
  assert.equal(tableHere({ location: { search: "" }, sessionStorage }), null);
  assert.equal(tableHere({ location: { search: "?table=7" }, sessionStorage }), 7);
  assert.equal(tableHere({ location: { search: "?lang=nl" }, sessionStorage }), 7);
  assert.equal(tableHere({ location: { search: "?table=8" } }), 8);
});

test("only an order that is eaten here goes to the table", () => {
  assert.deepEqual(atTable({ mode: "eat_in" }, 5), { mode: "eat_in", table: 5 });
  assert.deepEqual(atTable({ mode: "take_away" }, 5), { mode: "take_away" });
  assert.deepEqual(atTable({ mode: "eat_in" }, null), { mode: "eat_in" });
});
