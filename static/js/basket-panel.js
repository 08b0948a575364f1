// Owns how the basket is shown: beside the menu where there is room, as a sheet on a phone.
// It changes nothing itself: every gesture calls back.

import { count, total } from "./basket.js";
import { wordsOf } from "./compose-draft.js";
import { MAX_QUANTITY } from "./compose-rules.js";
import { closeOnBackdrop, el, icon } from "./dom.js";

const WIDE = "(min-width: 46rem)";
const SURE_MS = 4000;

const part = (name) => document.querySelector(`[data-basket="${name}"]`);

// What the button says: nobody pays at the counter for what is brought to them.
export function orderLabel({ busy, closed, mode }) {
  if (busy) return "basket.ordering";
  if (closed) return "basket.closed";
  return mode === "delivery" ? "basket.order_delivery" : "basket.order";
}

export class BasketPanel {
  #texts;
  #act;
  #products = new Map();
  #sure = null;
  #busy = false;
  #mode = null;
  #body = document.getElementById("basket");
  #side = document.getElementById("basket-side");
  #sheet = document.getElementById("basket-sheet");
  #wide = matchMedia(WIDE);

  constructor(texts, act) {
    this.#texts = texts;
    this.#act = act;
    this.#wide.addEventListener("change", () => this.#settle());
    this.#settle();
    this.#listen();
  }

  setProducts(list) {
    this.#products = new Map(list.map((product) => [product.id, product]));
  }

  show(basket, price = null) {
    const { money } = this.#texts;
    const cents = price?.total_cents ?? total(basket);
    const items = count(basket);
    const empty = basket.lines.length === 0;
    const closed = this.#isClosed();
    const lines = basket.lines.map((line) => this.#lineElement(line));
    keepFocus(() => part("lines").replaceChildren(...lines));
    part("empty").hidden = !empty;
    part("clear").hidden = empty;
    part("head-count").textContent = empty ? "" : items;
    part("count").textContent = empty ? "" : items;
    part("wishes").hidden = empty;
    part("sums").replaceChildren(...sums(price, this.#texts));
    part("total").textContent = money(cents);
    showEarned(cents, this.#texts, this.#body.dataset.points);
    part("bar-total").textContent = empty ? "" : money(cents);
    document.getElementById("basket-bar").classList.toggle("basket-bar--shown", !empty);
    part("order").disabled = empty || closed;
    for (const input of part("modes").querySelectorAll("input")) {
      input.checked = input.value === basket.mode;
    }
    this.#mode = basket.mode;
    this.#label();
    if (empty && this.#sheet.open) this.#sheet.close();
  }

  // Brings a line that was just added into sight: the list may be longer than its window.
  reveal(key) {
    const held = [...part("lines").querySelectorAll("[data-line]")];
    const line = held.find((one) => one.dataset.line === key)?.closest("li");
    line?.classList.add("line--fresh");
    line?.scrollIntoView({ block: "nearest" });
  }

  say(text) {
    part("error").textContent = text;
  }

  askMode() {
    this.say(this.#texts.t("basket.mode_missing"));
    part("modes").querySelector("input").focus();
  }

  setBusy(busy) {
    const button = part("order");
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    this.#busy = busy;
    this.#label();
  }

  #isClosed() {
    return this.#body.dataset.closed === "true";
  }

  #label() {
    const key = orderLabel({ busy: this.#busy, closed: this.#isClosed(), mode: this.#mode });
    part("order").querySelector("span").textContent = this.#texts.t(key);
  }

  open() {
    if (!this.#wide.matches && !this.#sheet.open) this.#sheet.showModal();
  }

  #settle() {
    if (this.#sheet.open) this.#sheet.close();
    (this.#wide.matches ? this.#side : this.#sheet).append(this.#body);
  }

  #listen() {
    const act = this.#act;
    part("lines").addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) act[button.dataset.do](button.dataset.line);
    });
    part("modes").addEventListener("change", (event) => {
      this.say("");
      act.mode(event.target.value);
    });
    part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      act.order();
    });
    part("clear").addEventListener("click", () => this.#clear());
    part("close").addEventListener("click", () => this.#sheet.close());
    const opener = document.getElementById("basket-open");
    opener.addEventListener("click", () => this.#sheet.showModal());
    closeOnBackdrop(this.#sheet);
  }

  // Emptying asks once more, on the same button, and forgets the question by itself.
  #clear() {
    const { t } = this.#texts;
    const button = part("clear");
    if (this.#sure) {
      clearTimeout(this.#sure);
      this.#sure = null;
      button.textContent = t("basket.clear");
      this.#act.clear();
      return;
    }
    button.textContent = t("basket.clear_sure");
    this.#sure = setTimeout(() => {
      this.#sure = null;
      button.textContent = t("basket.clear");
    }, SURE_MS);
  }

  #lineElement(line) {
    const { t, money } = this.#texts;
    const product = this.#products.get(line.product);
    const options = wordsOf(product, line, t);
    const button = (kind, label, glyph, disabled) =>
      el(
        "button",
        {
          class: "mini", type: "button", "data-line": line.key, "data-do": kind,
          "aria-label": t(label, { name: line.name }), disabled,
        },
        icon(glyph),
      );
    return el(
      "li",
      { class: "line" },
      el(
        "button",
        {
          class: "line__open", type: "button", "data-line": line.key, "data-do": "change",
          // What is read aloud begins with what is seen, letter by letter: voices are told both.
          "aria-label": t("basket.change", { name: `${line.name} ${options.join(" · ")}`.trim() }),
        },
        el("span", { class: "line__name" }, line.name),
        " ",
        options.length > 0 ? el("span", { class: "line__options" }, options.join(" · ")) : null,
      ),
      el("span", { class: "line__price" }, money(line.unit_cents * line.quantity)),
      el(
        "span",
        { class: "line__tools" },
        button("less", line.quantity > 1 ? "basket.less" : "basket.remove",
          line.quantity > 1 ? "minus" : "bin"),
        el("span", { class: "line__quantity" }, String(line.quantity)),
        button("more", "basket.more", "plus", line.quantity >= MAX_QUANTITY),
      ),
    );
  }
}

// What the total is made of beside the lines, as far as the server has told it.
function sums(price, { t, money }) {
  const row = (name, amount) => el("div", {}, el("dt", {}, name), el("dd", {}, amount));
  const off = (price?.discounts ?? []).map(({ code, cents }) =>
    row(`${t("basket.discount")} ${code}`, money(-cents)));
  if (price?.fee == null) return off;
  return [...off, row(t("basket.fee"), price.fee === 0 ? t("basket.free") : money(price.fee))];
}

// What the order will earn, rounded as the server rounds; only members are told.
function showEarned(cents, { t, number }, perEuro) {
  const place = part("earns");
  if (!place) return;
  const points = Math.floor((cents * Number(perEuro)) / 100);
  place.hidden = points === 0;
  place.textContent = points === 0 ? "" : t("basket.earns", { points: number(points) });
}

// A line is drawn anew with every change; the finger or the keyboard must not notice.
function keepFocus(draw) {
  const held = document.activeElement?.closest?.("[data-line]");
  const list = part("lines");
  const inList = held && list.contains(held);
  const top = list.parentElement.scrollTop;
  draw();
  list.parentElement.scrollTop = top;
  if (!inList) return;
  const same = [...list.querySelectorAll("[data-line]")].filter(
    (one) => one.dataset.line === held.dataset.line,
  );
  const next = same.find((one) => one.dataset.do === held.dataset.do && !one.disabled) ??
    same[0] ?? list.querySelector("[data-line]");
  (next ?? part("order")).focus();
}
