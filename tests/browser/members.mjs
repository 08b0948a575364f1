// A member binds a card to their phone and prints another one; the counter recognises both while
// the line is cut, a photograph of a code gets nobody anywhere, and what was ended stays ended.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, people, PHONE, say, site, WALL } from "./driver.mjs";
import { compose, orderShown, pressOrder, signIn } from "./gestures.mjs";
import { pictured } from "./pictured.mjs";

const PIN = "918273";
const EVERY_MS = 60_000;
// Keys are made on secure sites only, and here that is the edge's own machine.
const home = { url: edge.url.replace("chakri.be", "127.0.0.1"), byPin: false };
const member = people.find((one) => one.email === "member@demo.example");
const REFUSED = [/^(4\d\d) /, /status of 4\d\d/];

async function choosesPin(phone) {
  await phone.goto("/account");
  await phone.fill("#pin-current", member.password);
  await phone.fill("#pin", PIN);
  await phone.click('.form:has(#pin) button[type="submit"]');
  await phone.locator(".banner--success").waitFor();
}

async function prints(phone) {
  await phone.goto("/account/card");
  await phone.click('form:has(input[value="print"]) button');
  return phone.locator("#printed-code").textContent();
}

const shown = (phone) => phone.locator("#picture").getAttribute("data-code");

async function binds(phone) {
  await phone.click("#bind");
  await phone.locator("#shown:not([hidden])").waitFor();
  const canLeave = await phone.evaluate(() => new Promise((resolve) => {
    indexedDB.open("relais-card", 1).onsuccess = ({ target }) => {
      const all = target.result.transaction("cards").objectStore("cards").getAll();
      all.onsuccess = async () => {
        const [{ key }] = all.result;
        resolve(key.extractable || (await crypto.subtle.exportKey("pkcs8", key).then(() => true, () => false)));
      };
    };
  }));
  assert.equal(canLeave, false, "the key does not leave the phone");
}

async function asks(till, code) {
  await till.goto("/members");
  await till.fill("#code", code);
  await till.click('.form button[type="submit"]');
}

async function recognises(till) {
  const name = await till.innerText(".member-found__name");
  assert.equal(name, member.name);
}

async function refuses(till, why) {
  assert.match(await till.innerText("#member-error"), why);
  assert.equal(await till.locator(".member-found").count(), 0);
}

// A kiosk reads the card, orders for its member, and knows nobody once it is back at its start.
async function atKiosk(kiosk, paper) {
  await kiosk.goto("/kiosk");
  await kiosk.click('a[href="/kiosk/card"]');
  await kiosk.locator('html[data-ready="kiosk-card"]').waitFor();
  await kiosk.fill("#code", paper);
  await kiosk.press("#code", "Enter");
  await kiosk.locator("#pin-field:not([hidden])").waitFor();
  await pictured(kiosk, "kiosk-card", REFUSED);
  await kiosk.fill("#pin", PIN);
  await kiosk.press("#pin", "Enter");
  await kiosk.locator("[data-member]").waitFor();
  assert.match(await kiosk.innerText("[data-member]"), new RegExp(member.name));
  await compose(kiosk, "cola");
  await pictured(kiosk, "kiosk-member");
  await pressOrder(kiosk, "take_away");
  await orderShown(kiosk);
  await kiosk.locator('[data-points="earns"]').waitFor();
  await kiosk.click(".bar__home");
  await kiosk.locator(".welcome").waitFor();
  await kiosk.click(".welcome__start");
  await kiosk.locator('html[data-ready="menu"]').waitFor();
  assert.equal(await kiosk.locator("[data-member]").count(), 0, "nobody stands here any more");
}

await journey(async (open) => {
  const phone = await open("phone", { at: home.url, size: PHONE });
  await phone.clock.install();
  await phone.goto("/login");
  await phone.fill("#email", member.email);
  await phone.fill("#password", member.password);
  await phone.click('.form:has(#password) button[type="submit"]');
  await phone.waitForURL(/\/account$/);
  await phone.goto("/account/card");
  await choosesPin(phone);
  const paper = await prints(phone);
  await binds(phone);
  await pictured(phone, "card");
  say("a card is in the phone, and another on paper");

  const till = await open("till", { at: gateway.url, size: WALL });
  await site("pins 9");
  await signIn(till, "counter", "/members", gateway);
  await pictured(till, "members");
  await site("link down");
  await phone.context().setOffline(true);
  const first = await shown(phone);
  await asks(till, first);
  await recognises(till);
  await pictured(till, "member-found");
  await asks(till, first);
  await refuses(till, /déjà été montré/);
  await pictured(till, "member-refused", REFUSED);
  await phone.clock.fastForward(EVERY_MS);
  while ((await shown(phone)) === first);
  const second = await shown(phone);
  await asks(till, second.toLowerCase());
  await recognises(till);
  say("the counter recognises the phone with the line cut, and each code once");

  await asks(till, paper);
  await pictured(till, "member-pin", REFUSED);
  await till.fill("#pin", "918274");
  await till.click('.form button[type="submit"]');
  await refuses(till, /PIN/);
  await till.fill("#pin", PIN);
  await till.click('.form button[type="submit"]');
  await recognises(till);
  say("and paper with its PIN");

  await atKiosk(await open("kiosk", { at: gateway.url, size: KIOSK }), paper);
  say("a kiosk sells to whoever shows their card, and forgets them");

  await asks(till, `${second.split(".")[0]}.${first.split(".")[1].replace(/.{9}$/, "AAAAAAAAA")}`);
  await refuses(till, /./);

  await phone.context().setOffline(false);
  await site("link up");
  await phone.goto("/account/card");
  await phone.locator("#shown:not([hidden])").waitFor();
  for (let left = 2; left > 0; left -= 1) {
    const before = await phone.locator('input[value="end"]').count();
    await phone.locator('form:has(input[value="end"]) button').first().click();
    while ((await phone.locator('input[value="end"]').count()) === before);
  }
  await phone.locator("#bind:not([hidden])").waitFor();
  for (;;) {
    await asks(till, paper);
    if (/révoqué/.test(await till.innerText("#member-error"))) break;
  }
  say("what was ended at home is refused at the counter");
});
