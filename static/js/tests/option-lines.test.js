// Tests of options as lines: what the server writes is taken apart and written again as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, read, write } from "../option-lines.js";

const LINES = {
  groups: [
    "sauce 0-2 Sauces | Sauzen | Sauces",
    "- ketchup Ketchup | Ketchup | Ketchup",
    "- maison +0.50 Maison | Huisgemaakt | Home-made *",
    "cuisson 1-1 Cuisson",
    "- bleu  | Blauw",
    "- plus +0 + de sel",
  ].join("\n"),
  slots: "drink Votre boisson | Uw drankje | Your drink\n- cola\n- limonade +0.70",
  ingredients: "oignon Oignons | Uien | Onions\nail  |  | Garlic",
};

test("what is written is read again, and what is read is written as it was", () => {
  for (const [kind, lines] of Object.entries(LINES)) {
    const rows = read(kind, lines);
    assert.equal(write(kind, rows), lines, kind);
    assert.deepEqual(read(kind, write(kind, rows)), rows, kind);
  }
  const [sauce] = read("groups", LINES.groups);
  assert.deepEqual([sauce.min, sauce.max, sauce.names[1]], [0, 2, "Sauzen"]);
  assert.deepEqual(sauce.choices[1], {
    id: "maison", price: "0.50", names: ["Maison", "Huisgemaakt", "Home-made"], preset: true,
  });
});

test("lines that the server would refuse are not taken apart", () => {
  for (const [kind, lines] of [
    ["groups", "- ketchup Ketchup"],
    ["groups", "sauce Sauces"],
    ["groups", "sauce 0-x Sauces"],
    ["groups", "sauce 0-2 A | B | C | D"],
    ["groups", "sauce 0-2 Sauces\n- ketchup"],
    ["groups", "sauce 0-2 Sauces\n- ketchup +x Ketchup"],
    ["slots", "main Burger\n- king +1 extra"],
    ["ingredients", "onion Oignons\n- x Y"],
  ]) {
    assert.equal(read(kind, lines), null, lines);
  }
  assert.deepEqual(read("groups", ""), []);
});

test("what a person types cannot be taken for a sign of the lines", () => {
  const choice = { id: "", price: " 1,5 ", names: ["A | B *", "+ C", ""], preset: false };
  const rows = [{ id: "", min: 0, max: 1, names: ["Extra\nfort", "", ""], choices: [choice] }];
  const lines = write("groups", rows);
  assert.equal(lines, "extra-fort 0-1 Extra fort\n- a-b +1,5 A / B | + C");
  assert.equal(read("groups", lines)[0].choices[0].preset, false);
});

test("a new line gets an identifier of its own", () => {
  assert.equal(newId(["", "Crème brûlée"], []), "creme-brulee");
  assert.equal(newId(["Cola"], ["cola", "cola-2"]), "cola-3");
  assert.equal(newId(["🍔", "", ""], []), "option");
});
