// Every page in French, Dutch and English, by the switch on the page, without a sideways scroll.

import assert from "node:assert/strict";
import { edge, elsewhere, gateway, journey, PHONE, say, SIZES } from "./driver.mjs";
import { tooWide } from "./inspection.mjs";
import { ask, comeAs, compose, orderShown, pressOrder, signIn } from "./gestures.mjs";

const LANGUAGES = ["nl", "en", "fr"];

const CUSTOMER = ["/", "/menu", "/kiosk", "/kiosk/menu", "/nothing-here"];
const STAFF = ["/staff", "/sync-status", "/outbox", "/kitchen", "/counter", "/login", "/styleguide"];

async function titleIn(page) {
  const { lang, title } = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title,
  }));
  return { lang, title };
}

async function noSidewaysScroll(page, path) {
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    assert.deepEqual(await tooWide(page), [], `${path} at ${name}`);
  }
}

// A text that has no translation shows its key.
async function noBareKeys(page, path) {
  const text = await page.locator("body").innerText();
  const keys = await page.evaluate(() => {
    const texts = document.getElementById("texts")?.textContent ?? "{}";
    return Object.keys(JSON.parse(texts).texts ?? {});
  });
  const bare = keys.filter((key) => text.includes(key));
  assert.deepEqual(bare, [], `${path} shows keys`);
}

async function switchThrough(page, path) {
  await page.goto(path);
  const titles = new Set();
  for (const language of LANGUAGES) {
    await page.setViewportSize(PHONE);
    await page.click(`.languages [hreflang="${language}"]`);
    await page.locator(`html[lang="${language}"]`).waitFor();
    // Before the style sheets are there, nothing has its size.
    await page.waitForLoadState();
    await page.locator(`.languages [hreflang="${language}"][aria-current="true"]`).waitFor();
    const { lang, title } = await titleIn(page);
    assert.equal(lang, language);
    titles.add(title);
    await noSidewaysScroll(page, `${path} in ${language}`);
    await noBareKeys(page, `${path} in ${language}`);
    // The choice lasts without the address saying it.
    assert.match(await page.evaluate(() => document.cookie), new RegExp(`lang=${language}`));
  }
  assert.ok(titles.size > 1, `${path} has one title for all languages: ${[...titles]}`);
}

async function refusalsAreTranslated(page) {
  const sentences = new Set();
  for (const language of LANGUAGES) {
    const { status, text } = await ask(page, `/api/orders/unknown?lang=${language}`);
    assert.equal(status, 404);
    sentences.add(JSON.parse(text).error.message);
  }
  assert.equal(sentences.size, LANGUAGES.length);
}

// The font files are optional: with the system's letters, which are wider, everything fits too.
async function withoutFonts(page) {
  await page.route("**/vendor/fonts/**", (route) => route.abort());
  return page;
}

await journey(async (openScreen) => {
  const open = async (name, options) => withoutFonts(await openScreen(name, options));
  const customer = await open("customer", { at: gateway.url, size: PHONE });
  for (const path of CUSTOMER) await switchThrough(customer, path);
  await customer.goto("/menu");
  await compose(customer, "bolognaise");
  await pressOrder(customer);
  const { id } = await orderShown(customer);
  await switchThrough(customer, `/orders/${id}`);
  await refusalsAreTranslated(customer);
  say("the customer's pages");
  const staff = await open("staff", { at: gateway.url, size: PHONE });
  await signIn(staff, "counter", "/counter", gateway);
  for (const path of STAFF.filter((one) => one !== "/kitchen")) await switchThrough(staff, path);
  const kitchen = await open("kitchen", { at: gateway.url, size: PHONE });
  await signIn(kitchen, "kitchen", "/kitchen", gateway);
  await switchThrough(kitchen, "/kitchen");
  say("the staff's pages");
  const office = await open("office", { at: edge.url, size: PHONE });
  await comeAs(office, ["owner"], edge);
  const own = ["/dashboard", "/people", "/account", "/password?code=x", "/login"];
  for (const path of own) await switchThrough(office, path);
  say("the pages about people");
  const web = await open("web", { at: edge.url, size: PHONE });
  await switchThrough(web, "/");
  await switchThrough(web, elsewhere.nowhere);
  say("the edge's pages");
});
