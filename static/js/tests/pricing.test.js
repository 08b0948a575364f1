// Tests of the price that only the server can tell.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as basket from "../basket.js";
import { makePricing, needsServer } from "../pricing.js";
import { refusal } from "../wishes.js";
import { cola } from "./fixtures.mjs";

const plain = basket.setMode(basket.add(basket.newBasket(), cola, {}, 2), "eat_in");
const withCode = basket.setWish(plain, "code", "DIX");

function server(answers) {
  const asked = [];
  const ask = (question) => {
    asked.push(question);
    return answers.shift();
  };
  return { ask, asked };
}

const priced = (cents) => ({ kind: "priced", price: { total_cents: cents } });

test("nobody is asked for what the browser knows", async () => {
  const { ask, asked } = server([]);
  assert.ok(!needsServer(plain) && needsServer(withCode));
  assert.ok(!needsServer(basket.setWish(basket.newBasket(), "code", "DIX")));
  assert.equal(await makePricing(ask).of(plain), null);
  assert.deepEqual(asked, []);
});

test("one basket is asked about once, and another one anew", async () => {
  const { ask, asked } = server([Promise.resolve(priced(1)), Promise.resolve(priced(2))]);
  const pricing = makePricing(ask);
  assert.deepEqual(await pricing.of(withCode), priced(1));
  assert.deepEqual(await pricing.of(withCode), priced(1));
  const more = basket.setQuantity(withCode, withCode.lines[0].key, 3);
  assert.deepEqual(await pricing.of(more), priced(2));
  assert.equal(asked.length, 2);
});

test("a combo is asked for with its parts, which decide its price", async () => {
  const { ask, asked } = server([Promise.resolve(priced(1)), Promise.resolve(priced(2))]);
  const pricing = makePricing(ask);
  const combo = (drink) => {
    const parts = [{ slot: "drink", product: drink, choices: {} }];
    const lines = withCode.lines.map((line) => ({ ...line, parts, left_out: ["onion"] }));
    return { ...withCode, lines };
  };
  assert.deepEqual(await pricing.of(combo("cola")), priced(1));
  assert.deepEqual(await pricing.of(combo("eau-plate")), priced(2), "it is another question");
  const [line] = asked[0].lines;
  assert.deepEqual([line.parts[0].product, line.left_out], ["cola", ["onion"]]);
  assert.ok(!("key" in line || "name" in line || "unit_cents" in line), "the server knows those");
});

test("an answer that comes too late is nobody's price", async () => {
  let first;
  const late = new Promise((resolve) => (first = resolve));
  const { ask } = server([late, Promise.resolve(priced(2))]);
  const pricing = makePricing(ask);
  const before = pricing.of(withCode);
  const after = pricing.of(basket.setWish(withCode, "code", "VINGT"));
  first(priced(1));
  assert.equal(await before, null);
  assert.deepEqual(await after, priced(2));
  assert.deepEqual(pricing.told(), priced(2));
});

test("what was lost is asked again, and a delivery not before it has a place", async () => {
  const { ask, asked } = server([Promise.resolve({ kind: "lost" }), Promise.resolve(priced(3))]);
  const pricing = makePricing(ask);
  const brought = basket.setMode(plain, "delivery");
  assert.equal(await pricing.of(brought, ""), null);
  assert.equal(asked.length, 0);
  await pricing.of(brought, "1000");
  assert.deepEqual(await pricing.of(brought, "1000"), priced(3));
  assert.equal(asked[1].postal_code, "1000");
});

test("a server that asks to wait is not asked the same before", async () => {
  const busy = { kind: "lost", message: "Attendez.", waitS: 10 };
  const { ask, asked } = server([busy, priced(1), priced(2)].map((one) => Promise.resolve(one)));
  let nowMs = 0;
  const pricing = makePricing(ask, () => {}, () => nowMs);
  for (nowMs of [0, 9_999]) assert.deepEqual(await pricing.of(withCode), busy);
  assert.equal(asked.length, 1);
  assert.deepEqual(await pricing.of(basket.setWish(withCode, "code", "VINGT")), priced(1));
  assert.deepEqual(await pricing.of(withCode), priced(2), "another question waits for nothing");
});

test("what may be asked again is asked again", async () => {
  const busy = { kind: "lost", waitS: 10 };
  const { ask, asked } = server([Promise.resolve(busy), Promise.resolve(priced(1))]);
  let nowMs = 0;
  const pricing = makePricing(ask, () => {}, () => nowMs);
  await pricing.of(withCode);
  nowMs = 10_000;
  assert.deepEqual(await pricing.of(withCode), priced(1));
  assert.equal(asked.length, 2);
});

test("a refusal with an amount says which", () => {
  const texts = { t: (key, { amount }) => `${key} ${amount}`, money: (cents) => `${cents}c` };
  const answer = { code: "delivery_minimum", subject: ["1500"], message: "small" };
  assert.equal(refusal(answer, texts), "delivery.minimum 1500c");
  assert.equal(refusal({ ...answer, code: "delivery_outside" }, texts), "small");
});
