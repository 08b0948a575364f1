// Owns what the server rendered of the menu: which category is read, what is sold out by now, and
// drawing the page anew when another version is on sale, or when the venue opens.
// It must not know the basket.

const PAGE_TIMEOUT_MS = 15_000;

let stop = () => {};

export function followCategories() {
  stop();
  const links = new Map();
  for (const link of document.querySelectorAll(".rail a")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  function mark(section) {
    for (const [one, link] of links) {
      if (one === section) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const link = links.get(section);
    const list = link?.closest("ul");
    // Only the rail scrolls, never the page under the reader's finger.
    list?.scrollTo({ left: link.offsetLeft - list.clientWidth / 2 + link.clientWidth / 2 });
  }
  const seen = new Set();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      const first = [...links.keys()].find((section) => seen.has(section));
      if (first) mark(first);
    },
    { rootMargin: "-20% 0px -65% 0px" },
  );
  for (const section of links.keys()) watcher.observe(section);
  stop = () => watcher.disconnect();
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

export function markSoldOut(menu, { money }) {
  for (const product of menu.products) {
    const card = document.querySelector(`[data-product="${CSS.escape(product.id)}"]`);
    if (!card) continue;
    card.classList.toggle("card--sold-out", !product.available);
    card.classList.toggle("card--not-now", product.available && !product.served);
    card.querySelector(".card__price").textContent = money(product.price_cents);
    const open = card.querySelector(".card__open");
    if (product.available && product.served) open.removeAttribute("aria-disabled");
    else open.setAttribute("aria-disabled", "true");
  }
}
