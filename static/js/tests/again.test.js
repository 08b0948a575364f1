// Tests of ordering again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { againOf, putAgain } from "../again.js";
import { MAX_LINES, newBasket } from "../basket.js";

const ID = "00000000-0000-4000-8000-000000000001";
const product = (id, cents, more = {}) =>
  ({ id, name: id, price_cents: cents, available: true, groups: [], ...more });
const line = (id, cents, quantity = 1) => ({
  key: id, product: id, name: id, quantity, unit_cents: cents, choices: [], left_out: [], parts: [], word: "",
});

test("an address asks again for an order by its id only", () => {
  for (const [search, expected] of [[`?again=${ID}`, ID], ["?again=1", null], ["", null], ["?again=<b>", null]]) {
    assert.equal(againOf(search), expected);
  }
});

test("what is gone or has another price is told, the rest is in the basket", () => {
  const menu = { products: [product("cola", 300), product("frites", 350), product("tacos", 900, { available: false })] };
  const lines = [line("cola", 250, 2), line("frites", 350), line("tacos", 900), line("gone", 100)];
  const { basket, changes } = putAgain(newBasket(ID), lines, menu);
  assert.deepEqual(basket.lines.map(({ product: id, quantity, unit_cents: cents }) => [id, quantity, cents]),
    [["cola", 2, 300], ["frites", 1, 350]]);
  assert.deepEqual(changes.map(({ kind, name }) => [kind, name]),
    [["price", "cola"], ["sold_out", "tacos"], ["sold_out", "gone"]]);
});

test("what a full basket has no room for is told by its name", () => {
  const ids = Array.from({ length: MAX_LINES }, (_, index) => `p${index}`);
  const menu = { products: [...ids, "cola"].map((id) => product(id, 100)) };
  const full = putAgain(newBasket(ID), ids.map((id) => line(id, 100)), menu);
  assert.deepEqual(full.changes, []);
  const { basket, changes } = putAgain(full.basket, [line("cola", 100), line("p0", 100)], menu);
  assert.deepEqual(changes, [{ kind: "full", name: "cola" }]);
  assert.equal(basket.lines[0].quantity, 2, "what stands there already takes no room");
});

test("what stands in the basket already stays, and equal dishes share a line", () => {
  const menu = { products: [product("cola", 250)] };
  const first = putAgain(newBasket(ID), [line("cola", 250)], menu).basket;
  const second = putAgain(first, [line("cola", 250, 2)], menu).basket;
  assert.deepEqual(second.lines.map((one) => one.quantity), [3]);
});
