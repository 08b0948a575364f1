// Owns how a courier's phone says where it is: to whoever waits for an order that it has with it,
// and only while its owner wants so. It must not know what is on the list beside its own orders.

import { proof } from "./csrf.js";
import { readTexts } from "./text.js";

const EVERY_MS = 5000;
const TIMEOUT_MS = 8000;

const { t } = readTexts();
const told = document.querySelector('[data-share="told"]');
const toggle = document.querySelector('[data-share="toggle"]');
let watch = null;
let sent = 0;

const own = () => [...document.querySelectorAll("[data-own]")].map((ride) => ride.dataset.own);

async function send({ coords }) {
  const now = Date.now();
  if (now - sent < EVERY_MS) return;
  sent = now;
  const orders = own();
  if (orders.length === 0) {
    told.textContent = t("courier.share_none");
    return;
  }
  const body = JSON.stringify({
    latitude_e6: Math.round(coords.latitude * 1e6),
    longitude_e6: Math.round(coords.longitude * 1e6),
  });
  const answers = await Promise.all(orders.map((order) => post(order, body)));
  told.textContent = answers.every(Boolean) ? t("courier.shared") : t("courier.share_lost");
}

async function post(order, body) {
  const response = await fetch(`/api/deliveries/${encodeURIComponent(order)}/position`, {
    method: "POST",
    headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  // Handed over meanwhile: nobody waits for this place any more.
  return response?.ok || response?.status === 409;
}

function show(on) {
  toggle.setAttribute("aria-pressed", String(on));
  toggle.textContent = t(on ? "courier.share_off" : "courier.share_on");
}

function stop(text) {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  show(false);
  told.textContent = text;
}

toggle.addEventListener("click", () => {
  if (watch !== null) {
    stop(t("courier.share_text"));
    return;
  }
  const options = { enableHighAccuracy: true, maximumAge: 2000, timeout: 30_000 };
  watch = navigator.geolocation.watchPosition(send, (error) => {
    // Without a place for a while the phone goes on looking; refused it stays refused.
    if (error.code === error.PERMISSION_DENIED) stop(t("courier.share_refused"));
    else told.textContent = t("courier.share_lost");
  }, options);
  show(true);
});

if (globalThis.isSecureContext && "geolocation" in navigator) toggle.disabled = false;
else told.textContent = t("courier.share_insecure");
document.documentElement.dataset.rides = "ready";
