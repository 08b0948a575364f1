// Tests of what an order carries besides dishes: nothing that was typed is lost.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Wishes } from "../wishes.js";

const [GONE, LATER] = ["1795220100000", "1795227300000"];

class Field extends EventTarget {
  value = "";
  open = false;
  options = [];
  focus() {
    globalThis.document.activeElement = this;
  }
  append(option) {
    option.remove = () => (this.options = this.options.filter((one) => one !== option));
    this.options.push(option);
  }
  replaceChildren(...options) {
    this.options = [];
    for (const option of options) this.append(option);
  }
}

let fields = {};
let answer = null;
const field = (name) => fields[name];

beforeEach(() => {
  fields = Object.fromEntries(["extras", "note", "time", "code", "apply", "said"]
    .map((name) => [name, new Field()]));
  globalThis.document = {
    activeElement: null,
    querySelector: (selector) => fields[/data-wish="(\w+)"/.exec(selector)[1]] ?? null,
  };
  globalThis.Option = function Option(label, value) {
    return { label, value: String(value) };
  };
  globalThis.fetch = async () => {
    if (!answer) throw new TypeError("no network");
    return { ok: true, json: async () => answer };
  };
});

function makeWishes() {
  const basket = { lines: [{}] };
  const wish = (name, value) => (basket[name] = value);
  const texts = { t: (key) => key, money: String, locale: "fr" };
  return { basket, wishes: new Wishes(texts, { wish, place: () => {} }) };
}

test("what was typed and never left goes with the order", () => {
  const { basket, wishes } = makeWishes();
  field("note").value = " Sans oignon ";
  field("code").value = "dix";
  wishes.keepTyped(basket);
  assert.deepEqual([basket.note, basket.code], ["Sans oignon", "DIX"]);
  field("code").value = "";
  wishes.keepTyped(basket);
  assert.equal(basket.code, "");
});

test("a time that passed goes from the field, and all that was typed stays", async () => {
  const { basket, wishes } = makeWishes();
  answer = { soonest: null, times: [{ time: "20:15", at_ms: Number(LATER) }] };
  wishes.show({ ...basket, time: GONE });
  field("note").value = "Sans oignon";
  field("time").focus();
  assert.equal(await wishes.offers(LATER), true);
  assert.equal(await wishes.offers(GONE), false);
  wishes.dropTime();
  assert.equal(field("time").value, "", "what is shown is what will be ordered");
  assert.deepEqual(field("time").options.map((option) => option.value), ["", LATER]);
  assert.deepEqual([field("extras").open, field("note").value], [true, "Sans oignon"]);
});

test("a kitchen that does not answer takes no time away", async () => {
  const { wishes } = makeWishes();
  answer = null;
  assert.equal(await wishes.offers(GONE), true);
});
