// A reload keeps the basket of the web; a member has it brought, by the server's price; an idle kiosk
// forgets everything of its customer.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, PHONE, say } from "./driver.mjs";
import {
  basketLines, chooseMode, comeAs, compose, orderShown, pressOrder, showBasket,
} from "./gestures.mjs";

const IDLE_MS = 75_000;
const WARNING_MS = 25_000;

const stored = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("relais.basket")));

async function aReloadKeepsTheBasket(phone) {
  await phone.goto("/menu");
  await compose(phone, "le-cheese-king", ["ketchup"]);
  await compose(phone, "le-truffe", ["a-point"]);
  await chooseMode(phone, "take_away");
  const before = await stored(phone);
  assert.equal(before.lines.length, 2, "this browser keeps it, and not this tab alone");
  // In the middle of composing a third dish.
  await phone.click('[data-basket="close"]');
  await phone.locator('html[data-ready="menu"]').waitFor();
  await phone.click('[data-product="yakisoba"] .card__open');
  await phone.locator("#compose[open]").waitFor();
  await phone.reload();
  await showBasket(phone);
  assert.deepEqual(await basketLines(phone), ["Le Cheese King", "Le Truffe"]);
  assert.deepEqual(await stored(phone), before, "the id and the mode are the same");
  assert.match(await phone.locator('[data-basket="total"]').innerText(), /27,00/);
  assert.ok(await phone.locator('.modes__item [value="take_away"]').isChecked());
}

const totalShown = (page, pattern) =>
  page.locator('[data-basket="total"]', { hasText: pattern }).waitFor();

async function aMemberHasItBrought(member) {
  await comeAs(member, ["member"], edge);
  await member.goto("/menu");
  await compose(member, "le-cheese-king", ["ketchup"]);
  await chooseMode(member, "delivery");
  await member.click('[data-basket="order"]');
  const error = member.locator('[data-basket="error"]');
  assert.match(await error.innerText(), /adresse/, "nothing is sent without one");
  await member.fill('[data-wish="address"]', "Rue Haute 12, bte 3");
  await member.fill('[data-wish="phone"]', "0470 12 34 56");
  await member.fill('[data-wish="postal_code"]', "9999");
  await member.locator('[data-basket="error"]', { hasText: "code postal" }).waitFor();
  await member.fill('[data-wish="postal_code"]', "1000");
  await member.locator('[data-basket="error"]', { hasText: "15,00" }).waitFor();
  await member.click('[data-do="more"]');
  await totalShown(member, "28,00");
  await member.click('[data-wish="extras"] summary');
  await member.fill('[data-wish="note"]', "Sans oignon 🌶️");
  await member.fill('[data-wish="code"]', "bienvenue10");
  await member.click('[data-wish="apply"]');
  await totalShown(member, "25,70");
  const kept = await member.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes("Haute"), "where somebody lives is in no storage of the browser");
  await member.click('[data-basket="order"]');
  await orderShown(member);
  const paper = await member.locator(".order__paper").innerText();
  for (const part of ["BIENVENUE10", "5,00", "25,70", "Sans oignon", "21"]) {
    assert.ok(paper.includes(part), `${part}: ${paper}`);
  }
  assert.ok(!paper.includes("Haute"));
}

async function aStrangerIsToldToSignIn(stranger) {
  await stranger.goto("/menu");
  await compose(stranger, "le-cheese-king", ["ketchup"]);
  await chooseMode(stranger, "delivery");
  await stranger.locator('[data-wish="delivery"] a[href^="/login"]').waitFor();
  await stranger.click('[data-basket="order"]');
  assert.match(await stranger.locator('[data-basket="error"]').innerText(), /connectez-vous/i);
}

async function nothingIsLeft(kiosk) {
  await kiosk.waitForURL(/\/kiosk\?lang=fr&comfort=0$/);
  await kiosk.locator(".welcome__start").waitFor();
  const left = await kiosk.evaluate(() => ({ ...localStorage, ...sessionStorage }));
  assert.deepEqual(left, {});
  assert.equal(await kiosk.locator("html").getAttribute("lang"), "fr");
  await kiosk.click(".welcome__start");
  await kiosk.locator('[data-basket="empty"]').waitFor();
  assert.deepEqual(await basketLines(kiosk), []);
  assert.equal(await kiosk.locator(".modes input:checked").count(), 0);
}

async function anIdleKioskForgets(kiosk) {
  await kiosk.goto("/kiosk?lang=nl");
  await kiosk.click(".welcome__start");
  await compose(kiosk, "le-cheese-king", ["ketchup"]);
  await chooseMode(kiosk, "eat_in");
  await kiosk.clock.fastForward(IDLE_MS);
  await kiosk.locator("#idle[open]").waitFor();
  // Somebody is there after all, and takes more time; the basket is as it was.
  await kiosk.click('[data-idle="stay"]');
  await kiosk.locator("#idle:not([open])").waitFor({ state: "attached" });
  assert.deepEqual(await basketLines(kiosk), ["Le Cheese King"]);
  await kiosk.clock.fastForward(IDLE_MS);
  await kiosk.locator("#idle[open]").waitFor();
  await kiosk.clock.runFor(WARNING_MS);
  await nothingIsLeft(kiosk);
}

async function anAbandonedOrderPageReturns(kiosk) {
  await compose(kiosk, "le-truffe", ["a-point"]);
  await pressOrder(kiosk);
  const { ticket } = await orderShown(kiosk);
  await kiosk.clock.runFor(30_000);
  await nothingIsLeft(kiosk);
  await kiosk.goBack();
  assert.doesNotMatch(await kiosk.content(), new RegExp(ticket), "there is no way back to the order");
}

await journey(async (open) => {
  const phone = await open("phone", { at: edge.url, size: PHONE });
  await aReloadKeepsTheBasket(phone);
  say("the basket outlives a reload");
  await aMemberHasItBrought(await open("member", { at: edge.url, size: PHONE }));
  say("a member has it brought");
  await aStrangerIsToldToSignIn(await open("stranger", { at: edge.url, size: PHONE }));
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  await kiosk.clock.install();
  await anIdleKioskForgets(kiosk);
  say("the idle kiosk forgot its customer");
  await anAbandonedOrderPageReturns(kiosk);
  say("the order's page returned to the start by itself");
});
