// Owns the list of everything that a person may see: each scene says who looks, and how the page
// comes into that state. It must not know what is inspected.

import { edge, elsewhere, gateway, site } from "./driver.mjs";
import {
  choosePhoto, comeAs, compose, halves, orderShown, pressOrder, signIn, withoutSocket,
} from "./gestures.mjs";
import { menuScenes } from "./menu_scenes.mjs";
import { stationScenes } from "./station_scenes.mjs";

const NOT_FOUND = [/^404 /, /status of 404/];
const FORBIDDEN = [/^403 /, /status of 403/];
const WRONG_KEY = [/^401 /, /status of 401/];
const CONFLICT = [/^409 /, /status of 409/];
const LOST = [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_FAILED/];
const NARROW_PX = 736;

const DISHES = [
  ["le-cheese-king", "ketchup", "frites-cola"],
  ["le-montagnard", "saignant", "bacon", "algerienne"],
  ["tacos-supreme", "fort"],
  ["frites", "blanche"],
];

async function fill(page, menu) {
  await page.goto(menu);
  for (const [dish, ...choices] of DISHES) await compose(page, dish, choices);
  // The message about the last dish belongs to another picture.
  await page.evaluate(() => document.getElementById("toast").classList.remove("toast--shown"));
  await page.locator(".card").first().scrollIntoViewIfNeeded();
}

const openDialog = (selector) => async (page) => {
  await page.locator('html[data-ready="menu"]').waitFor();
  await page.click(selector);
};
const goTo = (path) => (page) => page.goto(path);

// The basket stands beside the menu, or in a sheet where there is no room.
async function openSheet(page, { width }) {
  if (width < NARROW_PX) await page.click("#basket-open");
}

// A basket that is brought, with everything that one may say about it.
async function fillDelivery(page) {
  await comeAs(page, ["member"], edge);
  await fill(page, "/menu");
  await page.evaluate(() => document.querySelector('[value="delivery"]').click());
  await page.evaluate(() => (document.querySelector('[data-wish="extras"]').open = true));
  const fields = { address: "Rue Haute 12", postal_code: "1000", phone: "0470 12 34 56",
    note: "Sans oignon 🌶️", code: "BIENVENUE10" };
  for (const [name, value] of Object.entries(fields)) {
    await page.evaluate(([field, text]) => {
      const input = document.querySelector(`[data-wish="${field}"]`);
      input.value = text;
      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind));
    }, [name, value]);
  }
  await page.evaluate(() => document.querySelector('[data-wish="apply"]').click());
  await page.locator('[data-basket="sums"] dd').first().waitFor({ state: "attached" });
}

async function loseSignal(page) {
  await page.route(/\/api\/orders(\?|$)/, (route) => route.abort());
  await page.evaluate(() => document.querySelector('[value="eat_in"]').click());
  await page.evaluate(() => document.querySelector('[data-basket="order"]').click());
  await page.locator("#signal[open]").waitFor();
}

// A price that the page does not know yet: the answer to the order is the notice of changes.
async function changePrices(page) {
  await site("price le-cheese-king 1250");
  await page.evaluate(async () => {
    const dear = /"id":"le-cheese-king"[^{}]*"price_cents":1250/;
    for (;;) {
      const response = await fetch("/api/menu", { cache: "no-store" });
      if (dear.test(await response.text())) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  await page.evaluate(() => document.querySelector('[value="take_away"]').click());
  await page.evaluate(() => document.querySelector('[data-basket="order"]').click());
  await page.locator("#changes[open]").waitFor();
}

async function orderOne(page, menu, mode) {
  await fill(page, menu);
  await pressOrder(page, mode);
  return orderShown(page);
}

async function sellOut(page) {
  await page.goto("/kitchen");
  await page.click('[data-board="switches-open"]');
  await page.click("#switch-button-le-truffe");
  await page.locator('#switch-button-le-truffe[aria-checked="false"]').waitFor();
}

async function move(page, path) {
  await page.evaluate(async (address) => {
    const { csrf } = document.body.dataset;
    const headers = { "content-type": "application/json", "relais-csrf": csrf };
    const body = address.endsWith("/paid") ? '{"means":"cash"}' : "{}";
    const response = await fetch(address, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
  }, path);
}

// Staff say the same of all tables.
async function sayTables(page, hand) {
  await page.evaluate(async (what) => {
    const { csrf } = document.body.dataset;
    const headers = { "content-type": "application/json", "relais-csrf": csrf };
    const { tables } = await (await fetch("/api/tables")).json();
    for (const table of tables) {
      const body = JSON.stringify({ do: what });
      const response = await fetch(`/api/tables/${table.number}`, { method: "POST", headers, body });
      if (!response.ok) throw new Error(await response.text());
    }
  }, hand);
}

let number = 0;
async function placeQuietly(page, product, quantity, cents, choices = [], how = null) {
  number += 1;
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  const mode = how ?? (number % 2 === 0 ? "take_away" : "eat_in");
  const order = { id, mode, lines: [{ product, quantity, choices }], total_cents: cents * quantity };
  return page.evaluate(async (body) => {
    const { csrf } = document.body.dataset;
    const headers = { "content-type": "application/json", "relais-csrf": csrf };
    const response = await fetch("/api/orders", { method: "POST", headers, body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()).id;
  }, JSON.stringify(order));
}

// The orders of a busy evening, by the ids that the gateway made.
const placed = [];

// A busy evening: orders to be paid, in the kitchen and ready.
async function fillBoards(page) {
  const sauce = [{ group: "sauce", choice: "algerienne" }];
  for (const [product, quantity, cents, choices] of [
    ["le-classique", 1, 1000, sauce], ["bolognaise", 2, 1200], ["le-bacon-lover", 1, 1250, sauce],
    ["le-chicken-run", 3, 1100], ["frites", 2, 350, sauce], ["le-vegetarien", 1, 1200],
    ["cola", 4, 250], ["le-bacon-lover", 2, 1250],
  ]) {
    placed.push(await placeQuietly(page, product, quantity, cents, choices));
  }
  for (const id of placed.slice(0, 6)) await move(page, `/api/orders/${id}/paid`);
}

const web = { who: "customer", at: edge.url };
const kiosk = { who: "kiosk", kiosk: true };
const till = { who: "counter" };
const stove = { who: "kitchen" };
const office = { who: "office", at: edge.url };

export const scenes = [
  // Before the first order.
  { ...till, name: "login", show: goTo("/login?next=/counter") },
  {
    ...till, name: "login-wrong-pin", expected: WRONG_KEY,
    show: async (page) => {
      await page.goto("/login?next=/counter");
      await page.fill("#name", "nobody");
      await page.fill("#pin", "918273");
      await page.click(".form button[type=submit]");
      await page.locator("#pin-error").waitFor();
    },
  },
  { ...till, name: "counter-empty", show: (page) => signIn(page, "counter", "/counter", gateway) },
  { ...stove, name: "kitchen-empty", show: (page) => signIn(page, "kitchen", "/kitchen", gateway) },
  { ...stove, name: "problem-forbidden", expected: FORBIDDEN, show: goTo("/counter") },
  { who: "empty", at: elsewhere.empty, name: "menu-empty", show: goTo("/menu") },
  {
    who: "nowhere", at: elsewhere.nowhere, name: "problem-unknown-venue", expected: NOT_FOUND,
    show: goTo("/"),
  },
  { who: "guide", name: "styleguide", show: goTo("/styleguide") },
  // The kiosk.
  { ...kiosk, name: "kiosk", show: goTo("/kiosk") },
  { ...kiosk, name: "kiosk-menu", show: goTo("/kiosk/menu") },
  {
    ...kiosk, name: "kiosk-compose",
    show: async (page) => {
      await page.goto("/kiosk/menu");
      await page.locator('html[data-ready="menu"]').waitFor();
      await page.click('[data-product="le-montagnard"] .card__open');
    },
  },
  { ...kiosk, name: "kiosk-basket", show: (page) => fill(page, "/kiosk/menu"), adjust: openSheet },
  {
    ...kiosk, name: "kiosk-idle",
    show: async (page) => {
      await page.clock.install();
      await page.goto("/kiosk/menu");
      await page.clock.fastForward(75_000);
      await page.locator("#idle[open]").waitFor();
    },
  },
  {
    ...kiosk, who: "lost kiosk", name: "kiosk-signal-lost", expected: LOST,
    show: async (page) => {
      await fill(page, "/kiosk/menu");
      await loseSignal(page);
    },
  },
  {
    ...kiosk, who: "ordering kiosk", name: "kiosk-order",
    show: async (page) => {
      await orderOne(page, "/kiosk/menu", "eat_in");
      await page.click('[data-idle="more"]');
    },
  },
  { ...kiosk, name: "kiosk-problem", expected: NOT_FOUND, show: goTo("/kiosk/nothing") },
  // The public site.
  { ...web, name: "welcome", show: goTo("/") },
  { ...web, name: "menu", show: goTo("/menu") },
  { ...web, name: "compose", show: openDialog('[data-product="le-montagnard"] .card__open') },
  { ...web, name: "basket", show: (page) => fill(page, "/menu"), adjust: openSheet },
  ...menuScenes,
  {
    who: "member", at: edge.url, name: "basket-delivery", show: fillDelivery, adjust: openSheet,
  },
  {
    who: "member", at: edge.url, name: "order-delivery",
    show: async (page) => {
      await page.evaluate(() => document.querySelector('[data-basket="order"]').click());
      await orderShown(page);
    },
  },
  {
    ...web, name: "order-placed",
    show: async (page) => {
      await page.goto("/menu");
      await pressOrder(page, "take_away");
      await orderShown(page);
    },
  },
  { ...web, name: "welcome-again", show: goTo("/") },
  { ...web, name: "problem-not-found", expected: NOT_FOUND, show: goTo("/nothing-here") },
  { ...web, name: "problem-unknown-order", expected: NOT_FOUND, show: goTo("/orders/unknown") },
  {
    ...web, who: "lost customer", name: "signal-lost", expected: LOST,
    show: async (page) => {
      await fill(page, "/menu");
      await loseSignal(page);
    },
  },
  // A busy evening.
  { ...stove, name: "kitchen-sold-out", show: sellOut },
  {
    ...till, name: "counter",
    show: async (page) => {
      await page.goto("/counter");
      await fillBoards(page);
      await page.goto("/counter");
    },
  },
  {
    ...stove, name: "kitchen",
    show: async (page) => {
      for (const id of placed.slice(0, 3)) await move(page, `/api/orders/${id}/ready`);
      for (const id of placed.slice(3, 5)) await move(page, `/api/orders/${id}/preparing`);
      await page.goto("/kitchen");
    },
  },
  { ...web, name: "board", show: goTo("/board") },
  { ...till, name: "counter-ready", show: goTo("/counter") },
  { ...till, name: "floor", show: goTo("/floor") },
  { ...till, name: "floor-table", show: goTo("/floor/1") },
  {
    ...till, name: "order-without-table",
    show: async (page) => {
      await page.goto("/floor");
      await sayTables(page, "closed");
      const id = await placeQuietly(page, "cola", 1, 250, [], "eat_in");
      await page.goto(`/orders/${id}?kiosk`);
    },
    after: async (page) => {
      // Staff are nobody's customer at a kiosk, and so nobody there at all.
      await page.goto("/floor");
      await sayTables(page, "auto");
    },
  },
  {
    ...kiosk, who: "late kiosk", name: "kiosk-menu-sold-out", show: goTo("/kiosk/menu"),
    adjust: (page) => page.locator('[data-product="le-truffe"]').scrollIntoViewIfNeeded(),
  },
  {
    ...kiosk, who: "changed kiosk", name: "kiosk-changes", expected: CONFLICT,
    show: async (page) => {
      await withoutSocket(page);
      await fill(page, "/kiosk/menu");
      await changePrices(page);
    },
  },
  {
    ...till, name: "order-ready",
    show: (page) => goTo(`/orders/${placed[0]}`)(page),
  },
  { ...till, name: "staff", show: goTo("/staff") },
  { ...till, name: "sync-status", show: goTo("/sync-status") },
  { ...till, name: "outbox", show: goTo("/outbox") },
  { ...till, name: "demo-mails", show: goTo("/demo/mails") },
  {
    who: "owner", at: edge.url, name: "sync-status-edge",
    show: (page) => signIn(page, "counter", "/sync-status", edge),
  },
  {
    ...office, name: "dashboard",
    show: async (page) => {
      await comeAs(page, ["owner"], edge);
      await page.goto("/dashboard");
    },
  },
  { ...office, name: "people", show: goTo("/people") },
  { ...office, name: "history", show: goTo("/history") },
  { ...office, name: "sales", show: goTo("/sales") },
  {
    ...office, name: "person",
    show: async (page) => {
      await page.goto("/people");
      await page.click(".people-card");
      await page.locator("#person-change").waitFor();
    },
  },
  { ...office, name: "privacy-edit", show: goTo("/privacy/edit") },
  { ...office, name: "terms", show: goTo("/settings/ordering") },
  { ...office, name: "devices", show: goTo("/devices") },
  {
    ...office, name: "device",
    show: async (page) => {
      await page.click('.people-card[href="/devices/till-demo"]');
      await page.locator("#device-acts").waitFor();
    },
  },
  ...stationScenes,
  { ...office, name: "login-edge", show: goTo("/login") },
  {
    who: "customer", at: edge.url, name: "account",
    show: (page) => signIn(page, "courier", "/account", edge),
  },
  {
    who: "customer", at: edge.url, name: "account-photo-crop",
    show: async (page) => {
      await page.goto("/account");
      await choosePhoto(page, await halves(page));
    },
    adjust: (page) => page.locator('[data-photo="form"]').scrollIntoViewIfNeeded(),
  },
  {
    who: "customer", at: edge.url, name: "account-photo",
    show: async (page) => {
      await page.click('[data-photo="form"] button[type="submit"]');
      await page.waitForURL(/done=1$/);
      await page.locator('img[src="/account/photo"]').scrollIntoViewIfNeeded();
    },
  },
  { who: "customer", at: edge.url, name: "privacy", show: goTo("/privacy") },
  { who: "customer", at: edge.url, name: "second-factor", show: goTo("/account/second-factor") },
  {
    ...till, name: "staff-link-cut",
    show: async (page) => {
      await site("link down");
      await page.goto("/staff");
      while ((await page.locator('[data-link="down"]').count()) === 0) await page.reload();
    },
  },
  {
    ...till, name: "sync-status-cut",
    show: goTo("/sync-status"),
    after: () => site("link up"),
  },
  {
    ...stove, name: "kitchen-offline", expected: LOST,
    show: async (page) => {
      await page.goto("/kitchen");
      await site("gateway kill");
      await page.locator('[data-board="offline"]').waitFor();
    },
    after: () => site("gateway start"),
  },
];
