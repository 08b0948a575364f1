// Owns the basket: its lines, its total, its one order id, and what a changed menu does to it.
// Pure: no page, no storage, no network. Every change returns a new basket.

import { keyOf, linePart, draftOf, orderable, priceOf, stands } from "./compose-draft.js";
import { clampQuantity } from "./compose-rules.js";

export const MAX_LINES = 50;
const VERSION = 1;
const MODES = ["eat_in", "take_away", "delivery"];
const WISHES = { code: /^.{1,20}$/, note: /^.{1,280}$/, time: /^\d{13}$/ };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// The id is made with the basket and sent with every attempt to order it: whatever the network
// does, and however often a finger taps, one basket becomes at most one order.
export function newBasket(id = newId()) {
  return { version: VERSION, id, mode: null, lines: [] };
}

// `crypto.randomUUID` exists in secure contexts only; a kiosk on the local network is not one.
export function newId(fill = (bytes) => globalThis.crypto.getRandomValues(bytes)) {
  const bytes = fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Equal dishes share a line: the key says what a line is made of.
export { keyOf };

export function add(basket, product, draft, quantity) {
  const key = keyOf(product, draft);
  const same = basket.lines.find((line) => line.key === key);
  if (same) return setQuantity(basket, key, same.quantity + quantity);
  if (basket.lines.length >= MAX_LINES) return basket;
  const line = {
    key,
    product: product.id,
    name: product.name,
    quantity: clampQuantity(quantity),
    unit_cents: priceOf(product, draft),
    ...linePart(product, draft),
  };
  return { ...basket, lines: [...basket.lines, line] };
}

// Puts a line that was composed anew where it stood before, or onto its equal.
export function replace(basket, key, product, draft, quantity) {
  const fresh = add({ ...basket, lines: [] }, product, draft, quantity).lines[0];
  const other = basket.lines.find((line) => line.key === fresh.key && line.key !== key);
  if (other) {
    return setQuantity(remove(basket, key), other.key, other.quantity + fresh.quantity);
  }
  return { ...basket, lines: basket.lines.map((line) => (line.key === key ? fresh : line)) };
}

export function setQuantity(basket, key, quantity) {
  if (quantity < 1) return remove(basket, key);
  const change = (line) =>
    line.key === key ? { ...line, quantity: clampQuantity(quantity) } : line;
  return { ...basket, lines: basket.lines.map(change) };
}

export function remove(basket, key) {
  return { ...basket, lines: basket.lines.filter((line) => line.key !== key) };
}

export function setMode(basket, mode) {
  return { ...basket, mode };
}

// What an order carries besides dishes: a note, a moment in milliseconds, a code. An empty wish is
// none.
export function setWish(basket, name, value) {
  const { [name]: _, ...rest } = basket;
  return value ? { ...rest, [name]: value } : rest;
}

export function total(basket) {
  return basket.lines.reduce((sum, line) => sum + line.unit_cents * line.quantity, 0);
}

export function count(basket) {
  return basket.lines.reduce((sum, line) => sum + line.quantity, 0);
}

// What is wanted, without what only the page shows.
export function wantedLines(basket) {
  return basket.lines.map(({ key, name, unit_cents: cents, ...wanted }) => wanted);
}

// What POST /api/orders takes. The total is what the customer saw: the server refuses another.
export function toOrder(basket, seen = {}) {
  const { total_cents: totalCents = total(basket), delivery, wanted_ms: wantedMs } = seen;
  return {
    id: basket.id,
    mode: basket.mode,
    lines: wantedLines(basket),
    total_cents: totalCents,
    ...(basket.code && { code: basket.code }),
    ...(basket.note && { note: basket.note }),
    ...(wantedMs && { wanted_ms: wantedMs }),
    ...(delivery && { delivery }),
  };
}

// Holds the basket against the menu of now. Says each change instead of making it in silence.
export function reconcile(basket, menu) {
  const products = new Map(menu.products.map((product) => [product.id, product]));
  const changes = [];
  const lines = [];
  for (const line of basket.lines) {
    const product = products.get(line.product);
    if (!orderable(product)) {
      const kind = product?.available ? "not_now" : "sold_out";
      changes.push({ kind, name: product?.name ?? line.name });
      continue;
    }
    if (!stands(product, line)) {
      changes.push({ kind: "options", name: product.name });
      continue;
    }
    const unit = priceOf(product, draftOf(line));
    if (unit !== line.unit_cents) {
      changes.push({ kind: "price", name: product.name, before: line.unit_cents, after: unit });
    }
    lines.push({ ...line, name: product.name, unit_cents: unit });
  }
  return { basket: { ...basket, lines }, changes };
}

// Shows the basket in the menu's language: each line by the name that its dish has now, or by the
// one that was kept where the menu no longer has it.
export function named(basket, menu) {
  const names = new Map(menu.products.map(({ id, name }) => [id, name]));
  const lines = basket.lines.map((line) =>
    ({ ...line, name: names.get(line.product) ?? line.name }));
  return { ...basket, lines };
}

// Reads what storage held. Anything that is not a whole basket is an empty one.
export function parse(text) {
  let data;
  try {
    data = JSON.parse(text ?? "");
  } catch {
    return newBasket();
  }
  const whole =
    data?.version === VERSION && UUID.test(data.id) && Array.isArray(data.lines) &&
    data.lines.length <= MAX_LINES && data.lines.every(isLine);
  if (!whole) return newBasket();
  const mode = MODES.includes(data.mode) ? data.mode : null;
  const offered = data.offered === true ? { offered: true } : {};
  const kept = { version: VERSION, id: data.id, mode, lines: data.lines, ...offered };
  const fits = (name) => typeof data[name] === "string" && WISHES[name].test(data[name]);
  const wishes = Object.keys(WISHES).filter(fits);
  return wishes.reduce((all, name) => setWish(all, name, data[name]), kept);
}

function isLine(line) {
  return (
    typeof line?.key === "string" && typeof line.product === "string" &&
    typeof line.name === "string" && Number.isInteger(line.quantity) && line.quantity >= 1 &&
    line.quantity === clampQuantity(line.quantity) && Number.isSafeInteger(line.unit_cents) &&
    hasDecisions(line) && ["undefined", "string"].includes(typeof line.word) &&
    (line.parts === undefined || (Array.isArray(line.parts) && line.parts.every((part) =>
      typeof part?.slot === "string" && typeof part.product === "string" && hasDecisions(part))))
  );
}

function hasDecisions(one) {
  return (
    Array.isArray(one.choices) &&
    one.choices.every((c) => typeof c?.group === "string" && typeof c.choice === "string") &&
    (one.left_out === undefined ||
      (Array.isArray(one.left_out) && one.left_out.every((id) => typeof id === "string")))
  );
}
