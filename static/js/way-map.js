// Owns the map on an order's page: restaurant, address and courier, and the way between them.
// Without tiles it lies on a plain grid, without a router the way is a drawn curve, and then nothing
// is asked of anybody else. It must not know the order's other states.

import "/static/vendor/leaflet/leaflet.js";
import { NOWHERE, along, curve, point, routed } from "./way.js";

const EVERY_MS = 4000;
const TIMEOUT_MS = 8000;
const ICONS = { restaurant: "flame", courier: "scooter", address: "home" };
const OVER = ["delivered", "collected"];

// Draws into the section, and answers what to call when the order's state has changed.
export function followWay(section, t) {
  const part = (name) => section.querySelector(`[data-way-part="${name}"]`);
  const ground = lay(part("map"), section.dataset);
  let timer = null;

  async function ask() {
    clearTimeout(timer);
    const way = await waysOf(section.dataset.way);
    const courier = way && (await ground.show(way));
    if (way) part("simulation").hidden = way.simulated_permille === null;
    part("told").textContent = way ? news(way, courier, t) : t("way.lost");
    if (ground.kind) section.dataset.drawn = ground.kind;
    const is_moving = !way || way.state === "on_its_way";
    if (is_moving && !document.hidden) timer = setTimeout(ask, EVERY_MS);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  ask();
  return ask;
}

async function waysOf(order) {
  const response = await fetch(`/api/orders/${encodeURIComponent(order)}/way`, {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  return response?.ok ? response.json().catch(() => null) : null;
}

function news(way, courier, t) {
  if (way.state === "cancelled") return t("order.headline_cancelled");
  if (OVER.includes(way.state)) return t("way.arrived");
  if (way.simulated_permille !== null) return t("way.simulated");
  if (!courier) return t(way.state === "on_its_way" ? "way.no_position" : "way.waiting");
  const seconds = Math.round(way.courier.age_ms / 1000);
  if (seconds < 15) return t("way.now");
  if (seconds < 90) return t("way.seconds", { count: seconds });
  return t("way.minutes", { count: Math.round(seconds / 60) });
}

function lay(box, { tiles, router }) {
  const { L } = globalThis;
  const map = L.map(box, {
    attributionControl: false,
    zoomControl: false,
    scrollWheelZoom: false,
    dragging: !L.Browser.mobile,
    maxZoom: 18,
  });
  const marks = {};
  const ground = { kind: "", show };
  let drawn = "";
  let line = [];

  function put(name, at) {
    if (!at) marks[name]?.remove();
    if (!at) delete marks[name];
    else if (marks[name]) marks[name].setLatLng(at);
    else marks[name] = mark(name, at).addTo(map);
  }

  // The way is drawn once: neither restaurant nor address walks away.
  async function draw(restaurant, address, known) {
    if (drawn) return;
    drawn = "drawn";
    line = (known && (await route(router, restaurant, address))) || curve(restaurant, address);
    const fit = () => map.fitBounds(L.latLngBounds(line), { padding: [48, 48], animate: false });
    fit();
    map.on("resize", fit);
    if (tiles && known) {
      L.tileLayer(tiles, { maxZoom: 18, referrerPolicy: "no-referrer" }).addTo(map);
    }
    for (const [kind, weight] of [["way-line way-line--edge", 9], ["way-line", 5]]) {
      L.polyline(line, { className: kind, weight, interactive: false }).addTo(map);
    }
    put("restaurant", restaurant);
    put("address", address);
    ground.kind = known && tiles ? "map" : "grid";
  }

  async function show(way) {
    const [from, to] = [point(way.restaurant), point(way.address)];
    const known = Boolean(from && to);
    await draw(known ? from : NOWHERE.restaurant, known ? to : NOWHERE.address, known);
    // Who walks in a demo walks on the line; where the places are unknown, nobody else does.
    const share = way.simulated_permille;
    const courier = share === null ? (known ? point(way.courier) : null) : along(line, share / 1000);
    put("courier", courier);
    if (courier && !map.getBounds().contains(courier)) map.panTo(courier);
    return courier;
  }

  return ground;
}

function mark(name, at) {
  const { L } = globalThis;
  const use = `<use href="/static/icons/ui.svg#${ICONS[name]}"></use>`;
  const icon = L.divIcon({
    className: `way-pin way-pin--${name}`,
    html: `<svg class="icon" aria-hidden="true">${use}</svg>`,
    iconSize: [40, 40],
  });
  const zIndexOffset = name === "courier" ? 1000 : 0;
  return L.marker(at, { icon, keyboard: false, interactive: false, zIndexOffset });
}

// Asks the router that the venue named, if it named one.
async function route(router, from, to) {
  if (!router) return null;
  const pair = ([north, east]) => `${east.toFixed(6)},${north.toFixed(6)}`;
  const response = await fetch(router.replace("{from}", pair(from)).replace("{to}", pair(to)), {
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  return response?.ok ? routed(await response.json().catch(() => null)) : null;
}
