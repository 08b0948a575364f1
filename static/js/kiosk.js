// Owns the kiosk's manners: it asks before it resets, forgets the customer, and never leaves for a
// page that does not answer. It must not know baskets or orders.

import { forgetAll, isOwnPath } from "./basket-store.js";

const DEFAULT_LANGUAGE = "fr";
const RETRY_MS = 3000;
// A line that swallows everything must not hold a kiosk.
const PATIENCE_MS = 8000;
// However long a server asks to wait: somebody may have mended it meanwhile.
const RETRY_MAX_MS = 30_000;
const TOUCHES = ["pointerdown", "keydown", "input", "wheel"];

export function isKiosk() {
  return document.body.dataset.surface === "surface-kiosk";
}

// An order's page has one address for everybody: the kiosk says that it is one.
export function kioskAddress(url) {
  const address = new URL(url, "http://kiosk.invalid");
  if (address.pathname.startsWith("/orders/")) address.searchParams.set("kiosk", "1");
  return address.pathname + address.search + address.hash;
}

function knock() {
  return { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) };
}

// Goes to a page once the server answers: a browser's own error page would strand the kiosk.
export async function leaveFor(wanted) {
  const url = kioskAddress(wanted);
  for (;;) {
    const answered = await fetch(url, knock()).catch(() => null);
    if (answered && answered.status < 500) break;
    showWaiting(Boolean(answered));
    const waitMs = (Number(answered?.headers.get("retry-after")) || 0) * 1000;
    const pauseMs = Math.min(RETRY_MAX_MS, Math.max(RETRY_MS, waitMs));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  location.replace(url);
}

// Only who gets no answer has lost the signal: a server that cannot answer now asks for a moment.
function showWaiting(answered) {
  const dialog = document.getElementById("signal");
  if (!dialog) return;
  const { waitTitle, waitText, lostTitle, lostText } = dialog.dataset;
  dialog.querySelector("#signal-title").textContent = answered ? waitTitle : lostTitle;
  dialog.querySelector("#signal-text").textContent = answered ? waitText : lostText;
  if (dialog.open) return;
  for (const button of dialog.querySelectorAll("button")) button.hidden = true;
  dialog.showModal();
}

export function resetKiosk() {
  forgetAll();
  return leaveFor(`${document.body.dataset.home}?lang=${DEFAULT_LANGUAGE}&comfort=0`);
}

// Links on a kiosk go the careful way and leave no history behind; what leads out of the site, or
// into another window, leads nowhere.
export function guardLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const href = link?.getAttribute("href");
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    if (href.startsWith("#")) show(document.getElementById(decodeURIComponent(href.slice(1))));
    else if (isOwnPath(href)) leaveFor(href);
  });
  for (const kind of ["contextmenu", "auxclick", "dragstart", "gesturestart"]) {
    document.addEventListener(kind, (event) => event.preventDefault());
  }
  // A pinch on a touch pad, and its keys.
  const zooms = (event) => event.ctrlKey && event.preventDefault();
  document.addEventListener("wheel", zooms, { passive: false });
  document.addEventListener("keydown", (event) => "+-0=".includes(event.key) && zooms(event));
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

function show(place) {
  place?.scrollIntoView();
  place?.focus({ preventScroll: true });
}

// A page that nobody touches shows after a while what is true by then; a server that does not
// answer is asked again later, and nobody needs to see that.
export function renewWhenQuiet(seconds) {
  let waiting = null;
  async function renew() {
    const home = document.body.dataset.home;
    const answered = await fetch(home, knock()).catch(() => null);
    if (answered?.ok) location.replace(home);
    else rest();
  }
  function rest() {
    clearTimeout(waiting);
    waiting = setTimeout(renew, seconds * 1000);
  }
  for (const kind of TOUCHES) document.addEventListener(kind, rest, { passive: true });
  if (seconds > 0) rest();
}

// Asks "still there?" after a quiet while and resets when nobody answers. More time can be taken
// as often as one likes, and any touch counts as an answer.
export function watchIdle({ reset = resetKiosk } = {}) {
  const dialog = document.getElementById("idle");
  const left = dialog.querySelector('[data-idle="left"]');
  const idleMs = Number(dialog.dataset.idleS) * 1000;
  const warningS = Number(dialog.dataset.warningS);
  let asleep = null;
  let countdown = null;

  function rest() {
    clearTimeout(asleep);
    asleep = setTimeout(warn, idleMs);
  }
  function warn() {
    let seconds = warningS;
    left.textContent = seconds;
    dialog.showModal();
    clearInterval(countdown);
    countdown = setInterval(() => {
      seconds -= 1;
      left.textContent = Math.max(0, seconds);
      if (seconds <= 0) {
        clearInterval(countdown);
        reset();
      }
    }, 1000);
  }
  function stay() {
    clearInterval(countdown);
    if (dialog.open) dialog.close();
    rest();
  }

  dialog.querySelector('[data-idle="stay"]').addEventListener("click", stay);
  dialog.querySelector('[data-idle="leave"]').addEventListener("click", () => {
    clearInterval(countdown);
    reset();
  });
  // However it was closed, by a second Escape too: somebody is there.
  dialog.addEventListener("close", stay);
  for (const kind of TOUCHES) {
    document.addEventListener(kind, () => !dialog.open && rest(), { passive: true });
  }
  rest();
}
