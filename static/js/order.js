// Owns the order page's behaviour: it follows the state, says when there is no news, and on the
// kiosk returns to the start. It must not know baskets.

import { guardLinks, isKiosk, resetKiosk } from "./kiosk.js";
import { offerTables } from "./order-table.js";
import { startPolling } from "./poll.js";
import { readData, readTexts } from "./text.js";

const MAP = "./way-map.js";
const RETURN_S = 30;
const MORE_S = 60;
const RETURN_WHEN_SEEN = 5;

const { t } = readTexts();
const main = document.getElementById("main");
let refreshWay = null;
const live = (name) => main.querySelector(`[data-live="${name}"]`);

// What each state means for this customer: the server says it, once.
const SENTENCES = readData("sentences");
const OVER = ["collected", "delivered", "cancelled"];
const SAFE = { here: t("order.safe_here"), cloud: t("order.safe_cloud") };

async function ask() {
  const response = await fetch(`/api/orders/${encodeURIComponent(main.dataset.order)}`, {
    headers: { accept: "application/json" },
    cache: "no-cache",
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  live("offline").hidden = Boolean(response?.ok);
  if (!response?.ok) return "failed";
  const { state, safe, table, acceptance } = await response.json();
  // Once somebody has promised it, there is another page to draw.
  if (acceptance && acceptance !== main.dataset.acceptance) location.reload();
  // What there is to choose is the server's to draw.
  if (table && table.code !== main.dataset.table) location.reload();
  const news = state !== main.dataset.state || safe !== live("safe").dataset.safe;
  show(state, safe);
  if (news) refreshWay?.();
  return OVER.includes(state) ? "stop" : news ? "news" : "same";
}

function show(state, safe) {
  if (SENTENCES[state] && state !== main.dataset.state) {
    main.dataset.state = state;
    const [headline, advice] = SENTENCES[state];
    live("headline").textContent = headline;
    live("advice").textContent = advice;
    for (const step of main.querySelectorAll("[data-step]")) {
      if (step.dataset.step === state) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    document.title = `${headline} · ${main.dataset.ticket}`;
  }
  if (SAFE[safe]) {
    live("safe").dataset.safe = safe;
    live("safe-label").textContent = SAFE[safe];
  }
}

// The kiosk goes back by itself; more time can be taken as often as one likes.
function returnToStart() {
  const shown = main.querySelector('[data-idle="return"]');
  let left = RETURN_S;
  function tell() {
    shown.textContent = t("order.seconds", { count: left });
  }
  const timer = setInterval(() => {
    left -= 1;
    tell();
    if (left <= 0) {
      clearInterval(timer);
      resetKiosk();
    }
  }, 1000);
  document.querySelector('[data-idle="more"]').addEventListener("click", () => {
    left = MORE_S;
    tell();
  });
  main.querySelector('[data-action="new-order"]').addEventListener("click", (event) => {
    event.preventDefault();
    clearInterval(timer);
    resetKiosk();
  });
  // Any other touch shows that somebody is still reading.
  document.addEventListener("pointerdown", () => {
    if (left < RETURN_S - RETURN_WHEN_SEEN) left = RETURN_S;
  });
  tell();
}

if (isKiosk()) {
  guardLinks();
  returnToStart();
}
offerTables(main, t);
const way = main.querySelector("[data-way]");
if (way) {
  // Without the map everything else of the page goes on.
  import(MAP)
    .then(({ followWay }) => {
      refreshWay = followWay(way, t);
    })
    .catch(() => {
      way.hidden = true;
    });
}
// Called numbers are waited for: the state is asked for often enough to be believed.
startPolling(ask, { fast: 3000, slow: 8000, topics: ["orders"] });
// From here on a touch is heard, and the way back to the start is counted.
document.documentElement.dataset.ready = "order";
