// What happens elsewhere shows at once: boards hear of it on their socket, and again after the
// socket was lost. The timers of the board that is watched stand still, so that it never asks by
// itself: only a word from the server makes it look.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, PHONE, say, site, WALL } from "./driver.mjs";
import {
  compose, orderShown, pressOrder, serverSays, signIn, takeMoreTime, withoutSocket,
} from "./gestures.mjs";

// Longer than a word and a look take, and far shorter than a page's patience.
const AT_ONCE_MS = 5_000;

async function orderAt(page, menu) {
  await page.goto(menu);
  await compose(page, "le-cheese-king", ["ketchup"]);
  await pressOrder(page);
  return orderShown(page);
}

// Opens a board whose timers stand still from the moment at which it asks for its socket.
async function openFrozen(board, role, path) {
  await board.clock.install();
  const opened = board.waitForEvent("websocket");
  await signIn(board, role, path, gateway);
  const socket = await opened;
  assert.equal(new URL(socket.url()).pathname, "/live");
  await freeze(board);
}

async function freeze(board) {
  await board.clock.pauseAt(await board.evaluate(() => Date.now() + 1000));
}

async function throughTheSocket({ kiosk, counter, kitchen }) {
  const order = await orderAt(kiosk, "/kiosk/menu");
  await takeMoreTime(kiosk);
  await counter.locator(`#pay-${order.id}`).waitFor({ timeout: AT_ONCE_MS });
  await counter.click(`#cash-${order.id}`);
  await kitchen.locator(`#work-${order.id}`).waitFor({ timeout: AT_ONCE_MS });
}

// The whole way: a phone at the public edge, the uplink's socket, the gateway, the board's socket.
async function fromThePublicPage({ phone, counter }) {
  const order = await orderAt(phone, "/menu");
  await counter.locator(`#pay-${order.id}`).waitFor({ timeout: AT_ONCE_MS });
}

async function afterTheSocketWasLost({ kiosk, counter, kitchen }) {
  const lost = [kitchen, counter].map((board) => board.sockets.at(-1).waitForEvent("close"));
  await site("gateway kill");
  await Promise.all(lost);
  await site("gateway start");
  const back = [kitchen, counter].map((board) => board.waitForEvent("websocket"));
  for (const board of [kitchen, counter]) await board.clock.resume();
  await Promise.all(back);
  for (const board of [kitchen, counter]) await freeze(board);
  await throughTheSocket({ kiosk, counter, kitchen });
}

// A screen that gets no socket asks by itself.
async function withoutASocket({ deaf, kiosk, counter }) {
  await withoutSocket(deaf);
  await signIn(deaf, "counter", "/counter", gateway);
  const order = await orderAt(kiosk, "/kiosk/menu");
  await takeMoreTime(kiosk);
  await deaf.locator(`#pay-${order.id}`).waitFor();
  await counter.locator(`#pay-${order.id}`).waitFor({ timeout: AT_ONCE_MS });
}

function keepSockets(page) {
  page.sockets = [];
  page.on("websocket", (socket) => page.sockets.push(socket));
  return page;
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const kitchen = keepSockets(await open("kitchen", { at: gateway.url, size: WALL }));
  const counter = keepSockets(await open("counter", { at: gateway.url, size: WALL }));
  const phone = await open("phone", { at: edge.url, size: PHONE });
  const deaf = await open("deaf", { at: gateway.url, size: WALL });
  const people = { kiosk, kitchen, counter, phone, deaf };
  await openFrozen(kitchen, "kitchen", "/kitchen");
  await openFrozen(counter, "counter", "/counter");
  await serverSays(counter, "/staff", /data-link="up"/);

  await throughTheSocket(people);
  say("an order shows at once");
  await fromThePublicPage(people);
  say("an order from the public page shows at once");
  await afterTheSocketWasLost(people);
  say("an order shows at once after the socket was lost");
  await withoutASocket(people);
  say("a screen without a socket shows it too");
});
