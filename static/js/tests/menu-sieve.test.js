// Tests of finding a dish, and of what is offered beside a basket.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as basket from "../basket.js";
import { hydrate } from "../compose-draft.js";
import { matches } from "../menu-sieve.js";
import { suggestions } from "../upsell.js";
import { burger, cola, menu } from "./fixtures.mjs";

const card = { text: "Pâtes à la Bolognaise", diets: ["vegan", "spicy"], allergens: ["gluten"] };

test("words are found whatever their accents, case and order", () => {
  for (const words of ["", "PATES", "bolo pâtes", "  à "]) {
    assert.ok(matches(card, { words }), words);
  }
  assert.ok(!matches(card, { words: "pates pizza" }));
});

test("a dish suits every diet that is asked for and holds none of the allergens", () => {
  assert.ok(matches(card, { diets: ["vegan"], without: ["milk"] }));
  assert.ok(!matches(card, { diets: ["vegan", "halal"] }));
  assert.ok(!matches(card, { without: ["gluten"] }));
});

const held = () => {
  const products = [{ ...burger, upsell: ["cola", "wine", "cheese"] }, cola,
    { ...cola, id: "wine", available: false }];
  return hydrate({ ...menu, products });
};
const filled = (lines) => lines.reduce((now, product) =>
  basket.add(now, product, { choices: { cooking: ["rare"] } }, 1), basket.newBasket());

test("what goes well is offered once, if it can be had with one tap", () => {
  const now = held();
  const full = filled([now.products[0]]);
  assert.deepEqual(suggestions(full, now).map((one) => one.id), ["cola"]);
  assert.deepEqual(suggestions({ ...full, offered: true }, now), []);
  assert.deepEqual(suggestions(filled([now.products[0], now.products[1]]), now), []);
  assert.deepEqual(suggestions(basket.newBasket(), now), []);
});

test("a basket remembers that it was asked, also over a reload", () => {
  const asked = { ...filled([cola]), offered: true };
  assert.equal(basket.parse(JSON.stringify(asked)).offered, true);
  assert.equal(basket.parse(JSON.stringify({ ...asked, offered: "x" })).offered, undefined);
});
