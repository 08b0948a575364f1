// A kiosk lets nobody out, keeps a basket while the gateway is away and comes back, and leaves
// nothing of a customer to the next one. A closed venue's kiosk sleeps until it is touched.

import assert from "node:assert/strict";
import { gateway, journey, KIOSK, say, site, WALL } from "./driver.mjs";
import {
  basketLines, chooseMode, comeAs, compose, orderShown, ordersOnBoard, pressOrder, signIn,
} from "./gestures.mjs";

const COOKIES_KEPT = ["lang", "relais_form"];

// Whether the page kept the browser from doing what it does by itself.
const isPrevented = (page, kind, options = {}) =>
  page.evaluate(([name, given]) => {
    const event = new Event(name, { bubbles: true, cancelable: true });
    Object.assign(event, given);
    return !document.body.dispatchEvent(event);
  }, [kind, options]);

async function nobodyGetsOut(kiosk) {
  for (const path of ["/kiosk", "/kiosk/menu"]) {
    await kiosk.goto(path);
    await kiosk.locator(path === "/kiosk" ? ".welcome__start" : 'html[data-ready="menu"]').waitFor();
    for (const kind of ["contextmenu", "dragstart", "auxclick", "gesturestart"]) {
      assert.ok(await isPrevented(kiosk, kind), `${kind} at ${path}`);
    }
    assert.ok(await isPrevented(kiosk, "wheel", { ctrlKey: true }), `zoom at ${path}`);
    assert.ok(!(await isPrevented(kiosk, "wheel")), "fingers and wheels still scroll");
    const touch = await kiosk.evaluate(() => getComputedStyle(document.body).touchAction);
    assert.equal(touch, "pan-x pan-y");
    const outward = await kiosk.locator('a[href^="http"], a[target]').count();
    assert.equal(outward, 0, `nothing leads away from ${path}`);
  }
  // Even where something did.
  await kiosk.evaluate(() => {
    const link = document.createElement("a");
    [link.href, link.target, link.id] = ["https://elsewhere.example/", "_blank", "away"];
    document.body.append(link);
    link.click();
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true }));
  });
  assert.equal(kiosk.context().pages().length, 1);
  assert.match(kiosk.url(), /\/kiosk\/menu$/);
}

async function aBasketOutlivesTheGateway({ kiosk, counter }) {
  await kiosk.goto("/kiosk");
  await kiosk.click(".welcome__start");
  await compose(kiosk, "le-cheese-king", ["ketchup"]);
  await site("gateway kill");
  // Composing goes on; whatever leaves the page says that nothing answers, and waits.
  await compose(kiosk, "le-truffe", ["a-point"]);
  await chooseMode(kiosk, "eat_in");
  await kiosk.click('.languages__item[lang="nl"]');
  await kiosk.locator("#signal[open]").waitFor();
  await site("gateway start");
  await kiosk.waitForURL(/lang=nl/);
  await kiosk.locator('html[lang="nl"][data-ready="menu"]').waitFor();
  assert.deepEqual(await basketLines(kiosk), ["Le Cheese King", "Le Truffe"]);
  await pressOrder(kiosk);
  await orderShown(kiosk);
  await counter.reload();
  assert.equal(await ordersOnBoard(counter), 1);
}

async function nothingIsLeftOfACustomer(kiosk) {
  const order = kiosk.url();
  await kiosk.click('[data-action="new-order"]');
  await kiosk.waitForURL(/\/kiosk\?lang=fr/);
  await kiosk.locator(".welcome__start").waitFor();
  const left = await kiosk.evaluate(async () => ({
    stored: { ...localStorage, ...sessionStorage },
    caches: await (globalThis.caches?.keys() ?? []),
    workers: ((await navigator.serviceWorker?.getRegistrations()) ?? []).length,
    comfort: document.body.classList.contains("comfort"),
  }));
  assert.deepEqual(left, { stored: {}, caches: [], workers: 0, comfort: false });
  const cookies = (await kiosk.context().cookies()).map((cookie) => cookie.name);
  assert.deepEqual(cookies.filter((name) => !COOKIES_KEPT.includes(name)), []);
  // However often somebody goes back, nobody's order or basket is there.
  for (let step = 0; step < 4; step += 1) {
    await kiosk.goBack({ waitUntil: "load" }).catch(() => null);
    assert.notEqual(kiosk.url(), order);
    if (kiosk.url() === "about:blank") break;
    const words = await kiosk.evaluate(() => sessionStorage.getItem("relais.basket"));
    assert.deepEqual(JSON.parse(words)?.lines ?? [], []);
  }
}

async function largeLettersGoWithTheirCustomer(kiosk) {
  await kiosk.goto("/kiosk");
  await kiosk.click('.welcome__more a[href*="comfort=1"]');
  await kiosk.locator("body.comfort").waitFor();
  await kiosk.click(".welcome__start");
  await kiosk.locator('body.comfort, html[data-ready="menu"]').first().waitFor();
  await compose(kiosk, "le-truffe", ["a-point"]);
  await pressOrder(kiosk, "take_away");
  await orderShown(kiosk);
  assert.ok(await kiosk.evaluate(() => document.body.classList.contains("comfort")));
  await kiosk.click('[data-action="new-order"]');
  await kiosk.waitForURL(/\/kiosk\?lang=fr/);
  await kiosk.locator("body:not(.comfort) .welcome__start").waitFor();
}

// Open on one day of the week, and neither today nor tomorrow.
const later = () => [{ days: [((new Date().getDay() + 2) % 7) + 1], from_minute: 690, until_minute: 870 }];

async function sayOpening(office, opening) {
  const status = await office.evaluate(async (wanted) => {
    const headers = { "content-type": "application/json", "relais-csrf": document.body.dataset.csrf };
    const body = JSON.stringify({ opening: wanted, parts: [] });
    return (await fetch("/api/catalogue/hours", { method: "POST", headers, body })).status;
  }, opening);
  assert.equal(status, 200);
}

async function aClosedKioskSleeps({ kiosk, office }) {
  await comeAs(office, ["owner"], gateway);
  await office.goto("/hours");
  await kiosk.goto("/kiosk/menu");
  await compose(kiosk, "le-truffe", ["a-point"]);
  await chooseMode(kiosk, "take_away");
  await sayOpening(office, later());
  // The basket was filled while it was open: the order is refused, and nothing of it is lost.
  await kiosk.click('[data-basket="order"]');
  const error = kiosk.locator('[data-basket="error"]');
  await error.filter({ hasText: "ne prend pas de commandes" }).waitFor();
  assert.deepEqual(await basketLines(kiosk), ["Le Truffe"]);
  await kiosk.goto("/kiosk");
  const told = kiosk.locator(".asleep__turns");
  assert.match(await told.innerText(), /Ouvre .+ à 11:30/);
  await kiosk.mouse.click(700, 60);
  await kiosk.locator(".page-welcome .welcome__start").waitFor();
  assert.match(await kiosk.locator(".welcome__opening").innerText(), /Ouvre .+ à 11:30/);
  await sayOpening(office, []);
  await kiosk.goto("/kiosk");
  await kiosk.locator(".page-welcome .attract__slide--shown").waitFor();
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  await signIn(counter, "counter", "/counter", gateway);
  await nobodyGetsOut(kiosk);
  say("nobody gets out of the kiosk");
  await aBasketOutlivesTheGateway({ kiosk, counter });
  say("a basket outlived the gateway and became one order");
  await nothingIsLeftOfACustomer(kiosk);
  say("nothing is left of the customer");
  await largeLettersGoWithTheirCustomer(kiosk);
  say("large letters went with their customer");
  const office = await open("office", { at: gateway.url, size: WALL });
  await aClosedKioskSleeps({ kiosk, office });
  say("a closed kiosk slept until it was touched");
});
