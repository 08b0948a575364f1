// Owns ordering again what was ordered before: its lines, held against the menu of now.
// Pure but for the one question; it must not know the page.

import { add, reconcile } from "./basket.js";
import { draftOf } from "./compose-draft.js";

const TIMEOUT_MS = 8000;

// The order that an address asks for again.
export function againOf(search) {
  const id = new URLSearchParams(search).get("again") ?? "";
  return /^[0-9a-f-]{36}$/.test(id) ? id : null;
}

// Puts these lines into the basket; answers with what has changed since, and what had no room.
export function putAgain(basket, lines, menu) {
  const products = new Map(menu.products.map((product) => [product.id, product]));
  const held = reconcile({ ...basket, lines }, menu);
  const changes = [...held.changes];
  let now = basket;
  for (const line of held.basket.lines) {
    const next = add(now, products.get(line.product), draftOf(line), line.quantity);
    if (next === now) changes.push({ kind: "full", name: line.name });
    now = next;
  }
  return { basket: now, changes };
}

// Asks what an order was made of; nothing where it is none of the reader's.
export async function linesOf(order) {
  const response = await fetch(`/api/account/orders/${order}/again`, {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const answer = response?.ok ? await response.json().catch(() => null) : null;
  return Array.isArray(answer?.lines) ? answer.lines : null;
}
