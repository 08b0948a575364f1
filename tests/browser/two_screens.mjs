// Several screens at once: what is sold out or dearer elsewhere is told before anything is ordered,
// and two tabs of one customer make one order.

import assert from "node:assert/strict";
import { anotherTab, edge, gateway, journey, KIOSK, PHONE, say, site, WALL } from "./driver.mjs";
import {
  ask, basketLines, chooseMode, compose, orderShown, ordersOnBoard, pressOrder, serverSays,
  showBasket, signIn, withoutSocket,
} from "./gestures.mjs";

const notice = (page) => page.locator("#changes[open]");

async function fillBasket(page, menu) {
  await page.goto(menu);
  await compose(page, "le-cheese-king", ["ketchup"]);
  await compose(page, "le-truffe", ["a-point"]);
}

async function sellOut(kitchen, product) {
  await kitchen.click('[data-board="switches-open"]');
  const button = kitchen.locator(`#switch-button-${product}`);
  await button.click();
  await kitchen.locator(`#switch-button-${product}[aria-checked="false"]`).waitFor();
  await kitchen.click('[data-board="switches-close"]');
}

async function soldOutAtTheKiosk({ kiosk, kitchen, counter }) {
  await fillBasket(kiosk, "/kiosk/menu");
  await chooseMode(kiosk, "eat_in");
  await sellOut(kitchen, "le-truffe");
  // The kiosk hears of it: nobody has to press anything.
  await notice(kiosk).waitFor();
  assert.match(await notice(kiosk).innerText(), /Le Truffe/);
  assert.equal(await ordersOnBoard(counter), 0, "nothing was ordered over the customer's head");
  await kiosk.click('[data-changes="ok"]');
  assert.deepEqual(await basketLines(kiosk), ["Le Cheese King"]);
  assert.match(await kiosk.locator('[data-basket="total"]').innerText(), /11,50/);
  // The dish can be seen to be sold out, and tapping it opens nothing.
  const card = kiosk.locator('[data-product="le-truffe"]');
  assert.match(await card.getAttribute("class"), /card--sold-out/);
  await card.locator(".card__open").click({ force: true });
  await kiosk.locator(".toast--shown").waitFor();
  assert.equal(await kiosk.locator("#compose[open]").count(), 0);
  await kiosk.click('[data-basket="order"]');
  const { id } = await orderShown(kiosk);
  assert.equal(JSON.parse((await ask(kiosk, `/api/orders/${id}`)).text).total_cents, 1150);
}

// The kitchen's word travels over the line to the edge. This customer's phone gets no socket and
// has not heard of it: the order is refused, and the customer told why.
async function soldOutOnThePublicPage({ phone, office }) {
  await serverSays(office, "/api/menu", /"id":"le-truffe"[^{}]*"available":false/);
  await pressOrder(phone);
  await notice(phone).waitFor();
  assert.match(await notice(phone).innerText(), /Le Truffe/);
  await phone.click('[data-changes="ok"]');
  await showBasketIfClosed(phone);
  assert.deepEqual(await basketLines(phone), ["Le Cheese King"]);
  await phone.click('[data-basket="clear"]');
  await phone.click('[data-basket="clear"]');
  const board = await ask(office, "/counter/board");
  assert.doesNotMatch(board.text, /W-\d/, "the customer chose not to order");
}

async function showBasketIfClosed(phone) {
  if ((await phone.locator("#basket-sheet[open]").count()) === 0) await showBasket(phone);
}

async function anotherPrice({ kiosk, counter }) {
  await kiosk.goto("/kiosk");
  await kiosk.click(".welcome__start");
  await compose(kiosk, "le-cheese-king", ["ketchup"]);
  await chooseMode(kiosk, "eat_in");
  await site("price le-cheese-king 1250");
  await notice(kiosk).waitFor();
  await serverSays(counter, "/api/menu", /"id":"le-cheese-king"[^{}]*"price_cents":1250/);
  assert.match(await notice(kiosk).innerText(), /Le Cheese King.*11,50.*12,50/s);
  assert.equal(await ordersOnBoard(counter), 1, "the old order stands alone");
  await kiosk.click('[data-changes="ok"]');
  assert.match(await kiosk.locator('[data-basket="total"]').innerText(), /12,50/);
  await kiosk.click('[data-basket="order"]');
  const { id } = await orderShown(kiosk);
  assert.equal(JSON.parse((await ask(kiosk, `/api/orders/${id}`)).text).total_cents, 1250);
}

async function twoTabs({ phone, office }) {
  const other = await anotherTab("other tab", phone);
  await other.goto("/menu");
  await phone.bringToFront();
  await compose(phone, "frites");
  await chooseMode(phone, "take_away");
  // The other tab shows the same basket without being told to.
  await other.bringToFront();
  await showBasket(other);
  await other.locator(".line__name", { hasText: "Frites" }).waitFor();
  await Promise.all([
    phone.locator('[data-basket="order"]').dispatchEvent("click"),
    other.locator('[data-basket="order"]').dispatchEvent("click"),
  ]);
  await Promise.any([orderShown(phone), orderShown(other)]);
  await serverSays(office, "/counter/board", /W-001/);
  assert.doesNotMatch((await ask(office, "/counter/board")).text, /W-002/);
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const kitchen = await open("kitchen", { at: gateway.url, size: WALL });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  const phone = await open("phone", { at: edge.url, size: PHONE });
  const office = await open("office", { at: edge.url, size: WALL });
  const people = { kiosk, kitchen, counter, phone, office };
  await signIn(kitchen, "kitchen", "/kitchen", gateway);
  await signIn(counter, "counter", "/counter", gateway);
  await signIn(office, "counter", "/counter", edge);
  await withoutSocket(phone);
  await fillBasket(phone, "/menu");

  await soldOutAtTheKiosk(people);
  say("sold out is told at the kiosk");
  await soldOutOnThePublicPage(people);
  say("sold out is told on the public page");
  await anotherPrice(people);
  say("another price is told");
  await twoTabs(people);
  say("two tabs make one order");
});
