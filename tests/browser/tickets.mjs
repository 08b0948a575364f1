// Guests eat in at the tables that they are given, and show the code of their ticket: the counter
// knows who came and who has what, once each, with the line cut and a reload in the middle.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, PHONE, say, site, WALL } from "./driver.mjs";
import {
  ask, compose, orderShown, orderState, pressOrder, serverSays, signIn,
} from "./gestures.mjs";
import { pictured } from "./pictured.mjs";

const REFUSED = [/^(4\d\d) /, /status of 4\d\d/];

async function orders(page, path) {
  await page.goto(path);
  await compose(page, "le-cheese-king", ["ketchup"]);
  await pressOrder(page, "eat_in");
  const order = await orderShown(page);
  const code = await page.locator("#order-code").getAttribute("data-code");
  return { ...order, code };
}

async function tableOf(page) {
  await page.locator('#main[data-table="assigned"]').waitFor();
  return Number((await page.locator(".order-table__title").innerText()).match(/\d+/)[0]);
}

// What is paid is not hidden behind the code.
async function isReadable(page) {
  const [code, total] = await Promise.all(["#order-code", ".order__total"].map((one) =>
    page.locator(one).boundingBox()));
  const apart = code.y >= total.y + total.height || code.x >= total.x + total.width;
  assert.ok(apart, JSON.stringify({ code, total }));
}

async function shows(counter, code) {
  await counter.goto("/counter/scan");
  await counter.fill("#code", code);
  await counter.click("#scan button[type=submit]");
}

async function opens(counter, order) {
  await shows(counter, order.code);
  await counter.waitForURL(new RegExp(`/counter/orders/${order.id}`));
}

async function does(counter, what) {
  await counter.click(`button[name="do"][value="${what}"]`);
  await counter.locator(".banner--success").waitFor();
}

async function isRefused(counter, code, why) {
  await shows(counter, code);
  assert.match(await counter.locator("#scan-error").innerText(), why);
  counter.troubles.length = 0;
}

async function seats(kiosk, phone) {
  const first = await orders(kiosk, "/kiosk/menu");
  const table = await tableOf(kiosk);
  await kiosk.reload();
  assert.equal(await tableOf(kiosk), table, "a reload changes nobody's table");
  await isReadable(kiosk);
  await pictured(kiosk, "order-seated");
  const wished = await orders(phone, "/menu?table=6");
  assert.equal(await tableOf(phone), 6, "the table on which they found the menu");
  say(`tables ${table} and 6 are given`);
  return { first, wished };
}

async function handsOver(counter, kitchen, phone, order) {
  await opens(counter, order);
  await pictured(counter, "counter-order");
  await does(counter, "validated");
  assert.equal(await counter.locator('button[value="validated"]').count(), 0, "they came once");
  await does(counter, "cash");
  await orderState(phone, "paid");
  await kitchen.click(`#ready-${order.id}`);
  await orderState(phone, "ready");
  await phone.reload();
  await opens(counter, order);
  await does(counter, "collected");
  await orderState(phone, "collected");
  await opens(counter, order);
  assert.equal(await counter.locator('button[value="collected"]').count(), 0, "handed over once");
  await pictured(counter, "counter-order-done");
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const phone = await open("phone", { at: gateway.url, size: PHONE });
  const abroad = await open("abroad", { at: edge.url, size: PHONE });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  const kitchen = await open("kitchen", { at: gateway.url, size: WALL });
  await signIn(counter, "counter", "/counter/scan", gateway);
  await signIn(kitchen, "kitchen", "/kitchen", gateway);
  const { first, wished } = await seats(kiosk, phone);

  await site("link down");
  await serverSays(counter, "/staff", /data-link="down"/);
  const cut = await orders(kiosk, "/kiosk/menu");
  const tables = [await tableOf(kiosk)];
  await opens(counter, first);
  say(`with the line cut table ${tables} is given, and a code opens its order`);
  await opens(counter, wished);
  await handsOver(counter, kitchen, phone, wished);
  say("a ticket is validated, and later handed over, once each");

  // Nobody gets anything for a code that is not of here, or of an order that is not here yet.
  const other = cut.code.at(-6) === "7" ? "8" : "7";
  const bent = `${cut.code.slice(0, -6)}${other}${cut.code.slice(-5)}`;
  await isRefused(counter, bent, /./);
  await isRefused(counter, `${cut.code}${cut.code}`.slice(0, 2_000), /./);
  const there = await orders(abroad, "/menu");
  await shows(counter, there.code);
  await pictured(counter, "scan-refused", REFUSED);
  await isRefused(counter, there.code, /pas encore arrivée/);
  say("bent codes and orders that have not arrived are refused");

  await site("link up");
  await serverSays(counter, `/api/orders/${there.id}`, /^200 /);
  await opens(counter, there);
  // Their page is drawn anew with its table: whoever asks in it before that is cut off.
  await abroad.locator('#main[data-table="assigned"]').waitFor();
  await serverSays(abroad, `/api/orders/${wished.id}`, /"collected"/);
  const { text } = await ask(abroad, `/api/orders/${there.id}`);
  assert.match(text, /"table"/);
  const theirs = await tableOf(abroad);
  assert.ok(![...tables, 6].includes(theirs), "nobody else's table");
  say(`what was ordered far away has table ${theirs} once the line is back`);
});
