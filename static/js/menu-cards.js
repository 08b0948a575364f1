// Owns the cards that the server rendered: which category is read, what is sold out by now, and
// drawing them anew when another version of the menu is on sale.
// It must not know the basket.

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

// Takes the categories of the page as it would be now; without an answer the old ones stay.
export async function redraw(fetch = globalThis.fetch.bind(globalThis)) {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } })
    .then((response) => (response.ok ? response.text() : null), () => null);
  const fresh = answer && new DOMParser().parseFromString(answer, "text/html");
  const rail = fresh?.querySelector(".rail__list");
  if (!rail || !fresh.getElementById("menu-cards")) return false;
  document.querySelector(".rail__list").replaceWith(document.adoptNode(rail));
  const cards = document.adoptNode(fresh.getElementById("menu-cards"));
  document.getElementById("menu-cards").replaceWith(cards);
  followCategories();
  return true;
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
