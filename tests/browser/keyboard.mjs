// Ordering with nothing but a keyboard: Tab, Enter, Space and Escape, with a focus that is seen.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, say, WALL } from "./driver.mjs";
import { basketLines, orderShown, signIn } from "./gestures.mjs";

const TABS_MAX = 120;

// Presses Tab until the wanted element has the focus; whatever has it on the way must show it.
async function tabTo(page, selector) {
  for (let pressed = 0; pressed < TABS_MAX; pressed += 1) {
    await page.keyboard.press("Tab");
    const held = await page.evaluate(focused, selector);
    assert.ok(held.seen, `the focus on ${held.what} cannot be seen`);
    if (held.wanted) return;
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

// Runs in the page. The focus may be drawn by what surrounds it: a card, a choice.
function focused(selector) {
  const held = document.activeElement;
  const marks = (element) => {
    const style = getComputedStyle(element);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return outlined || style.boxShadow !== "none";
  };
  const seen = [held, held.parentElement, held.closest(".card, label, fieldset")];
  return {
    what: held.outerHTML.slice(0, 120),
    wanted: held.matches(selector),
    seen: held === document.body || seen.some((one) => one && marks(one)),
  };
}

async function skipToContent(page) {
  await page.keyboard.press("Tab");
  assert.ok(await page.locator("a.skip").evaluate((link) => link === document.activeElement));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "main");
}

async function composeByKeys(page) {
  const card = '[data-product="le-cheese-king"] .card__open';
  await page.locator('html[data-ready="menu"]').waitFor();
  await tabTo(page, card);
  await page.keyboard.press("Enter");
  await page.locator("#compose[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#compose:not([open])").waitFor({ state: "attached" });
  assert.deepEqual(await basketLines(page), [], "Escape adds nothing");
  await page.waitForFunction((it) => document.activeElement?.matches(it), card);
  await page.keyboard.press("Enter");
  await page.locator("#compose[open]").waitFor();
  await tabTo(page, '[name="group-sauce"][value="ketchup"]');
  await page.keyboard.press("Space");
  await tabTo(page, '[data-compose="more"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.locator('[data-compose="quantity"]').innerText(), "2");
  await tabTo(page, ".compose__add");
  await page.keyboard.press("Enter");
  await page.locator(".line__name", { hasText: "Le Cheese King" }).waitFor();
  await page.waitForFunction((it) => document.activeElement?.matches(it), card);
}

async function orderByKeys(page) {
  // Ordering without saying where leads to the question.
  await tabTo(page, '[data-basket="order"]');
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.name === "mode");
  assert.match(await page.locator("#mode-error").innerText(), /\S/);
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.locator('[name="mode"][value="take_away"]').isChecked());
  await tabTo(page, '[data-basket="order"]');
  await page.keyboard.press("Enter");
  return orderShown(page);
}

async function cashByKeys(counter, { id }) {
  await counter.locator(`#cash-${id}`).waitFor();
  await tabTo(counter, `#cash-${id}`);
  await counter.keyboard.press("Enter");
  await counter.locator(`#wait-${id}`).waitFor();
}

await journey(async (open) => {
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const web = await open("web", { at: edge.url, size: WALL });
  const counter = await open("counter", { at: gateway.url, size: WALL });
  await signIn(counter, "counter", "/counter", gateway);
  for (const [page, menu] of [[kiosk, "/kiosk/menu"], [web, "/menu"]]) {
    await page.goto(menu);
    await skipToContent(page);
    await page.goto(menu);
    await composeByKeys(page);
    const order = await orderByKeys(page);
    say(`${order.ticket} was ordered by keyboard alone`);
    if (page === kiosk) await cashByKeys(counter, order);
  }
});
