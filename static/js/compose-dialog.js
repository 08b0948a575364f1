// Owns the dialog in which a dish is composed: options, quantity, running price.
// The rules stand in compose-rules.js; what happens with the result is the caller's business.

import * as rules from "./compose-rules.js";
import { closeOnBackdrop, el, icon } from "./dom.js";

const dialog = document.getElementById("compose");
const part = (name) => dialog.querySelector(`[data-compose="${name}"]`);

export class ComposeDialog {
  #texts;
  #product = null;
  #selection = {};
  #quantity = 1;
  #done = () => {};

  constructor(texts) {
    this.#texts = texts;
    const form = dialog.querySelector("form");
    form.addEventListener("change", (event) => this.#choose(event.target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#finish();
    });
    part("less").addEventListener("click", () => this.#step(-1));
    part("more").addEventListener("click", () => this.#step(1));
    part("close").addEventListener("click", () => dialog.close());
    closeOnBackdrop(dialog);
  }

  // Opens on a product; `line` is the basket's line when one is changed.
  open(product, line, whenDone) {
    const { t } = this.#texts;
    this.#product = product;
    this.#done = whenDone;
    this.#quantity = line?.quantity ?? 1;
    this.#selection = line ? rules.selectionOf(line.choices) : {};
    part("name").textContent = product.name;
    part("description").textContent = product.description;
    part("picture").src = product.picture || "/static/pictures/plate.svg";
    part("allergens").textContent = product.allergens.length
      ? `${t("menu.allergens")} ${product.allergens.join(", ")}`
      : "";
    part("add").textContent = line ? t("compose.save") : t("compose.add");
    const groups = product.groups.map((group) => this.#groupElement(group));
    part("groups").replaceChildren(...groups);
    dialog.dataset.groups = groups.length > 0 ? "some" : "none";
    this.#showPrice();
    dialog.showModal();
    part("groups").scrollTop = 0;
    part("name").focus({ preventScroll: true });
  }

  #groupElement(group) {
    const { t, money } = this.#texts;
    const signed = (cents) => `${cents > 0 ? "+" : ""}${money(cents)}`;
    const single = group.max === 1 && group.min === 1;
    const hint = el("span", { class: "group__rule" }, rules.ruleText(group, t));
    const note = el("p", { class: "group__note", role: "status" });
    const taken = this.#selection[group.id] ?? [];
    const choices = group.choices.map((choice) =>
      el(
        "label",
        { class: "choice" },
        el("input", {
          type: single ? "radio" : "checkbox",
          name: `group-${group.id}`,
          value: choice.id,
          checked: taken.includes(choice.id),
          "data-group": group.id,
        }),
        el("span", { class: "choice__mark" }, icon("check")),
        el("span", { class: "choice__name" }, choice.name),
        choice.price_cents === 0
          ? null
          : el("span", { class: "choice__price" }, signed(choice.price_cents)),
      ),
    );
    return el(
      "fieldset",
      { class: "group", "data-group-box": group.id, tabindex: "-1" },
      el("legend", { class: "group__legend" }, el("span", {}, group.name), hint),
      el("div", { class: "group__choices" }, ...choices),
      note,
    );
  }

  #showPrice() {
    const cents = rules.unitPrice(this.#product, this.#selection) * this.#quantity;
    part("quantity").textContent = this.#quantity;
    part("less").disabled = this.#quantity <= 1;
    part("more").disabled = this.#quantity >= rules.MAX_QUANTITY;
    part("price").textContent = this.#texts.money(cents);
  }

  #choose(input) {
    const group = this.#product.groups.find((one) => one.id === input.dataset.group);
    const outcome = rules.toggle(group, this.#selection[group.id] ?? [], input.value);
    this.#selection = { ...this.#selection, [group.id]: outcome.taken };
    say(outcome.full ? group : null, this.#texts.t("compose.full", { max: group.max }));
    for (const one of boxOf(group).querySelectorAll("input")) {
      one.checked = outcome.taken.includes(one.value);
    }
    this.#showPrice();
  }

  #step(by) {
    this.#quantity = rules.clampQuantity(this.#quantity + by);
    this.#showPrice();
  }

  #finish() {
    const missing = rules.missingGroup(this.#product, this.#selection);
    if (missing) {
      say(missing, this.#texts.t("compose.missing", { group: missing.name }));
      boxOf(missing).classList.add("group--missing");
      boxOf(missing).scrollIntoView({ block: "nearest" });
      boxOf(missing).querySelector("input").focus();
      return;
    }
    dialog.close();
    this.#done(this.#selection, this.#quantity);
  }
}

function boxOf(group) {
  return dialog.querySelector(`[data-group-box="${CSS.escape(group.id)}"]`);
}

function say(group, text) {
  for (const note of dialog.querySelectorAll(".group__note")) note.textContent = "";
  for (const box of dialog.querySelectorAll(".group")) box.classList.remove("group--missing");
  if (group) boxOf(group).querySelector(".group__note").textContent = text;
}
