// Owns what is offered beside a filled basket: with one tap it is added, with another it is gone.
// It is asked at most once for a basket, and never stands in the way of ordering.

import { blank, missing, orderable, priceOf } from "./compose-draft.js";
import { el, icon } from "./dom.js";

const MOST = 2;

// What goes well with what is in the basket, is not in it, and needs no decision.
export function suggestions(basket, menu) {
  if (basket.offered || basket.lines.length === 0) return [];
  const products = new Map(menu.products.map((product) => [product.id, product]));
  const held = new Set(basket.lines.flatMap((line) =>
    [line.product, ...(line.parts ?? []).map((part) => part.product)]));
  const wanted = basket.lines.flatMap((line) => products.get(line.product)?.upsell ?? []);
  const offered = [...new Set(wanted)].map((id) => products.get(id)).filter((product) =>
    orderable(product) && !held.has(product.id) && !missing(product, blank(product)));
  return offered.slice(0, MOST);
}

export class Upsell {
  #texts;
  #act;
  #box = el("section", { class: "upsell", hidden: true });

  constructor(texts, act) {
    this.#texts = texts;
    this.#act = act;
    document.querySelector('[data-basket="lines"]').after(this.#box);
    this.#box.setAttribute("aria-label", texts.t("menu.upsell"));
    this.#box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-upsell]");
      if (button) this.#act(button.dataset.upsell || null);
    });
  }

  show(basket, menu) {
    const { t, money } = this.#texts;
    const offered = suggestions(basket, menu);
    this.#box.hidden = offered.length === 0;
    const buttons = offered.map((product) =>
      el("button", { class: "upsell__add", type: "button", "data-upsell": product.id },
        icon("plus"), el("span", {}, product.name),
        el("strong", {}, money(priceOf(product, blank(product))))));
    this.#box.replaceChildren(
      el("p", { class: "upsell__title" }, t("menu.upsell")),
      ...buttons,
      el("button", { class: "upsell__no", type: "button", "data-upsell": "" },
        t("menu.upsell_no")),
    );
  }
}
