// Owns the dialog in which a dish is composed: options, quantity, running price.
// The rules stand in compose-rules.js; what happens with the result is the caller's business.

import * as rules from "./compose-rules.js";
import { closeOnBackdrop, el, icon } from "./dom.js";

export function makeComposeDialog({ t, money }) {
  const dialog = document.getElementById("compose");
  const part = (name) => dialog.querySelector(`[data-compose="${name}"]`);
  const form = dialog.querySelector("form");
  let product = null;
  let selection = {};
  let quantity = 1;
  let done = () => {};

  // Opens on a product; `line` is the basket's line when one is changed.
  function open(chosen, line, whenDone) {
    product = chosen;
    done = whenDone;
    quantity = line?.quantity ?? 1;
    selection = line ? rules.selectionOf(line.choices) : {};
    part("name").textContent = product.name;
    part("description").textContent = product.description;
    part("picture").src = product.picture || "/static/pictures/plate.svg";
    part("allergens").textContent = product.allergens.length
      ? `${t("menu.allergens")} ${product.allergens.join(", ")}`
      : "";
    part("add").textContent = line ? t("compose.save") : t("compose.add");
    part("groups").replaceChildren(...product.groups.map(groupElement));
    dialog.dataset.groups = product.groups.length > 0 ? "some" : "none";
    showPrice();
    dialog.showModal();
    part("groups").scrollTop = 0;
    part("name").focus({ preventScroll: true });
  }

  function groupElement(group) {
    const single = group.max === 1 && group.min === 1;
    const hint = el("span", { class: "group__rule" }, rules.ruleText(group, t));
    const note = el("p", { class: "group__note", role: "status" });
    const taken = selection[group.id] ?? [];
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

  function signed(cents) {
    return `${cents > 0 ? "+" : ""}${money(cents)}`;
  }

  function boxOf(group) {
    return dialog.querySelector(`[data-group-box="${CSS.escape(group.id)}"]`);
  }

  function say(group, text) {
    for (const note of dialog.querySelectorAll(".group__note")) note.textContent = "";
    for (const box of dialog.querySelectorAll(".group")) box.classList.remove("group--missing");
    if (group) boxOf(group).querySelector(".group__note").textContent = text;
  }

  function showPrice() {
    part("quantity").textContent = quantity;
    part("less").disabled = quantity <= 1;
    part("more").disabled = quantity >= rules.MAX_QUANTITY;
    part("price").textContent = money(rules.unitPrice(product, selection) * quantity);
  }

  function choose(input) {
    const group = product.groups.find((one) => one.id === input.dataset.group);
    const outcome = rules.toggle(group, selection[group.id] ?? [], input.value);
    selection = { ...selection, [group.id]: outcome.taken };
    say(outcome.full ? group : null, t("compose.full", { max: group.max }));
    for (const one of boxOf(group).querySelectorAll("input")) {
      one.checked = outcome.taken.includes(one.value);
    }
    showPrice();
  }

  function step(by) {
    quantity = rules.clampQuantity(quantity + by);
    showPrice();
  }

  form.addEventListener("change", (event) => choose(event.target));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = rules.missingGroup(product, selection);
    if (missing) {
      say(missing, t("compose.missing", { group: missing.name }));
      boxOf(missing).classList.add("group--missing");
      boxOf(missing).scrollIntoView({ block: "nearest" });
      boxOf(missing).querySelector("input").focus();
      return;
    }
    dialog.close();
    done(selection, quantity);
  });
  part("less").addEventListener("click", () => step(-1));
  part("more").addEventListener("click", () => step(1));
  part("close").addEventListener("click", () => dialog.close());
  closeOnBackdrop(dialog);

  return { open };
}
