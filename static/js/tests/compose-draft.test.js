// Tests of what is decided about a dish: combos, what is left out, a word.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as basket from "../basket.js";
import * as drafts from "../compose-draft.js";
import { burger, cola } from "./fixtures.mjs";

const bare = { ...burger, ingredients: [{ id: "onion", name: "oignons" }], free_text: true };
function menuOf() {
  const combo = {
    id: "combo", category: "burgers", name: "Menu", price_cents: 1400, available: true, groups: [],
    kind: "combo", free_text: true, slots: [
      { id: "main", name: "Burger", choices: [{ product: "cheese", surcharge_cents: 150 }] },
      { id: "drink", name: "Boisson", choices: [{ product: "cola", surcharge_cents: 0 },
        { product: "wine", surcharge_cents: 90 }] },
    ],
  };
  const wine = { ...cola, id: "wine", name: "Vin" };
  return drafts.hydrate({ categories: [], products: [{ ...bare }, { ...cola }, wine, combo] });
}
const of = (menu, id) => menu.products.find((product) => product.id === id);
const whole = {
  parts: {
    main: { product: "cheese", choices: { cooking: ["done"], formula: ["menu"] },
      left_out: ["onion"] },
    drink: { product: "wine", choices: {} },
  },
  word: "  bien\ncuit  ",
};

test("a combo costs its price, its surcharges and the options of its parts", () => {
  const combo = of(menuOf(), "combo");
  assert.equal(drafts.priceOf(combo, whole), 1400 + 150 + 450 + 90);
  assert.equal(drafts.priceOf(combo, {}), 1400);
});

test("what is missing is named with its slot", () => {
  const combo = of(menuOf(), "combo");
  assert.equal(drafts.missing(combo, {}).slot.id, "main");
  const raw = { parts: { main: { product: "cheese", choices: {} } } };
  assert.deepEqual([drafts.missing(combo, raw).slot.id, drafts.missing(combo, raw).group.id],
    ["main", "cooking"]);
  assert.equal(drafts.missing(combo, whole), null);
});

test("the order carries parts, what is left out and a word in the menu's own order", () => {
  const combo = of(menuOf(), "combo");
  const now = basket.add(basket.newBasket(), combo, whole, 1);
  assert.deepEqual(basket.toOrder(now).lines, [{
    product: "combo", quantity: 1, choices: [], parts: [
      { slot: "main", product: "cheese", choices: [{ group: "cooking", choice: "done" },
        { group: "formula", choice: "menu" }], left_out: ["onion"] },
      { slot: "drink", product: "wine", choices: [] },
    ], word: "bien cuit" }]);
  assert.deepEqual(basket.parse(JSON.stringify(now)), now);
});

test("a draft survives the way through the basket and stands on an unchanged menu", () => {
  const menu = menuOf();
  const now = basket.add(basket.newBasket(), of(menu, "combo"), whole, 1);
  assert.deepEqual(basket.reconcile(now, menu).changes, []);
  const again = drafts.draftOf(now.lines[0]);
  assert.equal(drafts.keyOf(of(menu, "combo"), again), now.lines[0].key);
});

test("a combo of which a part is sold out, not served or gone is taken out and told", () => {
  for (const change of [{ available: false }, { served: false }, { id: "elsewhere" }]) {
    const held = menuOf();
    const now = basket.add(basket.newBasket(), of(held, "combo"), whole, 1);
    const fresh = menuOf();
    Object.assign(of(fresh, "wine"), change);
    const { changes } = basket.reconcile(now, drafts.hydrate(fresh));
    assert.deepEqual(changes.map((one) => one.kind), ["options"], JSON.stringify(change));
  }
});

test("two dishes that differ in a word or an ingredient are two lines", () => {
  const dish = of(menuOf(), "cheese");
  const plain = { choices: { cooking: ["done"] } };
  let now = basket.add(basket.newBasket(), dish, plain, 1);
  now = basket.add(now, dish, { ...plain, left_out: ["onion"] }, 1);
  now = basket.add(now, dish, { ...plain, word: "vite" }, 1);
  now = basket.add(now, dish, { ...plain, word: " vite " }, 1);
  assert.deepEqual(now.lines.map((line) => line.quantity), [1, 1, 2]);
});

test("a word keeps within what the server takes", () => {
  assert.equal([...drafts.cleanWord("🍔".repeat(200))].length, drafts.WORD_CHARS);
  assert.equal(drafts.cleanWord("a\u202eb\u0000c"), "abc");
  assert.equal(drafts.linePart(cola, { word: "vite" }).word, undefined);
});

test("what is decided beforehand and what has no choice is filled in", () => {
  const menu = menuOf();
  assert.deepEqual(Object.keys(drafts.blank(of(menu, "combo")).parts), ["main"]);
  const preset = { ...cola, groups: [{ id: "ice", min: 0, max: 1,
    choices: [{ id: "yes", name: "Glace", price_cents: 0, preset: true }] }] };
  assert.deepEqual(drafts.blank(preset).choices, { ice: ["yes"] });
});
