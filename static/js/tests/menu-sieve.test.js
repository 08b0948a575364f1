// Tests of finding a dish, and of what is offered beside a basket.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as basket from "../basket.js";
import { hydrate } from "../compose-draft.js";
import { makeSieve, matches } from "../menu-sieve.js";
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

test("what a browser filled in by itself is applied, and an empty menu is no failed search", () => {
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  let ticked = [];
  const count = {};
  const form = Object.assign(new EventTarget(), {
    elements: { words: { value: "" } },
    querySelector: () => count,
    querySelectorAll: (selector) => (selector.includes("without") ? ticked : []),
  });
  const name = { textContent: "x" };
  const dish = (allergens) => ({ dataset: { allergens }, querySelector: () => name });
  const [pizza, cola] = [dish("gluten milk"), dish("")];
  const sections = [[pizza, cola], []].map((cards) => ({ querySelectorAll: () => cards }));
  globalThis.document = {
    getElementById: (id) => ({ sieve: form, "sieve-none": none })[id],
    querySelectorAll: () => sections,
  };
  const none = {};
  const pieces = [pizza, cola, ...sections, none];
  const shown = () => [...pieces.map((one) => !one.hidden), count.textContent];
  makeSieve({ t: (key) => key });
  assert.deepEqual(shown(), [true, true, true, true, false, ""]);
  ticked = [{ value: "gluten" }];
  page.dispatchEvent(new Event("pageshow"));
  assert.deepEqual(shown(), [false, true, true, false, false, "1"]);
  sections[0].querySelectorAll = () => [pizza];
  form.dispatchEvent(new Event("input"));
  assert.equal(none.hidden, false);
  [ticked, sections[0].querySelectorAll] = [[], () => []];
  form.dispatchEvent(new Event("input"));
  assert.deepEqual([sections[0].hidden, none.hidden], [false, true]);
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
