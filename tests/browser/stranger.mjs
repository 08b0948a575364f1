// The stranger's story: order at the kiosk, pay, be called; then with the link cut, and restored.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, PHONE, say, site, WALL } from "./driver.mjs";
import {
  ask, compose, orderShown, orderState, pressOrder, serverSays, signIn, takeMoreTime,
} from "./gestures.mjs";

async function orderACheeseKing(page, mode) {
  await page.click(".welcome__start");
  await compose(page, "le-cheese-king", ["ketchup"]);
  await pressOrder(page, mode);
  return orderShown(page);
}

async function payPrepareAndCall({ kiosk, counter, kitchen }, order) {
  await counter.click(`#cash-${order.id}`);
  const work = kitchen.locator(`#work-${order.id}`);
  await work.waitFor();
  const text = await work.innerText();
  assert.match(text, /Le Cheese King/);
  assert.match(text, /Ketchup/);
  await orderState(kiosk, "paid");
  await kitchen.click(`#ready-${order.id}`);
  await kitchen.locator(`#done-${order.id}`).waitFor();
  await counter.locator(`#hand-${order.id}`).waitFor();
  await orderState(kiosk, "ready");
  await counter.click(`#collected-${order.id}`);
  await orderState(kiosk, "collected");
}

async function orderOnBothSidesOfTheCut({ kiosk, phone, counter }) {
  await site("link down");
  await serverSays(counter, "/staff", /data-link="down"/);
  await kiosk.click('[data-action="new-order"]');
  await kiosk.waitForURL(/\/kiosk\?/);
  const here = await orderACheeseKing(kiosk, "take_away");
  await takeMoreTime(kiosk);
  await phone.goto("/");
  const there = await orderACheeseKing(phone, "eat_in");
  // The cut is real: neither side knows the other's order.
  assert.equal((await ask(phone, `/api/orders/${here.id}`)).status, 404);
  assert.equal((await ask(counter, `/api/orders/${there.id}`)).status, 404);
  await kiosk.locator('[data-safe="here"]').waitFor();
  return { here, there };
}

async function meet({ kiosk, phone, counter, office }, { here, there }) {
  await site("link up");
  const restored = Date.now();
  await Promise.all([
    counter.locator(`#pay-${there.id}`).waitFor(),
    office.locator(`#pay-${here.id}`).waitFor(),
    kiosk.locator('[data-safe="cloud"]').waitFor(),
  ]);
  say(`both orders are on both sides after ${Date.now() - restored} ms`);
  // What the counter takes for the order of the web is seen on the customer's phone.
  await counter.click(`#terminal-${there.id}`);
  await orderState(phone, "paid");
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  const kitchen = await open("kitchen", { at: gateway.url, size: WALL });
  const phone = await open("phone", { at: edge.url, size: PHONE });
  const office = await open("office", { at: edge.url, size: WALL });
  const people = { kiosk, counter, kitchen, phone, office };
  await signIn(counter, "counter", "/counter", gateway);
  await signIn(kitchen, "kitchen", "/kitchen", gateway);
  await signIn(office, "counter", "/counter", edge);

  await kiosk.goto("/kiosk");
  const first = await orderACheeseKing(kiosk, "eat_in");
  assert.equal(first.ticket, "K1-001");
  await takeMoreTime(kiosk);
  say("ordered at the kiosk");
  await payPrepareAndCall(people, first);
  say("paid, prepared, called and handed over");
  const orders = await orderOnBothSidesOfTheCut(people);
  assert.deepEqual([orders.here.ticket, orders.there.ticket], ["K1-002", "W-001"]);
  say("ordered on both sides of the cut");
  await meet(people, orders);
});
