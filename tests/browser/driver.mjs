// Owns what every journey needs: the browser, screens that are watched, and requests to the site.
// It must not know a page; what people do on the pages stands in gestures.mjs.

import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const told = (name) => process.env[`RELAIS_${name}`] ?? "";
const DEADLINE_MS = 170_000;
// An order's page asks ever more seldom while nothing happens, up to every 8 seconds.
const PATIENCE_MS = 30_000;
const TROUBLES_TOLD = 4;
const ARGUMENTS = [
  "--disable-gpu", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run", "--disable-quic", "--no-proxy-server",
  "--disable-features=HttpsUpgrades",
  // The site's own authority is in no list of this browser's: it knows the gateway by its key.
  `--ignore-certificate-errors-spki-list=${told("LAN_PIN")}`,
  // Public names lead to this machine and nowhere else.
  "--host-resolver-rules=MAP chakri.be 127.0.0.1, MAP chakri.lan.chakri.be 127.0.0.1, " +
    "MAP *.example 127.0.0.1, " +
    "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export const SIZES = {
  "800x480": { width: 800, height: 480 },
  "390x844": { width: 390, height: 844 },
  "1920x1080": { width: 1920, height: 1080 },
};
export const KIOSK = SIZES["800x480"];
export const PHONE = SIZES["390x844"];
export const WALL = SIZES["1920x1080"];

const began = Date.now();
const screens = [];

export const pictures = told("PICTURES");
export const gateway = { url: told("GATEWAY"), byPin: true };
export const lan = { url: told("LAN"), byPin: true };
export const edge = { url: told("EDGE"), byPin: false };
export const people = JSON.parse(told("PEOPLE") || "[]");
export const elsewhere = { empty: told("EMPTY"), nowhere: told("NOWHERE") };

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Asks the site for something, such as "link down"; resolves when it is done.
export async function site(request) {
  console.log(`relais:${request}`);
  const { value } = await answers.next();
  if (value !== "ok") throw new Error(`the site cannot do \`${request}\`: ${value}`);
}

export function say(text) {
  console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

// What people type and are given on the way: no log may show it.
const given = new Set();
const SECRET_FIELDS = ["name", "email", "password", "current", "pin", "code", "sealed", "csrf"];
const SECRET_PARAMETERS = ["code", "state", "token"];

function keepPrivate(value) {
  if (value) given.add(String(value).replaceAll("\n", " "));
}

// Whatever a browser sends in a form or an address, and every cookie that it is given.
function listen(page) {
  page.on("request", (request) => {
    const { searchParams } = new URL(request.url());
    SECRET_PARAMETERS.forEach((name) => keepPrivate(searchParams.get(name)));
    if (!(request.headers()["content-type"] ?? "").includes("form-urlencoded")) return;
    const fields = new URLSearchParams(request.postData() ?? "");
    SECRET_FIELDS.forEach((name) => keepPrivate(fields.get(name)));
  });
  page.on("response", (response) => {
    // A page that is left takes its open answers along.
    response.headerValues("set-cookie").then((cookies) => {
      for (const cookie of cookies) keepPrivate(cookie.split(";")[0].split("=").slice(1).join("="));
    }, () => {});
  });
}

// Walks one journey: `story` gets a function that opens screens.
export async function journey(story, { deadlineMs = DEADLINE_MS } = {}) {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    chromiumSandbox: false,
    args: ARGUMENTS,
  });
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the journey takes too long")), deadlineMs).unref();
  });
  let failure = null;
  try {
    await Promise.race([story((name, options) => openScreen(browser, name, options)), late]);
    judge();
  } catch (error) {
    failure = error;
    await report(error);
  }
  await browser.close();
  for (const value of given) console.log(`private:${value}`);
  say(failure ? "failed" : "walked to its end");
  process.exit(failure ? 1 : 0);
}

// A screen is one person's browser: its own cookies, its own storage.
async function openScreen(browser, name, { at, size = KIOSK, locale = "fr-BE", ...options }) {
  const context = await browser.newContext({
    baseURL: at,
    viewport: size,
    locale,
    timezoneId: "Europe/Brussels",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return watch(name, await context.newPage());
}

// Another tab of the same person's browser.
export async function anotherTab(name, page) {
  return watch(name, await page.context().newPage());
}

async function watch(name, page) {
  const troubles = [];
  listen(page);
  const note = (kind, text) => troubles.push({ kind, text });
  page.on("pageerror", (error) => note("exception", String(error)));
  page.on("console", (message) => {
    const text = message.text();
    // The public name is served without TLS here, where browsers ignore this header and say so.
    if (text.startsWith("The Cross-Origin-Opener-Policy header has been ignored")) return;
    const kind = /Content.Security.Policy/i.test(text) ? "csp" : "console";
    if (message.type() === "error") note(kind, `${text} (${message.location().url})`);
  });
  page.on("requestfailed", (request) => {
    // A page that is left takes its open requests along.
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") note("request", `${request.url()}: ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note("status", `${response.status()} ${response.url()}`);
  });
  screens.push({ name, page, troubles });
  page.troubles = troubles;
  return page;
}

// Whatever a journey does, no script of ours throws and nothing goes against the policy.
function judge() {
  const bad = screens.flatMap(({ name, troubles }) =>
    troubles
      .filter(({ kind }) => kind === "exception" || kind === "csp")
      .map(({ kind, text }) => `${name}: ${kind}: ${text}`),
  );
  if (bad.length > 0) throw new Error(bad.join("\n"));
}

async function report(error) {
  console.log(`FAILED: ${error.stack ?? error}`);
  const folder = `${pictures}/failures`;
  await mkdir(folder, { recursive: true });
  for (const { name, page, troubles } of screens) {
    if (page.isClosed()) continue;
    const path = `${folder}/${told("JOURNEY")}-${name.replaceAll(" ", "-")}.png`;
    const seen = await page.screenshot({ path, timeout: 5000 }).then(
      () => path,
      (why) => `no picture: ${why.message.split("\n")[0]}`,
    );
    console.log(`  ${name} is at ${page.url()}: ${seen}`);
    for (const { kind, text } of troubles.slice(-TROUBLES_TOLD)) console.log(`    ${kind}: ${text}`);
  }
}
