// What a member does with an order that they have had: rate it, have it invoiced, order it again to
// an address that they keep; and the venue answers.

import assert from "node:assert/strict";
import { edge, journey, PHONE, WALL } from "./driver.mjs";
import { comeAs, compose, orderShown, pressOrder } from "./gestures.mjs";
import { pictured } from "./pictured.mjs";

async function had(staff, { id }) {
  await staff.goto("/counter");
  await staff.click(`#cash-${id}`);
  await staff.goto("/kitchen");
  await staff.click(`#ready-${id}`);
  await staff.goto("/counter");
  await staff.click(`#collected-${id}`);
  await staff.locator(`#collected-${id}`).waitFor({ state: "detached" });
}

async function rates(member, { id }) {
  await member.goto("/account/orders");
  const order = member.locator(`#order-${id}`);
  await order.locator("summary").first().click();
  await order.locator(".stars__one", { hasText: "4" }).click();
  await order.locator("textarea").fill("Très bon, un peu froid 🌶️");
  await order.locator('form:has([value="rate"]) button').click();
  await member.locator(".banner--success").waitFor();
}

async function hasItInvoiced(member, { id }) {
  const order = member.locator(`#order-${id}`);
  await order.locator("summary").last().click();
  await order.locator('[name="billed"]').fill("SRL Durand, Rue Haute 12, 1000, BE 0123.456.789");
  await order.locator('form:has([value="invoice"]) button').click();
  await member.waitForURL(/\/invoice$/);
  assert.match(await member.locator("h1").innerText(), /W-[0-9A-F]{4}-00001/);
  await pictured(member, "invoice");
}

async function keepsAnAddress(member) {
  await member.goto("/account/addresses");
  await member.fill("#address", "Rue Haute 12, bte 3");
  await member.fill("#postal_code", "1000");
  await member.fill("#phone", "0470 12 34 56");
  await member.click('form:has([value="keep"]) button');
  await member.locator(".own__address").waitFor();
  await pictured(member, "addresses");
}

async function ordersAgain(member, { id }) {
  await member.goto("/account/orders");
  await member.click(`#order-${id} a[href="/menu?again=${id}"]`);
  await member.locator(".line__name").first().waitFor();
  assert.ok(!member.url().includes("again"), "a reload does not do it again");
  await member.locator('[data-basket="order"]').waitFor();
  await member.locator(".modes__item", { has: member.locator('[value="delivery"]') }).click();
  await member.locator('[data-wish="saved-field"]:not([hidden])').waitFor();
  await member.selectOption('[data-wish="saved"]', "0");
  assert.equal(await member.inputValue('[data-wish="address"]'), "Rue Haute 12, bte 3");
}

await journey(async (open) => {
  const member = await open("member", { at: edge.url, size: PHONE, reducedMotion: "reduce" });
  const staff = await open("staff", { at: edge.url, size: WALL, reducedMotion: "reduce" });
  await comeAs(member, ["member"], edge);
  await comeAs(staff, ["counter"], edge);
  await member.goto("/menu");
  await compose(member, "le-cheese-king", ["ketchup"]);
  await pressOrder(member, "take_away");
  const order = await orderShown(member);
  await member.click(".order__keep summary");
  await pictured(member, "order-taken-along");
  await had(staff, order);
  await rates(member, order);
  await staff.goto("/ratings");
  await staff.fill(`#answer-${order.id}`, "Merci ! La prochaine sera bien chaude.");
  await staff.click('form[action^="/ratings/"] button');
  await staff.waitForURL(/\/ratings$/);
  await pictured(staff, "ratings");
  await hasItInvoiced(member, order);
  await member.goto("/account/orders");
  await member.locator(".own__answer", { hasText: "chaude" }).waitFor();
  await pictured(member, "own-orders");
  await keepsAnAddress(member);
  await ordersAgain(member, order);
});
