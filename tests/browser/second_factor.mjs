// Somebody sets a second factor up, loses the phone, and works on; an owner invites a colleague who
// signs in on site while the line is cut.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { edge, gateway, journey, KIOSK, people, PHONE, say, site, WALL } from "./driver.mjs";

const STEP_MS = 30_000;
const PASSWORD = "cinq frites a l'aube";
const PIN = "918273";

const one = (role) => people.find((person) => person.roles.includes(role));

// What an authenticator shows (RFC 6238); `ahead` is the number of steps after now.
function code(secret, ahead = 0) {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => digits.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + ahead));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

async function password(page, { email, password: word }) {
  await page.goto("/login");
  await page.fill("#email", email);
  await page.fill("#password", word);
  await page.click('.form:has(#password) button[type="submit"]');
}

async function prove(page, given) {
  await page.fill("#code", given);
  await page.click(".form button[type=submit]");
}

async function signOut(page) {
  await page.goto("/account");
  await page.click('form[action="/logout"] button');
  await page.waitForURL(/\/login$/);
}

async function setsItUp(phone) {
  const counter = one("counter");
  await password(phone, counter);
  await phone.waitForURL(/\/counter$/);
  await phone.goto("/account/second-factor");
  assert.equal(await phone.locator("svg.qr path").count(), 2, "there is a picture to scan");
  const secret = await phone.innerText("#factor-secret");
  await prove(phone, "000000");
  await phone.locator("#code-error").waitFor();
  assert.equal(await phone.innerText("#factor-secret"), secret, "a slip changes no secret");
  await prove(phone, code(secret));
  const codes = await phone.locator(".recovery-codes li").allInnerTexts();
  assert.equal(codes.length, 10);
  await signOut(phone);
  return { secret, codes };
}

async function isAskedForIt(phone, { secret, codes }) {
  await password(phone, one("counter"));
  await phone.waitForURL(/\/login\/code$/);
  await phone.goto("/counter");
  await phone.waitForURL(/\/login\/code$/);
  await prove(phone, "123456");
  await phone.locator("#code-error").waitFor();
  await prove(phone, code(secret, 1));
  await phone.waitForURL(/\/counter$/);
  await signOut(phone);
  // The phone is lost: a code from the drawer, once.
  await password(phone, one("counter"));
  await prove(phone, codes[3]);
  await phone.waitForURL(/\/counter$/);
  await signOut(phone);
  await password(phone, one("counter"));
  await prove(phone, codes[3]);
  await phone.locator("#code-error").waitFor();
  await prove(phone, codes[4]);
  await phone.waitForURL(/\/counter$/);
}

async function invites(office) {
  const owner = one("owner");
  await password(office, owner);
  await office.waitForURL(/\/login\/code$/);
  await prove(office, code(owner.totp));
  await office.waitForURL(/\/dashboard$/);
  await office.goto("/people");
  await office.fill("#name", "Nina Nouvelle");
  await office.fill("#email", "nina@demo.example");
  await office.check('input[name="kitchen"]');
  await office.click(".form button[type=submit]");
  return office.locator("#invitation-link").getAttribute("href");
}

async function joins(nina, link) {
  await nina.goto(link);
  await nina.fill("#password", "password123");
  await nina.click(".form button[type=submit]");
  await nina.locator("#password-error").waitFor();
  await nina.fill("#password", PASSWORD);
  await nina.click(".form button[type=submit]");
  await nina.waitForURL(/\/login$/);
  await password(nina, { email: "nina@demo.example", password: PASSWORD });
  await nina.waitForURL(/\/kitchen$/);
  await nina.goto("/account");
  await nina.fill("#pin-current", PASSWORD);
  await nina.fill("#pin", PIN);
  await nina.click('.form:has(#pin) button[type="submit"]');
  await nina.locator(".banner--success").waitFor();
}

async function worksOnSite(stove) {
  await site("pins 9");
  await site("link down");
  await stove.goto("/login?next=/kitchen");
  await stove.fill("#name", "nina nouvelle");
  await stove.fill("#pin", "918274");
  await stove.click('.form:has(#pin) button[type="submit"]');
  await stove.locator("#pin-error").waitFor();
  await stove.fill("#name", "nina nouvelle");
  await stove.fill("#pin", PIN);
  await stove.click('.form:has(#pin) button[type="submit"]');
  await stove.waitForURL(/\/kitchen$/);
}

async function isBarred(office, stove) {
  await office.goto("/people");
  await office.click('.people-card:has-text("Nina Nouvelle")');
  await office.click('form:has(input[value="bar"]) button');
  await office.locator('form:has(input[value="admit"])').waitFor();
  await site("link up");
  const status = () => stove.evaluate(async () => (await fetch("/kitchen/board")).status);
  while ((await status()) !== 401);
  await stove.goto("/kitchen");
  await stove.waitForURL(/\/login/);
}

await journey(async (open) => {
  const phone = await open("phone", { at: edge.url, size: PHONE });
  const factor = await setsItUp(phone);
  say("a second factor is set up");
  await isAskedForIt(phone, factor);
  say("it is asked for, each code counts once, and a recovery code helps");
  const office = await open("office", { at: edge.url, size: WALL });
  const link = await invites(office);
  const nina = await open("nina", { at: edge.url, size: PHONE });
  await joins(nina, link);
  say("somebody is invited and joins");
  const stove = await open("stove", { at: gateway.url, size: KIOSK });
  await worksOnSite(stove);
  say("she signs in on site with the line cut");
  await isBarred(office, stove);
  say("she is barred, and out as soon as the line stands");
});
