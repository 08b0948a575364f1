// Tests of keeping a menu page true: another version, the opening of the venue, the least price,
// and which category is read.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keepDrawn, priceOf, sectionRead } from "../menu-cards.js";

const PARTS = [".rail__list", "#menu-cards", "#closing", "#basket"];

// A page of the server: what it says, by its parts.
function makePage(cards, closed) {
  const words = [cards, cards, closed ? "closed" : "", ""];
  const page = { parts: new Map() };
  PARTS.forEach((name, index) => {
    const part = { words: words[index], dataset: {}, querySelector: () => null };
    part.replaceWith = (next) => page.parts.set(name, next);
    part.isEqualNode = (other) => other.words === part.words;
    page.parts.set(name, part);
  });
  if (closed) page.parts.get("#basket").dataset.closed = "true";
  page.querySelector = (name) => page.parts.get(name) ?? null;
  page.getElementById = (id) => page.parts.get(`#${id}`) ?? null;
  return Object.assign(page, { querySelectorAll: () => [], adoptNode: (node) => node });
}

const says = (name) => globalThis.document.querySelector(name).words;
const isClosed = () => globalThis.document.getElementById("basket").dataset.closed === "true";
let answers = [];
let asked = 0;
let opened = 0;

const fetch = async () => {
  asked += 1;
  const next = answers.shift();
  if (next === "down") throw new TypeError("no network");
  return { ok: next !== "busy", text: async () => next };
};

function open(page) {
  [answers, asked, opened] = [[], 0, 0];
  globalThis.document = page;
  return keepDrawn("1", () => (opened += 1), fetch);
}

beforeEach(() => {
  globalThis.location = { href: "https://chakri.be/menu" };
  globalThis.DOMParser = class {
    parseFromString(page) {
      return page;
    }
  };
});

test("the same version of an open venue asks for nothing", async () => {
  const drawn = open(makePage("one", false));
  assert.equal(await drawn("1"), false);
  assert.equal(asked, 0);
});

test("a page that could not be drawn anew is drawn the next time", async () => {
  const drawn = open(makePage("one", false));
  answers = ["down", "busy", makePage("two", false)];
  for (const expected of [false, false, true, false]) assert.equal(await drawn("2"), expected);
  assert.deepEqual([says("#menu-cards"), says(".rail__list"), asked], ["two", "two", 3]);
});

test("a page that was opened while the venue was closed opens with it", async () => {
  const drawn = open(makePage("one", true));
  answers = [makePage("one", true), "down", makePage("one", false)];
  for (const expected of [true, true, false]) {
    assert.equal(await drawn("1"), false, "the cards stay");
    assert.equal(isClosed(), expected);
  }
  assert.deepEqual([says("#closing"), opened], ["", 1]);
  assert.equal(await drawn("1"), false);
  assert.equal(asked, 3, "an open venue is not asked about");
});

test("a dish that may cost more is told from its least price on", () => {
  const texts = {
    t: (key, { price }) => `${key} ${price}`,
    money: (cents) => `€${cents}`,
  };
  const bowl = { price_cents: 900, least_cents: 1050, rises: true };
  assert.equal(priceOf(bowl, texts), "menu.from €1050");
  assert.equal(priceOf({ ...bowl, rises: false }, texts), "€1050");
});

// Sections as they stand when so much was scrolled of a menu that is seen 400 high.
function readAt(scrolled, heights, head = 60) {
  let top = head;
  const sections = heights.map((height, index) => {
    const section = { index, top: top - scrolled };
    top += height;
    return section;
  });
  const left = Math.max(0, top - 400 - scrolled);
  return sectionRead(sections, { height: 400, scrolled, left })?.index;
}

test("the category that is read is marked, the short last ones too", () => {
  const heights = [500, 500, 120, 100];
  for (const [scrolled, expected] of [[0, 0], [300, 0], [470, 1], [600, 1], [800, 2], [880, 3]]) {
    assert.equal(readAt(scrolled, heights), expected, `at ${scrolled}`);
  }
});

test("of a menu that fits the screen the first category is read", () => {
  assert.equal(readAt(0, [100, 100]), 0);
  assert.equal(readAt(0, [200, 200]), 0);
  assert.equal(readAt(0, [20, 20]), 0);
  assert.equal(readAt(0, []), undefined);
});
