// Tests of what an order carries besides dishes: nothing that was typed is lost.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { byHour } from "../times.js";
import { Wishes } from "../wishes.js";

const [GONE, LATER] = ["1795220100000", "1795227300000"];

class Field extends EventTarget {
  value = "";
  open = false;
  options = [];
  textContent = "";
  attributes = new Map();
  seen = 0;
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  scrollIntoView() {
    this.seen += 1;
  }
  focus() {
    globalThis.document.activeElement = this;
  }
  append(option) {
    option.remove = () => (this.options = this.options.filter((one) => one !== option));
    this.options.push(option);
  }
  replaceChildren(...children) {
    this.options = [];
    for (const option of children.flatMap((child) => child.options ?? child)) this.append(option);
  }
}

function groups(...options) {
  this.options = options;
}

let fields = {};
let answer = null;
const field = (name) => fields[name];

beforeEach(() => {
  const names = ["extras", "summary", "note", "time", "code", "apply", "said", "refused"];
  fields = Object.fromEntries(names.map((name) => [name, new Field()]));
  globalThis.document = {
    activeElement: null,
    // A group of options, which is all that is made here.
    createElement: () => Object.assign(new Field(), { setAttribute: () => {}, append: groups }),
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

test("a code that does not count is refused at its field, in sight and said once", () => {
  const { wishes } = makeWishes();
  const refused = { kind: "refused", code: "unknown_promotion", message: "No such code." };
  assert.equal(wishes.tell(refused), true);
  assert.equal(wishes.tell(refused), true, "drawn again with every change");
  assert.equal(field("refused").textContent, "No such code.");
  assert.equal(field("code").attributes.get("aria-invalid"), "true");
  assert.deepEqual([field("extras").open, field("refused").seen], [true, 1]);
  assert.equal(wishes.leads(refused), true);
  assert.equal(globalThis.document.activeElement, field("code"));
  for (const other of [null, { code: "sold_out", message: "Sold out." }]) {
    assert.equal(wishes.leads(other), false, "what is not about the code is told elsewhere");
  }
  assert.equal(field("refused").textContent, "");
  assert.equal(field("code").attributes.has("aria-invalid"), false);
});

test("what is opened by hand comes into sight", () => {
  globalThis.requestAnimationFrame = (act) => act();
  makeWishes();
  field("summary").dispatchEvent(new Event("click"));
  assert.equal(field("extras").seen, 0, "what is being closed stays where it is");
  field("extras").open = true;
  field("summary").dispatchEvent(new Event("click"));
  assert.equal(field("extras").seen, 1);
});

test("the times of a day stand by the hour, and of another day they say which", () => {
  const now = new Date(2026, 10, 21, 17, 0);
  const at = (day, hours, minutes) => ({
    time: `${hours}:${String(minutes).padStart(2, "0")}`,
    at_ms: new Date(2026, 10, day, hours, minutes).getTime(),
  });
  const times = [at(21, 18, 30), at(21, 18, 45), at(21, 19, 0), at(22, 18, 0), at(22, 18, 15)];
  const hours = byHour(times, "fr", now);
  const labels = hours.map(({ label }) => label);
  assert.deepEqual(labels, ["18:30–18:45", "19:00", "dim. 18:00–18:15"]);
  assert.deepEqual(hours.flatMap((hour) => hour.times), times, "nothing is lost or moved");
});
