// Tests of the basket's rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as basket from "../basket.js";
import { burger, cola, menu } from "./fixtures.mjs";

const chosen = {
  choices: { cooking: ["done"], formula: ["menu"], sauces: ["white", "ketchup"] },
};
const rare = { choices: { cooking: ["rare"] } };
function filled() {
  const two = basket.add(basket.newBasket(), burger, chosen, 2);
  return basket.setMode(basket.add(two, cola, {}, 1), "eat_in");
}
const filled2 = (id) => ({ ...filled(), id });
const change = (product, values) => ({
  ...menu,
  products: menu.products.map((one) => (one.id === product.id ? { ...one, ...values } : one)),
});

test("an id is a version 4 UUID and every basket has its own", () => {
  const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(basket.newId(), version4);
  assert.equal(basket.newId((bytes) => bytes.fill(255)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.notEqual(basket.newBasket().id, basket.newBasket().id);
});

test("the id stays the same whatever is added, changed or removed", () => {
  const start = basket.newBasket();
  let now = basket.add(start, burger, chosen, 2);
  now = basket.setQuantity(now, now.lines[0].key, 5);
  now = basket.remove(now, now.lines[0].key);
  assert.equal(basket.setMode(now, "eat_in").id, start.id);
});

test("the total is exact in cents, options and quantities included", () => {
  assert.equal(basket.total(filled()), (1150 + 450) * 2 + 280);
  assert.equal(basket.count(filled()), 3);
  let sum = basket.newBasket();
  for (const cents of [29, 57, 113, 230, 410, 460]) {
    sum = basket.add(sum, { ...cola, id: `c${cents}`, price_cents: cents }, {}, 3);
  }
  assert.equal(basket.total(sum), 3 * (29 + 57 + 113 + 230 + 410 + 460));
});

test("equal dishes share a line whatever the order of the taps", () => {
  const first = { choices: { cooking: ["done"], sauces: ["white", "ketchup"] } };
  const second = { choices: { sauces: ["ketchup", "white"], cooking: ["done"] } };
  let now = basket.add(basket.add(basket.newBasket(), burger, first, 1), burger, second, 2);
  assert.equal(now.lines.length, 1);
  assert.equal(now.lines[0].quantity, 3);
  now = basket.add(now, burger, rare, 1);
  assert.equal(now.lines.length, 2);
});

test("a quantity stays between one and fifty, and none removes the line", () => {
  let now = basket.add(basket.newBasket(), cola, {}, 49);
  now = basket.add(now, cola, {}, 49);
  assert.equal(now.lines[0].quantity, 50);
  assert.equal(basket.setQuantity(now, now.lines[0].key, 0).lines.length, 0);
});

test("wishes travel with the order and are kept, and an empty one is none", () => {
  let now = basket.setWish(filled(), "note", "Sans oignon");
  now = basket.setWish(basket.setWish(now, "code", "DIX"), "time", "1795220100000");
  assert.deepEqual(basket.parse(JSON.stringify(now)), now);
  const delivery = { address: "Rue Haute 12", postal_code: "1000", phone: "0470123456" };
  const order = basket.toOrder(now, { total_cents: 7, delivery, wanted_ms: 9 });
  assert.equal(order.total_cents, 7, "the server's price, where there is one");
  assert.deepEqual([order.note, order.code, order.wanted_ms], ["Sans oignon", "DIX", 9]);
  assert.deepEqual(order.delivery, delivery);
  assert.ok(!JSON.stringify(now).includes("Haute"), "where somebody lives is not in the basket");
  for (const name of ["note", "code", "time"]) now = basket.setWish(now, name, "");
  assert.deepEqual(now, filled2(now.id));
  const bare = Object.keys(basket.toOrder(now)).sort();
  assert.deepEqual(bare, ["id", "lines", "mode", "total_cents"]);
  const odd = JSON.stringify({ ...now, note: 7, time: "now", code: "" });
  assert.deepEqual(basket.parse(odd), now);
});

test("a full basket takes no further line", () => {
  let now = basket.newBasket();
  for (let index = 0; index < basket.MAX_LINES; index += 1) {
    now = basket.add(now, { ...cola, id: `cola-${index}` }, {}, 1);
  }
  assert.equal(basket.add(now, burger, chosen, 1), now);
});

test("a line composed anew stays in its place or joins its equal", () => {
  const now = filled();
  const changed = basket.replace(now, now.lines[0].key, burger, rare, 1);
  assert.deepEqual(changed.lines.map((line) => line.product), ["cheese", "cola"]);
  assert.equal(basket.total(changed), 1150 + 280);
  const twice = basket.add(now, burger, rare, 1);
  const joined = basket.replace(twice, twice.lines[2].key, burger, chosen, 3);
  assert.deepEqual(joined.lines.map((line) => line.quantity), [5, 1]);
});

test("the order carries what the server takes and nothing more", () => {
  const now = filled();
  assert.deepEqual(basket.toOrder(now), {
    id: now.id,
    mode: "eat_in",
    lines: [
      { product: "cheese", quantity: 2, choices: [
        { group: "cooking", choice: "done" }, { group: "sauces", choice: "ketchup" },
        { group: "sauces", choice: "white" }, { group: "formula", choice: "menu" }] },
      { product: "cola", quantity: 1, choices: [] },
    ],
    total_cents: 3480,
  });
});

test("a changed price is taken over and told", () => {
  const dearer = change(burger, { price_cents: 1190 });
  const { basket: next, changes } = basket.reconcile(filled(), dearer);
  assert.deepEqual(changes, [{ kind: "price", name: "Le Cheese King", before: 1600, after: 1640 }]);
  assert.equal(basket.total(next), 3560);
});

test("what is sold out or gone is removed and told, and the rest stays", () => {
  const soldOut = basket.reconcile(filled(), change(burger, { available: false }));
  assert.deepEqual(soldOut.changes, [{ kind: "sold_out", name: "Le Cheese King" }]);
  assert.deepEqual(soldOut.basket.lines.map((line) => line.product), ["cola"]);
  const gone = basket.reconcile(filled(), { categories: [], products: [burger] });
  assert.deepEqual(gone.changes, [{ kind: "sold_out", name: "Cola" }]);
});

test("what is not served at this time is told apart from what is sold out", () => {
  const noon = basket.reconcile(filled(), change(burger, { served: false }));
  assert.deepEqual(noon.changes, [{ kind: "not_now", name: "Le Cheese King" }]);
  const both = basket.reconcile(filled(), change(burger, { available: false, served: false }));
  assert.deepEqual(both.changes, [{ kind: "sold_out", name: "Le Cheese King" }]);
});

test("a choice that is gone, newly missing or one too many removes the line and is told", () => {
  const variants = [
    burger.groups.filter((group) => group.id !== "formula"),
    [...burger.groups, { id: "bread", name: "Pain", min: 1, max: 1, choices: [] }],
    burger.groups.map((group) => (group.id === "sauces" ? { ...group, max: 1 } : group)),
  ];
  for (const groups of variants) {
    const { changes } = basket.reconcile(filled(), change(burger, { groups }));
    assert.deepEqual(changes, [{ kind: "options", name: "Le Cheese King" }]);
  }
});

test("an unchanged menu changes nothing", () => {
  const now = filled();
  const { basket: next, changes } = basket.reconcile(now, menu);
  assert.deepEqual(changes, []);
  assert.deepEqual(next, now);
});

test("a stored basket survives a reload, and anything else becomes an empty one", () => {
  const now = filled();
  assert.deepEqual(basket.parse(JSON.stringify(now)), now);
  const line = now.lines[0];
  const spoilt = [null, "", "{", "[]", "null", "{}", JSON.stringify({ ...now, version: 9 }),
    JSON.stringify({ ...now, id: "x" }),
    JSON.stringify({ ...now, lines: [{ ...line, quantity: 0 }] }),
    JSON.stringify({ ...now, lines: [{ ...line, quantity: 1.5 }] }),
    JSON.stringify({ ...now, lines: [{ ...line, unit_cents: "9" }] }),
    JSON.stringify({ ...now, lines: [{ ...line, choices: [null] }] })];
  for (const text of spoilt) assert.equal(basket.parse(text).lines.length, 0, String(text));
  assert.equal(basket.parse(JSON.stringify({ ...now, mode: "fly" })).mode, null);
});

test("a basket is shown in the language of the menu of now", () => {
  const dutch = change(cola, { name: "Cola van 't vat" });
  const shown = basket.named(filled(), dutch);
  assert.deepEqual(shown.lines.map(({ name }) => name), ["Le Cheese King", "Cola van 't vat"]);
  const gone = basket.named(filled(), { ...menu, products: [burger] });
  assert.equal(gone.lines[1].name, "Cola", "what the menu no longer has keeps its name");
  assert.equal(basket.total(shown), basket.total(filled()));
});
