// One basket becomes at most one order: a double tap, a lost answer, a gateway that was killed.

import assert from "node:assert/strict";
import { gateway, journey, KIOSK, say, site, WALL } from "./driver.mjs";
import { compose, orderShown, ordersOnBoard, pressOrder, chooseMode, signIn } from "./gestures.mjs";

const RETRY = '[data-signal="retry"]';

async function composeOne(kiosk) {
  await kiosk.goto("/kiosk");
  await kiosk.click(".welcome__start");
  await compose(kiosk, "le-cheese-king", ["ketchup"]);
}

async function aDoubleTap({ kiosk, counter }) {
  await composeOne(kiosk);
  await chooseMode(kiosk, "eat_in");
  await kiosk.dblclick('[data-basket="order"]');
  const { ticket } = await orderShown(kiosk);
  assert.equal(ticket, "K1-001");
  assert.equal(await ordersOnBoard(counter), 1);
}

// The order arrives and is kept; its answer never comes back, for the gateway is killed.
async function anAnswerThatIsLost({ kiosk, counter }) {
  await composeOne(kiosk);
  let arrived = null;
  let wanted = null;
  await kiosk.route(/\/api\/orders(\?|$)/, async (route) => {
    const answer = await route.fetch();
    arrived = answer.status();
    wanted = (await answer.json()).id;
    await site("gateway kill");
    await route.abort("connectionreset");
  }, { times: 1 });
  await pressOrder(kiosk);
  await kiosk.locator(RETRY).waitFor();
  assert.equal(arrived, 201, "the first attempt was an order before the gateway died");
  // Nothing answers: the customer's second try fails, and says so.
  await kiosk.click(RETRY);
  await kiosk.waitForFunction(() => {
    const text = document.getElementById("signal-text").textContent;
    return text === JSON.parse(document.getElementById("texts").textContent).texts["offline.still"];
  });
  await site("gateway start");
  await kiosk.click(RETRY);
  const { id, ticket } = await orderShown(kiosk);
  assert.equal(id, wanted);
  assert.equal(ticket, "K1-002", "the order of the first attempt, and no third number");
  await counter.reload();
  assert.equal(await ordersOnBoard(counter), 2);
}

// The gateway is dead before the order reaches it.
async function anOrderThatNeverArrived({ kiosk, counter }) {
  await composeOne(kiosk);
  await site("gateway kill");
  await pressOrder(kiosk);
  await kiosk.locator(RETRY).waitFor();
  await site("gateway start");
  await kiosk.click(RETRY);
  const { ticket } = await orderShown(kiosk);
  assert.equal(ticket, "K1-003");
  await counter.reload();
  assert.equal(await ordersOnBoard(counter), 3);
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  await signIn(counter, "counter", "/counter", gateway);
  await aDoubleTap({ kiosk, counter });
  say("a double tap is one order");
  await anAnswerThatIsLost({ kiosk, counter });
  say("a lost answer and a retry are one order");
  await anOrderThatNeverArrived({ kiosk, counter });
  say("an order that never arrived is made by its retry");
});
