// Owns what the server rendered of the menu: which category is read, what is sold out by now, and
// drawing the page anew when another version is on sale, or when the venue opens.
// It must not know the basket.

const PAGE_TIMEOUT_MS = 15_000;
// How far down the menu the eye rests, as a part of what is seen.
const EYE = 0.25;

let stop = () => {};

// Which of these sections is read: the last one whose top has passed the line on which the eye
// rests. Near the end the line sinks to the foot, near the start it rises to the head, so that
// short sections there have their turn too.
export function sectionRead(sections, { height, scrolled, left }) {
  const way = Math.min(height, scrolled + left);
  const end = way > 0 ? height * (1 - left / way) : 0;
  const line = Math.max(Math.min(height * EYE, scrolled), end);
  return sections.findLast(({ top }) => top <= line) ?? sections[0] ?? null;
}

// The menu scrolls by itself where there is room beside it, else the page does.
function viewOf(menu) {
  const own = getComputedStyle(menu).overflowY === "auto";
  const { scrollTop, scrollHeight, clientHeight } = own ? menu : document.scrollingElement;
  const left = Math.max(0, Math.floor(scrollHeight - clientHeight - scrollTop));
  const head = own ? menu.getBoundingClientRect().top : 0;
  return { head, height: clientHeight, scrolled: scrollTop, left };
}

// Shows in the rail which section is read.
function makeMarker(links) {
  let marked = null;
  return (section) => {
    if (!section || section === marked) return;
    marked = section;
    for (const [one, link] of links) {
      if (one === section) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const link = links.get(section);
    // Only the rail scrolls, never the page under the reader's finger.
    const list = link.closest("ul");
    list.scrollTo({ left: link.offsetLeft - list.clientWidth / 2 + link.clientWidth / 2 });
  };
}

export function followCategories() {
  stop();
  const links = new Map();
  for (const link of document.querySelectorAll(".rail a")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  if (links.size === 0) return;
  const menu = document.querySelector(".menu");
  const mark = makeMarker(links);
  let asked = 0;
  let chosen = null;

  function look() {
    asked = 0;
    const view = viewOf(menu);
    const shown = [...links].filter(([section, link]) => {
      // What a filter leaves nothing of leads nowhere.
      link.parentElement.hidden = section.hidden;
      return !section.hidden;
    });
    const places = shown.map(([section]) =>
      ({ section, top: section.getBoundingClientRect().top - view.head }));
    if (chosen?.hidden) chosen = null;
    mark(chosen ?? sectionRead(places, view)?.section);
  }
  function soon() {
    asked ||= requestAnimationFrame(look);
  }
  // Whoever chose a category reads it, also one that is too short to come to the top, until they
  // scroll on by themselves.
  function choose(event) {
    const link = event.target.closest?.(".rail a");
    chosen = [...links].find(([, one]) => one === link)?.[0] ?? chosen;
    soon();
  }
  function release() {
    chosen = null;
  }
  const leaving = new AbortController();
  const hear = (kind, act) => document.addEventListener(kind, act,
    { capture: true, passive: true, signal: leaving.signal });
  hear("scroll", soon);
  hear("click", choose);
  for (const kind of ["wheel", "touchmove", "keydown"]) hear(kind, release);
  // A filter, a picture that arrives and a window of another size move the sections.
  const watcher = new ResizeObserver(soon);
  watcher.observe(document.getElementById("menu-cards"));
  watcher.observe(menu);
  stop = () => {
    leaving.abort();
    watcher.disconnect();
    cancelAnimationFrame(asked);
  };
}

// Keeps true what only the server draws: the cards of the version on sale, and of a page that was
// opened while the venue was closed that it is. Answers whether the cards are others. Without an
// answer the old ones stay, and the next call asks again. `opened` is called when the venue opens.
export function keepDrawn(version, opened, fetch = globalThis.fetch.bind(globalThis)) {
  let drawn = version;
  return async (wanted) => {
    const isClosed = document.getElementById("basket").dataset.closed !== undefined;
    if (wanted === drawn && !isClosed) return false;
    const fresh = await pageOfNow(fetch);
    if (!fresh) return false;
    if (isClosed) takeClosing(fresh, opened);
    if (wanted === drawn) return false;
    drawn = wanted;
    takeCards(fresh);
    return true;
  };
}

async function pageOfNow(fetch) {
  const signal = AbortSignal.timeout(PAGE_TIMEOUT_MS);
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal })
    .then((response) => (response.ok ? response.text() : null)).catch(() => null);
  const fresh = answer && new DOMParser().parseFromString(answer, "text/html");
  const whole = [".rail__list", "#menu-cards", "#closing", "#basket"];
  return fresh && whole.every((part) => fresh.querySelector(part)) ? fresh : null;
}

function takeCards(fresh) {
  for (const part of [".rail__list", "#menu-cards"]) {
    const next = document.adoptNode(fresh.querySelector(part));
    document.querySelector(part).replaceWith(next);
  }
  followCategories();
}

function takeClosing(fresh, opened) {
  if (fresh.getElementById("basket").dataset.closed === undefined) {
    delete document.getElementById("basket").dataset.closed;
    opened();
  }
  const [old, next] = [document, fresh].map((page) => page.getElementById("closing"));
  // Whoever reads the hours goes on.
  if (old.querySelector("details[open]")) next.querySelector("details")?.setAttribute("open", "");
  if (!old.isEqualNode(next)) old.replaceWith(document.adoptNode(next));
}

// What has to be chosen may cost more: then the card tells the least.
export function priceOf(product, { t, money }) {
  const price = money(product.least_cents);
  return product.rises ? t("menu.from", { price }) : price;
}

export function markSoldOut(menu, texts) {
  for (const product of menu.products) {
    const card = document.querySelector(`[data-product="${CSS.escape(product.id)}"]`);
    if (!card) continue;
    card.classList.toggle("card--sold-out", !product.available);
    card.classList.toggle("card--not-now", product.available && !product.served);
    card.querySelector(".card__price").textContent = priceOf(product, texts);
    const open = card.querySelector(".card__open");
    if (product.available && product.served) open.removeAttribute("aria-disabled");
    else open.setAttribute("aria-disabled", "true");
  }
}
