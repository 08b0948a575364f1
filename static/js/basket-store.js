// Owns where the basket lives between pages: this tab on the kiosk, this browser on the web.
// It must not know what is in a basket beyond reading and writing it.

import { newBasket, parse } from "./basket.js";

const BASKET = "relais.basket";
const LAST = "relais.last-order";
const LAST_LIVES_MS = 12 * 60 * 60 * 1000;

export function openStore({ kiosk, changed = () => {} }) {
  // Where a browser keeps nothing for a site, reading the very name fails.
  const storage = safely(() => (kiosk ? sessionStorage : localStorage));
  let current = parse(safely(() => storage.getItem(BASKET)));

  function write(basket) {
    current = basket;
    // A full or forbidden storage costs the reload, not the order: memory still holds it.
    safely(() => storage.setItem(BASKET, JSON.stringify(basket)));
    return basket;
  }

  function reread() {
    current = parse(safely(() => storage.getItem(BASKET)));
    changed(current);
  }

  // Another tab changed the basket, or the browser brought this page back from its cache.
  addEventListener("storage", (event) => {
    if (storage && event.storageArea === storage && (event.key === BASKET || event.key === null)) reread();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) reread();
  });

  return { get: () => current, set: write, finish: () => write(newBasket()) };
}

export function rememberOrder({ ticket, url }, now = Date.now()) {
  safely(() => localStorage.setItem(LAST, JSON.stringify({ ticket, url, at: now })));
}

export function lastOrder(now = Date.now()) {
  const order = safely(() => JSON.parse(localStorage.getItem(LAST)));
  const fresh = order && now - order.at < LAST_LIVES_MS && now >= order.at;
  return fresh && isOwnPath(order.url) ? order : null;
}

// Forgets the customer: everything that this site keeps in this browser.
export function forgetAll() {
  safely(() => sessionStorage.clear());
  safely(() => localStorage.clear());
}

export function isOwnPath(url) {
  return typeof url === "string" && /^\/(?![/\\])/.test(url);
}

function safely(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
