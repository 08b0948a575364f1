// A member has it brought: paid, cooked, taken along and handed over, seen on a map by them alone,
// with the line cut and a reload in the middle; a courier whom a demo makes up says so.

import assert from "node:assert/strict";
import { edge, gateway, journey, PHONE, say, site, WALL } from "./driver.mjs";
import { ask, chooseMode, comeAs, compose, orderShown, orderState, serverSays } from "./gestures.mjs";
import { pictured } from "./pictured.mjs";

// A phone gives its place on secure sites only, and here that is the edge's own machine.
const home = { url: edge.url.replace("chakri.be", "127.0.0.1") };
const ON_THE_WAY = { latitude: 50.8441, longitude: 4.3561 };

async function orders(member) {
  await member.goto("/menu");
  await compose(member, "le-cheese-king", ["ketchup"]);
  await chooseMode(member, "delivery");
  await member.click('[data-do="more"]');
  const contact = { address: "Rue Haute 12, bte 3", phone: "0470 12 34 56", postal_code: "1000" };
  for (const [name, value] of Object.entries(contact)) await member.fill(`[data-wish="${name}"]`, value);
  await member.locator('[data-basket="total"]', { hasText: "28,00" }).waitFor();
  await member.click('[data-basket="order"]');
  return orderShown(member);
}

async function paidAndCooked(staff, member, { id }) {
  await staff.goto("/counter");
  await staff.click(`#cash-${id}`);
  await orderState(member, "paid");
  await staff.goto("/kitchen");
  await staff.click(`#ready-${id}`);
  await orderState(member, "ready");
}

const pin = (page, name) => page.locator(`.way-pin--${name}`);
const told = (page, pattern) =>
  page.locator('[data-way-part="told"]', { hasText: pattern }).waitFor();

async function walks(member, courier, order) {
  await courier.goto("/deliveries");
  await courier.locator(`#ready-${order.id}`).waitFor();
  await pictured(courier, "deliveries-ready");
  await courier.click(`#leave-${order.id}`);
  await courier.locator(`#left-${order.id}[data-own]`).waitFor();
  await orderState(member, "on_its_way");
  await told(member, "ne partage pas");
  assert.equal(await pin(member, "courier").count(), 0);
  await courier.click('[data-share="toggle"]');
  await courier.locator('[data-share="told"]', { hasText: "partagée" }).waitFor();
  await pin(member, "courier").waitFor();
  await told(member, "Position");
  await pictured(courier, "deliveries-left");
  await member.reload();
  await pin(member, "courier").waitFor();
  assert.equal(await member.locator("[data-drawn=grid] .way-line").count(), 2, "a way on a grid");
  assert.ok(!(await member.locator('[data-way-part="simulation"]').isVisible()));
  await pictured(member, "order-on-its-way");
}

async function handsOver(member, courier, order) {
  await courier.goto(`/deliveries/${order.id}`);
  await courier.click('.ride__form button[type="submit"]');
  await courier.locator('[role="alert"]').waitFor();
  courier.troubles.length = 0;
  await courier.fill("#name", "Madame Durand");
  await pictured(courier, "delivery-door");
  await courier.click('.ride__form button[type="submit"]');
  await courier.waitForURL(/\/deliveries$/);
  await orderState(member, "delivered");
  await told(member, "arrivé");
  assert.equal(await pin(member, "courier").count(), 0, "nobody is looked for any more");
  await pictured(member, "order-delivered");
}

await journey(async (open) => {
  const member = await open("member", { at: edge.url, size: PHONE, reducedMotion: "reduce" });
  const staff = await open("staff", { at: edge.url, size: WALL });
  const courier = await open("courier", {
    at: home.url, size: PHONE, reducedMotion: "reduce",
    geolocation: ON_THE_WAY, permissions: ["geolocation"],
  });
  const stranger = await open("stranger", { at: edge.url, size: PHONE });
  const site_ = await open("site", { at: gateway.url, size: WALL });
  await comeAs(member, ["member"], edge);
  await comeAs(staff, ["counter"], edge);
  await comeAs(courier, ["courier"], home);
  const order = await orders(member);
  await pin(member, "restaurant").waitFor();
  await pin(member, "address").waitFor();
  const text = await member.locator(".order__call").innerText();
  assert.ok(!/comptoir/.test(text), text);
  await paidAndCooked(staff, member, order);
  await site_.goto("/");
  await serverSays(site_, `/api/orders/${order.id}`, /"ready"/);
  await site("link down");
  say("the line is cut");
  await walks(member, courier, order);
  await stranger.goto(`/orders/${order.id}`);
  assert.equal(await stranger.locator("[data-way]").count(), 0, "the link alone shows no way");
  assert.equal((await ask(stranger, `/api/orders/${order.id}/way`)).status, 404);
  stranger.troubles.length = 0;
  await handsOver(member, courier, order);
  await site("link up");
  await serverSays(site_, `/api/orders/${order.id}`, /"delivered"/);
  say("the hand-over is known on site");

  const second = await orders(member);
  await paidAndCooked(staff, member, second);
  await courier.goto("/deliveries");
  await courier.click(`#leave-${second.id}`);
  await courier.click(`#simulate-${second.id}`);
  await pin(member, "courier").waitFor();
  await member.locator('[data-way-part="simulation"]').waitFor();
  await pictured(member, "order-simulated");
});
