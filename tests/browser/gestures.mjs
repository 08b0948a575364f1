// Owns what people do on the pages: sign in, compose, order, look at a board.
// It must not know in which order a journey does it.

import assert from "node:assert/strict";
import { people } from "./driver.mjs";

const BESIDE_PX = 736;
const PATIENCE_MS = 15_000;

// Signs in as somebody of the demo who has this role: by PIN on site, by password at the edge.
export async function signIn(page, role, next, { url, byPin }) {
  const somebody = people.find((one) => one.roles.includes(role));
  await page.goto(`${url}/login?next=${next}`);
  const fields = byPin
    ? { name: somebody.name, pin: somebody.pin }
    : { email: somebody.email, password: somebody.password };
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
  await page.click(`.form:has(#${byPin ? "pin" : "password"}) button[type=submit]`);
  await page.waitForURL((url) => url.pathname === next);
}

// Comes as somebody new with these roles, whatever they would have to prove.
export async function comeAs(page, roles, { url }) {
  await page.goto(`${url}/login`);
  const status = await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json", "relais-csrf": document.body.dataset.csrf };
    return (await fetch("/contract/sign-in", { method: "POST", headers, body })).status;
  }, JSON.stringify({ roles }));
  assert.equal(status, 200);
}

// This screen gets no socket, and so hears nothing by itself: it has to ask.
export async function withoutSocket(page) {
  await page.routeWebSocket(/\/live$/, (socket) => socket.close());
}

export async function compose(page, product, choices = []) {
  await page.locator('html[data-ready="menu"]').waitFor();
  await page.click(`[data-product="${product}"] .card__open`);
  const dialog = page.locator("#compose[open]");
  await dialog.waitFor();
  for (const choice of choices) {
    await dialog.locator(".choice", { has: page.locator(`input[value="${choice}"]`) }).click();
  }
  await dialog.locator(".compose__add").click();
  await page.locator("#compose:not([open])").waitFor({ state: "attached" });
}

// On a phone the basket is a sheet.
export async function showBasket(page) {
  if (page.viewportSize().width < BESIDE_PX) await page.click("#basket-open");
  await page.locator('[data-basket="order"]').waitFor();
}

export async function chooseMode(page, mode) {
  await showBasket(page);
  await page.locator(".modes__item", { has: page.locator(`[value="${mode}"]`) }).click();
}

export async function pressOrder(page, mode = "eat_in") {
  await chooseMode(page, mode);
  await page.click('[data-basket="order"]');
}

// Reads the order's page, to which ordering leads.
export async function orderShown(page) {
  const main = page.locator("#main[data-order]");
  await main.waitFor();
  await page.locator('html[data-ready="order"]').waitFor();
  assert.match(page.url(), /\/orders\//);
  const id = await main.getAttribute("data-order");
  const ticket = await main.getAttribute("data-ticket");
  assert.equal(await page.locator(".order__number").innerText(), ticket);
  return { id, ticket };
}

export async function orderState(page, state) {
  await page.locator(`#main[data-state="${state}"]`).waitFor();
}

// A kiosk goes back to its start by itself; a customer who still reads takes more time.
export async function takeMoreTime(page) {
  await page.click('[data-idle="more"]');
}

export async function basketLines(page) {
  return page.locator(".line__name").allInnerTexts();
}

// The page asks its own server, as its scripts do.
export async function ask(page, path) {
  return page.evaluate(async (address) => {
    const response = await fetch(address, { headers: { accept: "application/json" } });
    return { status: response.status, text: await response.text() };
  }, path);
}

// Waits until what the page's server answers at `path`, status first, matches.
export async function serverSays(page, path, pattern) {
  const last = await page.evaluate(askUntil, [path, pattern.source, PATIENCE_MS]);
  assert.match(last, pattern, `${path} never said so`);
}

// Runs in the page; answers with what was said last.
async function askUntil([path, source, patienceMs]) {
  const wanted = new RegExp(source);
  const until = Date.now() + patienceMs;
  for (;;) {
    const response = await fetch(path, { cache: "no-store" });
    const said = `${response.status} ${await response.text()}`;
    if (wanted.test(said) || Date.now() > until) return said;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// How many orders the counter has on its board, whatever their state.
export async function ordersOnBoard(page) {
  const { status, text } = await ask(page, "/counter/board");
  assert.equal(status, 200, text);
  return (text.match(/id="(pay|wait|hand)-/g) ?? []).length;
}

// A picture, half red and half blue, as a file that somebody may choose.
export async function halves(page) {
  const text = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [900, 600];
    const context = canvas.getContext("2d");
    context.fillStyle = "#dc1414";
    context.fillRect(0, 0, 450, 600);
    context.fillStyle = "#1414dc";
    context.fillRect(450, 0, 450, 600);
    return canvas.toDataURL("image/png");
  });
  const buffer = Buffer.from(text.split(",")[1], "base64");
  return { name: "halves.png", mimeType: "image/png", buffer };
}

// Chooses a photo on somebody's own page, and waits until it can be cut out.
export async function choosePhoto(page, photo) {
  await page.setInputFiles("#photo", photo);
  await page.locator('[data-photo="form"][data-cropping="ready"]').waitFor();
}
