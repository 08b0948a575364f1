// Tests of a server that does not answer: what a phone keeps for then, and how it asks again.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, mock, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { whenReached } from "../unreached.js";

const WORKER = readFileSync(new URL("../worker.js", import.meta.url), "utf8");
const SITE = "https://chakri.be";
const htmlPage = (words, mark = "") =>
  `<html lang="nl"><body class="a"${mark}>${words}</body></html>`;

// A browser around the worker; `serve` answers an address, with the session's cookies or without.
function makeBrowser(serve) {
  const kept = new Map();
  const cache = {
    put: async (key, answer) => void kept.set(String(key.url ?? key), await answer.text()),
    match: async (key) => {
      const text = kept.get(String(key.url ?? key));
      return text === undefined ? undefined : new Response(text);
    },
  };
  const heard = new Map();
  const self = { addEventListener: (kind, act) => heard.set(kind, act) };
  const fetch = async (asked, { credentials = "include" } = {}) =>
    serve(new URL(asked.url ?? asked, SITE), credentials === "omit");
  const caches = { open: async () => cache, keys: async () => [] };
  const world = { self, fetch, caches, Response, URL, setTimeout, location: { origin: SITE } };
  runInContext(`const VERSION = "1"; const SHELL = [];\n${WORKER}`, createContext(world));
  async function visit(path) {
    const running = [];
    const event = {
      request: { url: SITE + path, method: "GET", mode: "navigate" },
      respondWith: (answer) => running.push(answer),
      waitUntil: (work) => running.push(work),
    };
    heard.get("fetch")(event);
    const answer = await running[0];
    await Promise.all(running);
    return answer.text();
  }
  return { kept, visit };
}

test("the menu of whoever is signed in is shown and never kept", async () => {
  const asked = [];
  const { kept, visit } = makeBrowser((url, stranger) => {
    asked.push(url.search);
    return new Response(stranger ? htmlPage("anybody", " data-stranger") : htmlPage("Nadia"));
  });
  assert.match(await visit("/menu"), /Nadia/);
  assert.match(kept.get("/menu"), /anybody/);
  assert.deepEqual(asked, ["", "?lang=nl"], "a stranger reads it in the same language");
});

test("a stranger's menu is kept as it was shown, without asking twice", async () => {
  let down = false;
  let asked = 0;
  const { visit } = makeBrowser(() => {
    if (down) throw new TypeError("no network");
    asked += 1;
    return new Response(htmlPage("today", " data-stranger"));
  });
  await visit("/menu");
  assert.equal(asked, 1);
  down = true;
  assert.match(await visit("/menu"), /<body data-unreached class="a" data-stranger>today/);
});

test("nothing but the menu is kept of the pages that are seen", async () => {
  const { kept, visit } = makeBrowser(() => new Response(htmlPage("draft", " data-stranger")));
  for (const path of ["/account", "/menu?draft"]) await visit(path);
  assert.equal(kept.size, 0);
});

beforeEach(() => {
  globalThis.addEventListener = () => {};
  globalThis.location = { pathname: "/menu" };
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});
afterEach(() => mock.timers.reset());

test("a server that asks to wait is not asked before", async () => {
  const answers = [503, 429, 200].map((status, index) =>
    ({ status, headers: new Headers(index === 1 ? { "retry-after": "10" } : {}) }));
  let asked = 0;
  let reached = 0;
  globalThis.fetch = async () => answers[asked++];
  whenReached(() => (reached += 1), { eachMs: 4000 });
  const turns = [];
  for (let turn = 0; turn < 5; turn += 1) {
    mock.timers.tick(4000);
    await new Promise((resolve) => setImmediate(resolve));
    turns.push([asked, reached]);
  }
  assert.deepEqual(turns, [[1, 0], [2, 0], [2, 0], [2, 0], [3, 1]]);
});
