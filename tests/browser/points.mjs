// A member pays whole orders with points: at home, and on site with the line cut, as far as the
// venue holds points of theirs; nothing is paid twice.

import assert from "node:assert/strict";
import { edge, gateway, journey, lan, people, PHONE, say, site, WALL } from "./driver.mjs";
import {
  ask, comeAs, compose, orderShown, orderState, pressOrder, serverSays, signIn,
} from "./gestures.mjs";
import { pictured } from "./pictured.mjs";

const PRICE = 1_150;
const EARNED = 115;
const member = people.find((one) => one.email === "member@demo.example");

async function comesToTheSite(page) {
  await page.goto("/login?next=/account/points");
  await page.click("#hand-over");
  await page.waitForURL((url) => url.origin === edge.url && url.pathname === "/login");
  await page.fill("#email", member.email);
  await page.fill("#password", member.password);
  await page.click(".form:has(#password) button[type=submit]");
  await page.waitForURL(`${lan.url}/account/points`);
}

// Reads what somebody has: a number that pages and scripts share.
async function balance(page) {
  const { status, text } = await ask(page, "/api/account/points");
  assert.equal(status, 200, text);
  return JSON.parse(text).balance;
}

async function idOf(page) {
  return JSON.parse((await ask(page, "/account/export")).text).person;
}

async function isGiven(manager, person, points) {
  const said = await manager.evaluate(async ([path, body]) => {
    const csrf = { "relais-csrf": document.body.dataset.csrf };
    const headers = { "content-type": "application/json", ...csrf };
    const response = await fetch(path, { method: "POST", headers, body });
    return `${response.status} ${await response.text()}`;
  }, [`/api/members/${person}/points`, JSON.stringify({ points, reason: "goodwill" })]);
  assert.match(said, /^200 /);
}

async function orders(page) {
  await page.goto("/menu");
  await compose(page, "le-cheese-king", ["ketchup"]);
  const earns = await page.locator('[data-basket="earns"]').textContent();
  assert.match(earns, new RegExp(`\\b${EARNED}\\b`), "the basket says what it will earn");
  await pressOrder(page, "take_away");
  return orderShown(page);
}

const offer = ".order__points button";

await journey(async (open) => {
  const phone = await open("phone", { at: lan.url, size: PHONE });
  const home = await open("home", { at: edge.url, size: PHONE });
  const manager = await open("manager", { at: edge.url, size: WALL });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  await signIn(counter, "counter", "/counter", gateway);
  await comesToTheSite(phone);
  await comeAs(manager, ["manager"], edge);
  await manager.goto("/staff");
  await home.goto("/login?next=/account/points");
  await home.fill("#email", member.email);
  await home.fill("#password", member.password);
  await home.click(".form:has(#password) button[type=submit]");
  await home.waitForURL(/\/account\/points$/);
  const before = await balance(home);
  await isGiven(manager, await idOf(home), 3_000);
  assert.equal(await balance(home), before + 3_000);
  await home.reload();
  await pictured(home, "points");
  await home.goto("/account/card");
  const standing = await home.locator(".member-card__standing strong").textContent();
  assert.equal(Number(standing.replace(/\D/g, "")), before + 3_000, "the card says it as well");
  await pictured(home, "card");

  const first = await orders(home);
  await pictured(home, "order-points-offered");
  await home.dblclick(offer);
  await orderState(home, "paid");
  await home.reload();
  await orderState(home, "paid");
  assert.equal(await balance(home), before + 3_000 - PRICE, "it was paid once");
  say(`${first.ticket} is paid with points at home, once`);

  // Whoever was a guest on site lately may pay with points there, also without the line.
  const guest = await orders(phone);
  await counter.goto("/counter");
  await counter.click(`#cash-${guest.id}`);
  const left = before + 3_000 - PRICE + EARNED;
  await serverSays(phone, "/api/account/points", new RegExp(`"usable":${left}\\b`));
  await site("link down");
  const second = await orders(phone);
  await phone.dblclick(offer);
  await orderState(phone, "paid");
  await phone.reload();
  await orderState(phone, "paid");
  say(`${second.ticket} is paid on site with the line cut`);
  await orders(phone);
  assert.equal(await phone.locator(offer).count(), 0, "there are not enough points left");
  await phone.locator(".order__points-left").first().waitFor();
  await pictured(phone, "order-points-missing");
  // What the venue holds is not spent at home meanwhile.
  await orders(home);
  assert.equal(await home.locator(offer).count(), 0, "the points are on site");
  await site("link up");
  await serverSays(home, "/api/account/points", new RegExp(`"balance":${left - PRICE}\\b`));
  await phone.goto("/account/points");
  await serverSays(phone, "/api/account/points", new RegExp(`"balance":${left - PRICE}\\b`));
  say("both sides say the same");
});
