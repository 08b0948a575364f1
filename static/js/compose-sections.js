// Owns the sections of the composing dialog: a group of choices, a combo's slot, what is left out,
// a word to the kitchen. It draws what a draft says and decides nothing.

import { fillerOf, orderable, WORD_CHARS } from "./compose-draft.js";
import { ruleText } from "./compose-rules.js";
import { el, icon } from "./dom.js";

// The sections of one step; `slot` is set inside a combo's place.
export function groupSection(group, taken, texts, slot = null) {
  const { t, money } = texts;
  const single = group.max === 1 && group.min === 1;
  const choices = group.choices.map((choice) =>
    box({
      type: single ? "radio" : "checkbox",
      name: `${slot ? `${slot.id}-` : ""}group-${group.id}`,
      value: choice.id,
      checked: taken.includes(choice.id),
      "data-group": group.id,
      "data-slot": slot?.id ?? null,
    }, choice.name, signed(choice.price_cents, money)));
  return section(boxName(slot, group), group.name, ruleText(group, t), choices);
}

export function slotSection(slot, draft, texts) {
  const { t, money } = texts;
  const filler = fillerOf(slot, draft);
  const choices = slot.choices.filter((choice) => choice.item).map((choice) =>
    box({
      type: "radio",
      name: `slot-${slot.id}`,
      value: choice.product,
      checked: filler === choice,
      disabled: !orderable(choice.item),
      "data-part": slot.id,
    }, choice.item.name, orderable(choice.item)
      ? signed(choice.surcharge_cents, money)
      : t(choice.item.available ? "menu.not_now" : "compose.sold_out")));
  return section(boxName(slot, null), slot.name, t("compose.choose_one"), choices);
}

export function leaveOutSection(product, leftOut, texts, slot = null) {
  const { t } = texts;
  const choices = product.ingredients.map((one) =>
    box({
      type: "checkbox",
      name: `${slot ? `${slot.id}-` : ""}leave-${one.id}`,
      value: one.id,
      checked: leftOut.includes(one.id),
      "data-leave": one.id,
      "data-slot": slot?.id ?? null,
    }, t("compose.without", { name: one.name }), null, "close"));
  const name = `${slot ? `${slot.id}/` : ""}!leave`;
  const made = section(name, t("compose.leave_out"), t("compose.leave_out_rule"), choices);
  made.classList.add("group--leave");
  return made;
}

export function wordSection(word, { t }) {
  return el(
    "div",
    { class: "group group--word" },
    el("label", { class: "group__legend", for: "compose-word" },
      el("span", {}, t("compose.word")),
      el("span", { class: "group__rule" }, t("compose.word_rule"))),
    withValue(el("textarea", {
      class: "field__input", id: "compose-word", rows: "2", maxlength: String(WORD_CHARS),
      "data-word": true, autocomplete: "off",
    }), word),
  );
}

// By which name a section is found again.
export function boxName(slot, group) {
  return [slot?.id, group?.id].filter(Boolean).join("/");
}

function withValue(field, value) {
  field.value = value;
  return field;
}

function signed(cents, money) {
  if (cents === 0) return null;
  return `${cents > 0 ? "+" : ""}${money(cents)}`;
}

function box(input, name, price, mark = "check") {
  return el(
    "label",
    { class: "choice" },
    el("input", input),
    el("span", { class: "choice__mark" }, icon(mark)),
    el("span", { class: "choice__name" }, name),
    price === null ? null : el("span", { class: "choice__price" }, price),
  );
}

function section(name, title, rule, choices) {
  return el(
    "fieldset",
    { class: "group", "data-group-box": name, tabindex: "-1" },
    el("legend", { class: "group__legend" },
      el("span", {}, title), el("span", { class: "group__rule" }, rule)),
    el("div", { class: "group__choices" }, ...choices),
    el("p", { class: "group__note", role: "status" }),
  );
}
