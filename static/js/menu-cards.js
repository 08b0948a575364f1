// Owns the cards that the server rendered: which category is read, and what is sold out by now.
// It must not know the basket.

export function followCategories() {
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
}

export function markSoldOut(menu, { money }) {
  for (const product of menu.products) {
    const card = document.querySelector(`[data-product="${CSS.escape(product.id)}"]`);
    if (!card) continue;
    card.classList.toggle("card--sold-out", !product.available);
    card.querySelector(".card__price").textContent = money(product.price_cents);
    const open = card.querySelector(".card__open");
    if (product.available) open.removeAttribute("aria-disabled");
    else open.setAttribute("aria-disabled", "true");
  }
}
