// Tests of the composing rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as rules from "../compose-rules.js";
import { burger, cooking, sauces } from "./fixtures.mjs";

test("a required single choice changes hands and cannot be taken away", () => {
  assert.deepEqual(rules.toggle(cooking, [], "rare").taken, ["rare"]);
  assert.deepEqual(rules.toggle(cooking, ["rare"], "done").taken, ["done"]);
  assert.deepEqual(rules.toggle(cooking, ["rare"], "rare").taken, ["rare"]);
});

test("a group takes up to its maximum and says when it is full", () => {
  assert.deepEqual(rules.toggle(sauces, ["white"], "ketchup"),
    { taken: ["white", "ketchup"], full: false });
  assert.deepEqual(rules.toggle(sauces, ["white", "ketchup"], "algerian"),
    { taken: ["white", "ketchup"], full: true });
  assert.deepEqual(rules.toggle(sauces, ["white", "ketchup"], "white").taken, ["ketchup"]);
});

test("an optional single choice can be taken away again", () => {
  const formula = burger.groups[2];
  assert.deepEqual(rules.toggle(formula, ["menu"], "menu").taken, []);
});

test("the first group that misses a choice is named", () => {
  assert.equal(rules.missingGroup(burger, {})?.id, "cooking");
  assert.equal(rules.missingGroup(burger, { cooking: ["rare"] }), null);
});

test("the price of one counts the product and every choice once", () => {
  assert.equal(rules.unitPrice(burger, {}), 1150);
  assert.equal(rules.unitPrice(burger, { formula: ["menu"], sauces: ["white"] }), 1600);
  assert.equal(rules.unitPrice(burger, { formula: ["no-such-choice"] }), 1150);
});

test("a selection survives the way through the order's form", () => {
  const selection = { cooking: ["done"], sauces: ["ketchup", "white"] };
  assert.deepEqual(rules.selectionOf(rules.choicesOf(burger, selection)), selection);
});

test("every rule has its own sentence", () => {
  const t = (key) => key;
  const say = (min, max) => rules.ruleText({ min, max }, t);
  assert.deepEqual([say(0, 1), say(0, 3), say(1, 1), say(2, 2), say(1, 3)],
    ["compose.optional", "compose.choose_up_to", "compose.choose_one", "compose.choose_exactly",
      "compose.choose_between"]);
});
