// Owns the map on an order's page: restaurant, address and courier, and the way between them.
// Without tiles it lies on a plain grid, without a router the way is a drawn curve, and then nothing
// is asked of anybody else. It must not know the order's other states.

import "/static/vendor/leaflet/leaflet.js";
import { NOWHERE, along, curve, point, routed } from "./way.js";

const EVERY_MS = 4000;
const TIMEOUT_MS = 8000;
const ROUTER_MS = 8000;
const ICONS = { restaurant: "flame", courier: "scooter", address: "home" };

function pin(name) {
  const html = `<svg class="icon" aria-hidden="true"><use href="/static/icons/ui.svg#${ICONS[name]}"></use></svg>`;
  return globalThis.L.divIcon({ className: `way-pin way-pin--${name}`, html, iconSize: [40, 40] });
}

// Draws into the section, and answers what to call when the order's state has changed.
export function followWay(section, t) {
  const { L } = globalThis;
  const part = (name) => section.querySelector(`[data-way-part="${name}"]`);
  const map = L.map(part("map"), {
    attributionControl: false,
    zoomControl: false,
    scrollWheelZoom: false,
    dragging: !L.Browser.mobile,
    maxZoom: 18,
  });
  const { tiles, router, way: order } = section.dataset;
  const marks = {};
  let drawn = "";
  let line = [];
  let timer = null;

  function put(name, at) {
    if (!at) {
      marks[name]?.remove();
      delete marks[name];
    } else if (marks[name]) {
      marks[name].setLatLng(at);
    } else {
      const options = { icon: pin(name), keyboard: false, interactive: false };
      marks[name] = L.marker(at, { ...options, zIndexOffset: name === "courier" ? 1000 : 0 }).addTo(map);
    }
  }

  // The way is drawn once, and again only when one of its ends turns out to be elsewhere.
  async function draw(restaurant, address, known) {
    const name = JSON.stringify([restaurant, address]);
    if (name === drawn) return;
    const first = drawn === "";
    drawn = name;
    line = (known && (await route(restaurant, address))) || curve(restaurant, address);
    map.fitBounds(L.latLngBounds(line), { padding: [48, 48], animate: false });
    if (first && tiles && known) L.tileLayer(tiles, { maxZoom: 18, referrerPolicy: "no-referrer" }).addTo(map);
    L.polyline(line, { className: "way-line way-line--edge", weight: 9, interactive: false }).addTo(map);
    L.polyline(line, { className: "way-line", weight: 5, interactive: false }).addTo(map);
    put("restaurant", restaurant);
    put("address", address);
    section.dataset.drawn = known && tiles ? "map" : "grid";
  }

  async function route(from, to) {
    if (!router) return null;
    const pair = ([north, east]) => `${east.toFixed(6)},${north.toFixed(6)}`;
    const url = router.replace("{from}", pair(from)).replace("{to}", pair(to));
    const options = { credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(ROUTER_MS) };
    const response = await fetch(url, options).catch(() => null);
    return response?.ok ? routed(await response.json().catch(() => null)) : null;
  }

  function tell(way, courier) {
    const is_simulated = way.simulated_permille !== null;
    part("simulation").hidden = !is_simulated;
    let text = t("way.waiting");
    if (way.state === "delivered" || way.state === "collected") text = t("way.arrived");
    else if (is_simulated) text = t("way.simulated");
    else if (courier) {
      const seconds = Math.round(way.courier.age_ms / 1000);
      const minutes = { count: Math.round(seconds / 60) };
      if (seconds < 15) text = t("way.now");
      else text = seconds < 90 ? t("way.seconds", { count: seconds }) : t("way.minutes", minutes);
    } else if (way.state === "on_its_way") text = t("way.no_position");
    part("told").textContent = text;
  }

  async function ask() {
    clearTimeout(timer);
    const response = await fetch(`/api/orders/${encodeURIComponent(order)}/way`, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    const way = response?.ok ? await response.json().catch(() => null) : null;
    if (!way) part("told").textContent = t("way.lost");
    else await show(way);
    const is_over = way?.state === "delivered" || way?.state === "collected";
    const is_moving = !way || way.state === "on_its_way";
    if (!is_over && is_moving && !document.hidden) timer = setTimeout(ask, EVERY_MS);
  }

  async function show(way) {
    const [from, to] = [point(way.restaurant), point(way.address)];
    const known = Boolean(from && to);
    await draw(known ? from : NOWHERE.restaurant, known ? to : NOWHERE.address, known);
    // Who walks in a demo walks on the line; where the places are unknown, so does nobody else.
    const real = known ? point(way.courier) : null;
    const walked = way.simulated_permille === null ? null : along(line, way.simulated_permille / 1000);
    const courier = walked ?? real;
    put("courier", courier);
    if (courier && !map.getBounds().contains(courier)) map.panTo(courier);
    tell(way, courier);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  ask();
  return ask;
}
