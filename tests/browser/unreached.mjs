// A phone that was at the menu once reads it while nothing answers, with its basket; any other page
// says so and opens by itself; nothing personal is kept, and the order is made once.

import assert from "node:assert/strict";
import { gateway, journey, PHONE, pictures, say, site, SIZES } from "./driver.mjs";
import { inspect, settle } from "./inspection.mjs";
import { basketLines, comeAs, compose, orderShown, pressOrder, showBasket } from "./gestures.mjs";

const LOST = [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_FAILED/,
  /Failed to fetch/];

const kept = (page) => page.evaluate(async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) {
      found.push(new URL(request.url).pathname);
    }
  }
  return found;
});

async function picture(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await settle(page);
    assert.deepEqual(await inspect(page, { expected: LOST }), [], `${name} at ${size}`);
    await page.screenshot({ path: `${pictures}/${size}/${name}.png`, animations: "disabled" });
  }
  await page.setViewportSize(PHONE);
}

async function whatIsKeptIsNobodys(phone) {
  await comeAs(phone, ["member"], gateway);
  await phone.goto("/");
  await phone.evaluate(() => navigator.serviceWorker.ready);
  for (const path of ["/account", "/account/orders", "/menu"]) await phone.goto(path);
  await phone.locator('html[data-ready="menu"]').waitFor();
  const paths = await kept(phone);
  const others = paths.filter((path) => !/^\/(static|pictures)\//.test(path));
  assert.deepEqual(others.sort(), ["/menu", "/offline"]);
  assert.ok(paths.includes("/static/js/menu.js") && paths.includes("/static/css/base.css"));
}

async function aPhoneReadsOn(phone) {
  await compose(phone, "le-cheese-king", ["ketchup"]);
  await site("gateway kill");
  await phone.reload();
  await phone.locator('html[data-ready="menu"]').waitFor();
  await phone.locator("#unreached:not([hidden])").waitFor();
  await picture(phone, "menu-unreached");
  await compose(phone, "le-truffe", ["a-point"]);
  await phone.goto("/account");
  await phone.locator(".page-offline").waitFor();
  assert.match(await phone.locator("#offline-basket").innerText(), /2/);
  await picture(phone, "offline");
}

async function thePageOpensByItself(phone) {
  await site("gateway start");
  await phone.locator("body:not(.page-offline) #main").waitFor();
  assert.match(phone.url(), /\/account$/);
  await phone.goto("/menu");
  await showBasket(phone);
  assert.deepEqual(await basketLines(phone), ["Le Cheese King", "Le Truffe"]);
  await phone.click('[data-basket="close"]');
  await pressOrder(phone, "take_away");
  await orderShown(phone);
  const order = new URL(phone.url()).pathname;
  assert.ok(!(await kept(phone)).includes(order), "nobody's order is kept");
}

async function anotherVersionTakesItsPlace(phone) {
  const before = await phone.evaluate(() => caches.keys());
  assert.equal(before.length, 1);
  await phone.evaluate(async () => {
    await caches.open("relais-of-another-version");
    await (await navigator.serviceWorker.ready).unregister();
  });
  await phone.goto("/menu");
  await phone.evaluate(() => navigator.serviceWorker.ready);
  await phone.waitForFunction(async () => (await caches.keys()).length === 1);
  assert.deepEqual(await phone.evaluate(() => caches.keys()), before);
}

await journey(async (open) => {
  const phone = await open("phone", { at: gateway.url, size: PHONE });
  await whatIsKeptIsNobodys(phone);
  say("what is kept is nobody's");
  await aPhoneReadsOn(phone);
  say("the phone reads on");
  await thePageOpensByItself(phone);
  say("the page opened by itself, and the order was made");
  await anotherVersionTakesItsPlace(phone);
  say("another version's files are gone");
});
