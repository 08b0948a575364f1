// Somebody signs in with their account on site: by password at the edge, carried to the LAN's name.

import assert from "node:assert/strict";
import { edge, gateway, journey, lan, people, say, site, WALL } from "./driver.mjs";

async function cookieOf(page, name) {
  const cookies = await page.context().cookies();
  return cookies.filter((cookie) => cookie.name === name);
}

async function signInAtTheEdge(page, somebody) {
  await page.waitForURL((url) => url.origin === edge.url && url.pathname === "/login");
  await page.fill("#email", somebody.email);
  await page.fill("#password", somebody.password);
  await page.click(".form:has(#password) button[type=submit]");
}

async function isOnSite(page, path) {
  await page.waitForURL(`${lan.url}${path}`);
  const found = await page.evaluate(() => ({
    secure: window.isSecureContext,
    worker: "serviceWorker" in navigator,
    subtle: typeof crypto.subtle,
  }));
  assert.deepEqual(found, { secure: true, worker: true, subtle: "object" });
  const host = new URL(lan.url).hostname;
  const sessions = await cookieOf(page, "relais_session");
  const here = sessions.find((cookie) => cookie.domain === host);
  assert.ok(here, "there is a session on site");
  const kept = [here.secure, here.httpOnly, here.sameSite];
  assert.deepEqual(kept, [true, true, "Strict"]);
  return sessions.filter((cookie) => cookie.domain !== host);
}

await journey(async (open) => {
  const counter = people.find((one) => one.roles.includes("counter"));
  const tablet = await open("tablet", { at: lan.url, size: WALL });
  await tablet.goto("/login?next=/counter");
  await tablet.click("#hand-over");
  await signInAtTheEdge(tablet, counter);
  const atHome = await isOnSite(tablet, "/counter");
  assert.deepEqual(atHome.map(({ domain }) => domain), ["chakri.be"]);
  say("a login was carried from the edge to the name on site");

  // Who is signed in at the edge already is led there and back without being asked.
  await tablet.context().clearCookies({ domain: new URL(lan.url).hostname });
  await tablet.goto("/login");
  await tablet.click("#hand-over");
  await isOnSite(tablet, "/counter");
  say("and once more without a word");

  // An owner proves the second factor at home; on site they are an owner with all rights.
  const laptop = await open("laptop", { at: lan.url, size: WALL });
  const owner = people.find((one) => one.roles.includes("owner"));
  await laptop.goto("/login?next=/people");
  await laptop.click("#hand-over");
  await signInAtTheEdge(laptop, owner);
  await laptop.waitForURL((url) => url.pathname === "/login/code");
  await laptop.fill("#code", await laptop.locator("#demo-code").innerText());
  await laptop.click(".form:has(#code) button[type=submit]");
  await isOnSite(laptop, "/people");
  say("an owner too, with the second factor");

  // A link that somebody else planted signs nobody in.
  const thief = await open("thief", { at: lan.url, size: WALL });
  const isCode = (url) => url.origin === lan.url && url.searchParams.has("code");
  const caught = new Promise((resolve) => {
    thief.route(isCode, (route) => {
      resolve(route.request().url());
      return route.abort();
    });
  });
  await thief.goto("/login");
  await thief.click("#hand-over");
  await signInAtTheEdge(thief, counter);
  const planted = await caught;
  const victim = await open("victim", { at: lan.url, size: WALL });
  await victim.goto(planted);
  await victim.locator('[role="alert"]').waitFor();
  assert.deepEqual(await cookieOf(victim, "relais_session"), []);
  say("a planted link signs nobody in");

  // Without the edge nobody is sent there, and the kiosk's loopback needs no HTTPS.
  await site("link down");
  await victim.goto("/login");
  while ((await victim.locator("#hand-over").count()) > 0) await victim.reload();
  await victim.locator("#pin").waitFor();
  const kiosk = await open("kiosk", { at: gateway.url });
  await kiosk.goto("/kiosk");
  assert.equal(await kiosk.evaluate(() => window.isSecureContext), true);
});
