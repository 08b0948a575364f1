// Accounts of one's own at the edge: made with a password and a mail, or by a sign-in provider.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { edge, journey, PHONE, pictures, say, SIZES } from "./driver.mjs";
import { settle, tooWide } from "./inspection.mjs";

const LANGUAGES = ["fr", "nl", "en"];
const PASSWORD = "sept frites a sept heures";

// Every picture in three languages and sizes, none of them wider than its screen.
async function picture(page, name, path) {
  for (const language of LANGUAGES) {
    const joint = path.includes("?") ? "&" : "?";
    await page.goto(`${path}${joint}lang=${language}`);
    await page.locator(`html[lang="${language}"]`).waitFor();
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await settle(page);
      assert.deepEqual(await tooWide(page), [], `${name} in ${language} at ${size}`);
      const folder = `${pictures}/${size}`;
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: `${folder}/${name}-${language}.png`, fullPage: true });
    }
  }
  await page.setViewportSize(PHONE);
}

async function mailTo(page, address) {
  await page.goto("/demo/mails");
  return page.locator(`[data-to="${address}"] a`).first().getAttribute("href");
}

async function register(page) {
  const email = "zoe@register.example";
  await page.goto("/login");
  await page.click('a[href="/register"]');
  await page.fill("#name", "Zoé");
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.check('[name="agreed"]');
  await page.click("main button[type=submit]");
  await page.locator('[role="status"]').waitFor();
  // The password is right; the address is not confirmed yet.
  await page.goto("/login");
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.click(".form:has(#password) button[type=submit]");
  await page.locator('form[action="/confirm/again"]').waitFor();
  const link = await mailTo(page, email);
  assert.match(link, /^\/confirm\?code=/);
  await picture(page, "confirm", link);
  await page.fill("#password", PASSWORD);
  await page.click("main button[type=submit]");
  await page.waitForURL("**/account");
  assert.ok((await page.innerText("main")).includes(email));
}

async function changeAddress(page) {
  const email = "zoe@elsewhere.example";
  await page.fill("#email", email);
  await page.fill("#email-current", PASSWORD);
  await page.click(".form:has(#email-current) button[type=submit]");
  await page.locator('[role="status"]').waitFor();
  const link = await mailTo(page, email);
  await picture(page, "email", link);
  await page.click("main button[type=submit]");
  await page.waitForURL("**/account?done=1");
  assert.ok((await page.innerText("main")).includes(email));
  const undo = await mailTo(page, "zoe@register.example");
  await picture(page, "email-undo", undo);
}

async function byProvider(page, email) {
  await page.goto("/login?next=/account");
  await page.click('a[href^="/login/openid"]');
  // The provider's own page, at another site.
  await page.fill('input[name="login"]', email);
  await page.fill('input[name="password"]', "anything");
  await page.click('button[type="submit"]');
  await page.locator('input[name="prompt"][value="consent"]').waitFor({ state: "attached" });
  await page.click('button[type="submit"]');
  await page.waitForURL("**/account");
  assert.ok((await page.innerText("main")).includes(email));
  assert.equal(await page.locator("#email-current").count(), 0, "the address is locked");
}

await journey(async (open) => {
  const customer = await open("customer", { at: edge.url, size: PHONE });
  for (const path of ["/login", "/register", "/forgot", "/register?sent=1", "/forgot?sent=1"]) {
    await picture(customer, path.slice(1).replace("?", "-").replace("=1", ""), path);
  }
  await register(customer);
  say("somebody has an account, and its address is confirmed");
  await picture(customer, "account", "/account");
  await changeAddress(customer);
  say("another address took its place");
  const other = await open("other", { at: edge.url, size: PHONE });
  await byProvider(other, "ann@provider.example");
  await other.reload();
  assert.ok((await other.innerText("main")).includes("ann@provider.example"));
  await picture(other, "account-locked", "/account");
  say("a provider signed somebody in");
  await other.click('form[action="/logout"] button');
  await other.waitForURL("**/login");
  // The provider knows this browser still: nothing is asked.
  await other.click('a[href^="/login/openid"]');
  await other.waitForURL("**/account");
  say("and once more, without a question");
});
