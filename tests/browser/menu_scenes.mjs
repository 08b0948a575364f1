// Owns the scenes of composing a meal and of editing the menu.
// It must not know what is inspected.

import { edge } from "./driver.mjs";
import { comeAs, compose } from "./gestures.mjs";

const web = { who: "composing customer", at: edge.url };
const kiosk = { who: "composing kiosk", kiosk: true };
const editor = { who: "editor", at: edge.url };

async function ready(page, path) {
  await page.goto(path);
  await page.locator('html[data-ready="menu"]').waitFor();
}

async function open(page, path, product) {
  await ready(page, path);
  await page.click(`[data-product="${product}"] .card__open`);
  await page.locator("#compose[open]").waitFor();
}

const next = (page) => page.click(".compose__add");
const choose = (page, value) =>
  page.locator("#compose .choice", { has: page.locator(`input[value="${value}"]`) }).click();

async function buildSteps(page, path) {
  await open(page, path, "cree-ton-burger");
  await next(page);
  await choose(page, "falafel");
}

async function comboParts(page, path) {
  await open(page, path, "menu-maison");
  await choose(page, "le-cheese-king");
}

// What two editors wrote without seeing each other's.
async function tear(page) {
  await page.goto("/catalogue");
  await page.evaluate(async () => {
    const headers = { "content-type": "application/json", "relais-csrf": document.body.dataset.csrf };
    const menu = await (await fetch("/api/catalogue")).json();
    const king = menu.products.find((product) => product.id === "le-bacon-lover");
    for (const price_cents of [1260, 1310]) {
      const body = JSON.stringify({ ...king, price_cents, seen: [] });
      await fetch(`/api/catalogue/products/${king.id}`, { method: "POST", headers, body });
    }
  });
}

export const menuScenes = [
  { ...kiosk, name: "kiosk-builder", show: (page) => buildSteps(page, "/kiosk/menu") },
  { ...kiosk, name: "kiosk-combo", show: (page) => comboParts(page, "/kiosk/menu") },
  {
    ...kiosk, name: "kiosk-upsell",
    show: async (page) => {
      await ready(page, "/kiosk/menu");
      await compose(page, "le-cheese-king", ["ketchup"]);
      await page.evaluate(() => document.getElementById("toast").classList.remove("toast--shown"));
    },
    adjust: async (page, { width }) => {
      const opener = page.locator("#basket-open");
      if (width < 736 && (await opener.isVisible())) await opener.click();
    },
  },
  { ...web, name: "builder", show: (page) => buildSteps(page, "/menu") },
  { ...web, name: "combo", show: (page) => comboParts(page, "/menu") },
  {
    ...web, name: "menu-filtered",
    show: async (page) => {
      await ready(page, "/menu");
      await page.click(".sieve__summary");
      await page.locator(".sieve__chip", { has: page.locator('[value="gluten"]') }).click();
    },
  },
  {
    ...editor, name: "catalogue",
    show: async (page) => {
      await comeAs(page, ["owner"], edge);
      await tear(page);
      await page.goto("/catalogue");
    },
  },
  {
    ...editor, name: "catalogue-prices",
    show: async (page) => {
      await page.goto("/catalogue");
      await page.selectOption("#bulk-category", "boissons");
      await page.fill("#bulk-by", "4");
      await page.click("form:has(#bulk-by) button");
      await page.locator("#edit-new-prices").waitFor();
    },
  },
  {
    ...editor, name: "catalogue-product",
    show: (page) => page.goto("/catalogue/products/le-bacon-lover"),
  },
];
