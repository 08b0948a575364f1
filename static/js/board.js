// Owns the staff boards (kitchen and counter): polling, swapping, actions, waiting times.
// It must not know what a board shows: the server renders it, marks lists `data-keyed`, buttons
// `data-post`, and times `data-since`.

import { proof } from "./csrf.js";
import { bump, undoable } from "./bump.js";
import { chime, chimes } from "./chime.js";
import { swap } from "./board-swap.js";
import { closeOnBackdrop, toast } from "./dom.js";
import { startPolling } from "./poll.js";
import { readTexts } from "./text.js";
import { waitingMinutes, waitLevel } from "./waiting.js";

const TIMEOUT_MS = 8000;
const LOST_AFTER = 2;
const DOUBLE_CLICK_MS = 350;

const { locale, t } = readTexts();
const board = document.getElementById("board");
const page = (name) => document.querySelector(`[data-board="${name}"]`);
let etag = null;
let failures = 0;
let ahead = 0;
let heardMs = Date.now();
let clickedMs = -Infinity;

// The server's clock counts: a screen's own may be hours off.
function now() {
  return Date.now() + ahead;
}

async function ask() {
  const headers = { accept: "text/html" };
  if (etag) headers["if-none-match"] = etag;
  const response = await fetch(board.dataset.url, {
    headers,
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  if (response?.status === 401) {
    location.reload();
    return "stop";
  }
  const answered = response && (response.ok || response.status === 304);
  showLink(answered);
  if (!answered) return "failed";
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isFinite(date)) ahead = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
  if (response.status === 304) return "same";
  const { changed, arrived } = swap(board, await response.text());
  // Only what is drawn need not be sent again.
  etag = response.headers.get("etag");
  if (changed) settle();
  if (arrived.length > 0) chime();
  for (const { ticket, list } of arrived) {
    if (list === "new") toast(t("board.new_order", { ticket }), "success");
  }
  return changed ? "news" : "same";
}

function showLink(up) {
  failures = up ? 0 : failures + 1;
  if (up) heardMs = Date.now();
  const lost = failures >= LOST_AFTER;
  page("link").dataset.link = lost ? "down" : "up";
  const label = t(lost ? "board.lost" : "board.live");
  if (page("link-label").textContent !== label) page("link-label").textContent = label;
  if (lost) page("offline").textContent = t("board.offline", { time: clock(heardMs + ahead) });
  page("offline").hidden = !lost;
  document.body.classList.toggle("is-offline", lost);
}

function settle() {
  tick();
  const switches = document.getElementById("switches");
  if (switches && page("sold-out-count")) {
    page("sold-out-count").textContent = switches.dataset.soldOut;
  }
}

// Kitchens here count to 24, whatever language they read.
function clock(ms) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(locale, parts).format(new Date(ms));
}

function tick() {
  page("clock").textContent = clock(now());
  const { soon, late } = board.querySelector("[data-soon]")?.dataset ?? {};
  const limits = soon ? { soon: Number(soon), late: Number(late) } : {};
  for (const wait of board.querySelectorAll("[data-since]")) {
    const minutes = waitingMinutes(Number(wait.dataset.since), now());
    const text = minutes === 0 ? t("board.just_now") : t("board.minutes", { count: minutes });
    if (wait.textContent !== text) wait.textContent = text;
    wait.dataset.level = waitLevel(minutes, limits);
    const ticket = wait.closest('.ticket');
    if (ticket) ticket.dataset.wait = wait.dataset.level;
  }
}

// One tap, one request: the button is busy until the board shows what came of it.
async function act(button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await post(button.dataset.post, button.dataset.body ?? "{}");
  if (!answer.ok) {
    const reason = answer.message ?? t("board.no_answer");
    toast(t("board.failed", { reason }), "error");
  } else {
    undoable(button);
  }
  await polling.now();
  button.removeAttribute("aria-busy");
}

async function post(url, body) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const data = response.ok ? null : await response.json().catch(() => null);
    return { ok: response.ok, message: data?.error?.message };
  } catch {
    return { ok: false };
  }
}

board.addEventListener("click", (event) => {
  const button = event.target.closest("[data-post]");
  // The second half of a double click was not meant for what has moved under it since.
  const isSecondHalf = event.detail > 1 && event.timeStamp - clickedMs < DOUBLE_CLICK_MS;
  clickedMs = event.timeStamp;
  if (button && !isSecondHalf) act(button);
  if (event.target.closest('[data-board="switches-close"]')) {
    document.getElementById("switches").close();
  }
});
page("switches-open")?.addEventListener("click", () => {
  document.getElementById("switches").showModal();
});
const switches = document.getElementById("switches");
if (switches) closeOnBackdrop(switches);
page("station")?.addEventListener("change", ({ target }) => {
  const query = target.value ? `?station=${encodeURIComponent(target.value)}` : "";
  location.assign(location.pathname + query);
});
const keys = document.getElementById("keys");
if (keys) {
  closeOnBackdrop(keys);
  page("keys-open").addEventListener("click", () => keys.showModal());
  page("keys-close").addEventListener("click", () => keys.close());
}

chimes(page("sound"));
bump({ board, page, act, t });
settle();
setInterval(tick, 5000);
const polling = startPolling(ask, { fast: 1000, slow: 8000, topics: ["orders", "catalogue"] });
