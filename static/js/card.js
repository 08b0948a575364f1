// Owns a member's card in the phone: the key that never leaves it, and a code that is signed afresh
// every minute, also without a network while the page stays open.
// It must not know the bytes of a code.

import { generate } from "../vendor/qr/lean-qr.js";
import { shown, toHex } from "./card-code.js";
import { proof } from "./csrf.js";
import { readData, readTexts } from "./text.js";

const EVERY_MS = 60_000;
const KEY = { name: "Ed25519" };
const QUIET = 4;
const SVG = "http://www.w3.org/2000/svg";

const data = readData("card");
const { t } = readTexts();
const place = { shown: "#shown", picture: "#picture", left: "#left", bind: "#bind" };
for (const name of Object.keys(place)) place[name] = document.querySelector(place[name]);
const trouble = document.getElementById("trouble");
// The counter goes by the venue's time, not by this phone's.
const ahead = data.now_ms - Date.now();
const now = () => Date.now() + ahead;

function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("relais-card", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("cards");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction("cards", mode).objectStore("cards"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    };
  });
}

const placeOf = `${data.venue}/${data.member}`;
const kept = () => store("readonly", (cards) => cards.get(placeOf));
const keep = (card) => store("readwrite", (cards) => cards.put(card, placeOf));
const forget = () => store("readwrite", (cards) => cards.delete(placeOf));

function draw(text) {
  const code = generate(text);
  const size = code.size + 2 * QUIET;
  const dark = [];
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (code.get(x, y)) dark.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`);
    }
  }
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  for (const [fill, d] of [["#fff", `M0 0h${size}v${size}H0z`], ["#000", dark.join("")]]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("fill", fill);
    path.setAttribute("d", d);
    svg.append(path);
  }
  place.picture.replaceChildren(svg);
  place.picture.dataset.code = text;
}

function complain(key) {
  trouble.textContent = t(key);
  trouble.hidden = false;
  place.bind.hidden = key === "card.no_crypto";
}

let timer = null;
function show(card) {
  const sign = (said) => crypto.subtle.sign(KEY, card.key, said);
  let nextMs = 0;
  let isSigning = false;
  trouble.hidden = true;
  place.bind.hidden = true;
  clearInterval(timer);
  async function tick() {
    const at = now();
    if (at >= card.untilMs) {
      clearInterval(timer);
      place.shown.hidden = true;
      complain("card.ended");
      return;
    }
    if (at >= nextMs && !isSigning) {
      isSigning = true;
      draw(await shown(card, at, sign));
      nextMs = at + EVERY_MS;
      isSigning = false;
      place.shown.hidden = false;
    }
    const seconds = Math.max(0, Math.ceil((nextMs - now()) / 1000));
    place.left.textContent = t("card.left", { seconds });
  }
  timer = setInterval(tick, 1000);
  tick();
}

async function bind() {
  place.bind.setAttribute("aria-busy", "true");
  try {
    const pair = await crypto.subtle.generateKey(KEY, false, ["sign", "verify"]);
    const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
    const response = await fetch("/api/account/card", {
      method: "POST",
      headers: { "content-type": "application/json", ...proof() },
      body: JSON.stringify({ key: toHex(new Uint8Array(raw)) }),
    });
    const given = await response.json();
    if (!response.ok) throw new Error(given.error.message);
    const { id, card, venue, member } = given;
    const made = {
      id, card, venue, member, key: pair.privateKey, keyId: given.key_id, untilMs: given.until_ms,
    };
    await keep(made);
    show(made);
  } catch (error) {
    complain(error.name === "NotSupportedError" ? "card.no_crypto" : "card.failed");
  }
  place.bind.removeAttribute("aria-busy");
}

async function begin() {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) {
    complain("card.no_crypto");
    return;
  }
  const card = await kept();
  place.bind.addEventListener("click", bind);
  // A card that was ended elsewhere, or replaced by one in another phone, is worth nothing.
  if (card && data.phones.includes(card.id) && now() < card.untilMs) {
    show(card);
    return;
  }
  if (card) await forget();
  place.bind.hidden = false;
}

begin();
