// Owns the dialog in which a dish is composed: its steps, quantity, running price.
// The rules stand in compose-rules.js and compose-draft.js, what a section looks like in
// compose-sections.js; what happens with the result is the caller's business.

import * as drafts from "./compose-draft.js";
import * as rules from "./compose-rules.js";
import {
  boxName, groupSection, leaveOutSection, slotSection, wordSection,
} from "./compose-sections.js";
import { closeOnBackdrop } from "./dom.js";

const dialog = document.getElementById("compose");
const part = (name) => dialog.querySelector(`[data-compose="${name}"]`);

export class ComposeDialog {
  #texts;
  #product = null;
  #draft = {};
  #quantity = 1;
  #steps = [];
  #at = 0;
  #done = () => {};
  #verb = "";

  constructor(texts) {
    this.#texts = texts;
    const form = dialog.querySelector("form");
    form.addEventListener("change", (event) => this.#decide(event.target));
    form.addEventListener("input", (event) => this.#write(event.target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#forward();
    });
    part("less").addEventListener("click", () => this.#count(-1));
    part("more").addEventListener("click", () => this.#count(1));
    part("back").addEventListener("click", () => this.#show(this.#at - 1));
    part("close").addEventListener("click", () => dialog.close());
    closeOnBackdrop(dialog);
  }

  // Opens on a product; `line` is the basket's line when one is changed.
  open(product, line, whenDone) {
    const { t } = this.#texts;
    this.#product = product;
    this.#done = whenDone;
    this.#quantity = line?.quantity ?? 1;
    this.#draft = line ? drafts.draftOf(line) : drafts.blank(product);
    this.#steps = stepsOf(product);
    this.#verb = line ? t("compose.save") : t("compose.add");
    part("name").textContent = product.name;
    part("description").textContent = product.description;
    part("picture").src = product.picture || "/static/pictures/plate.svg";
    part("allergens").textContent = product.allergens.length
      ? `${t("menu.allergens")} ${product.allergens.map((one) => one.name).join(", ")}`
      : "";
    dialog.dataset.steps = this.#steps.length > 1 ? "some" : "one";
    this.#show(0);
    dialog.showModal();
    part("name").focus({ preventScroll: true });
  }

  // Draws one step; a dish that is not built step by step has one.
  #show(at) {
    const { t } = this.#texts;
    this.#at = Math.min(Math.max(at, 0), this.#steps.length - 1);
    const sections = this.#steps[this.#at].flatMap((make) => make(this.#draft, this.#texts));
    part("groups").replaceChildren(...sections);
    part("groups").scrollTop = 0;
    dialog.dataset.groups = sections.length > 0 ? "some" : "none";
    const last = this.#at === this.#steps.length - 1;
    dialog.dataset.at = last ? "end" : "between";
    part("back").hidden = this.#at === 0;
    part("add").textContent = last ? this.#verb : t("compose.next");
    part("step").textContent = this.#steps.length > 1
      ? t("compose.step", { number: this.#at + 1, count: this.#steps.length })
      : "";
    this.#showPrice();
  }

  #showPrice() {
    const cents = drafts.priceOf(this.#product, this.#draft) * this.#quantity;
    part("quantity").textContent = this.#quantity;
    part("less").disabled = this.#quantity <= 1;
    part("more").disabled = this.#quantity >= rules.MAX_QUANTITY;
    part("price").textContent = this.#texts.money(cents);
  }

  #decide(input) {
    const { part: slotId, group, leave, slot } = input.dataset;
    if (slotId !== undefined) this.#fill(slotId, input.value);
    else if (group !== undefined) this.#choose(input, slot);
    else if (leave !== undefined) this.#leave(leave, slot);
    this.#showPrice();
  }

  #write(input) {
    if (input.dataset.word !== undefined) this.#draft = { ...this.#draft, word: input.value };
  }

  // Another product in a slot begins anew, and brings its own choices.
  #fill(slotId, productId) {
    const slot = this.#product.slots.find((one) => one.id === slotId);
    const { item } = slot.choices.find((choice) => choice.product === productId);
    const parts = { ...this.#draft.parts, [slotId]: drafts.blankPart(item) };
    this.#draft = { ...this.#draft, parts };
    this.#show(this.#at);
    dialog.querySelector(`[data-part="${CSS.escape(slotId)}"]:checked`)?.focus();
  }

  // The dish itself, or what fills one of its slots.
  #target(slotId) {
    if (slotId === undefined) return { item: this.#product, draft: this.#draft, slot: null };
    const slot = this.#product.slots.find((one) => one.id === slotId);
    const { item } = drafts.fillerOf(slot, this.#draft);
    return { item, draft: this.#draft.parts[slotId], slot };
  }

  #keep(slotId, draft) {
    if (slotId === undefined) this.#draft = draft;
    else this.#draft = { ...this.#draft, parts: { ...this.#draft.parts, [slotId]: draft } };
  }

  #choose(input, slotId) {
    const { item, draft, slot } = this.#target(slotId);
    const group = item.groups.find((one) => one.id === input.dataset.group);
    const outcome = rules.toggle(group, draft.choices[group.id] ?? [], input.value);
    this.#keep(slotId, { ...draft, choices: { ...draft.choices, [group.id]: outcome.taken } });
    const name = boxName(slot, group);
    say(outcome.full ? name : null, this.#texts.t("compose.full", { max: group.max }));
    for (const one of boxOf(name).querySelectorAll("input")) {
      one.checked = outcome.taken.includes(one.value);
    }
  }

  #leave(id, slotId) {
    const { draft } = this.#target(slotId);
    const held = draft.left_out ?? [];
    const next = held.includes(id) ? held.filter((one) => one !== id) : [...held, id];
    this.#keep(slotId, { ...draft, left_out: next });
  }

  #count(by) {
    this.#quantity = rules.clampQuantity(this.#quantity + by);
    this.#showPrice();
  }

  // What is missing is asked for on the step that is shown, before the next one.
  #forward() {
    const last = this.#at === this.#steps.length - 1;
    for (const box of dialog.querySelectorAll("[data-group-box]")) {
      const lack = this.#lackOf(box.dataset.groupBox);
      if (!lack) continue;
      say(box.dataset.groupBox, this.#texts.t("compose.missing", { group: lack }));
      box.classList.add("group--missing");
      box.scrollIntoView({ block: "nearest" });
      box.querySelector("input")?.focus();
      return;
    }
    if (!last) {
      this.#show(this.#at + 1);
      return;
    }
    dialog.close();
    this.#done(this.#draft, this.#quantity);
  }

  // The name of what a section still wants.
  #lackOf(name) {
    const wanting = (product, draft, slot) => product.groups.find((group) =>
      boxName(slot, group) === name && (draft.choices?.[group.id] ?? []).length < group.min);
    const own = wanting(this.#product, this.#draft, null);
    if (own) return own.name;
    for (const slot of this.#product.slots ?? []) {
      const filler = drafts.fillerOf(slot, this.#draft);
      if (boxName(slot, null) === name && !filler) return slot.name;
      const inner = filler && wanting(filler.item, this.#draft.parts[slot.id], slot);
      if (inner) return inner.name;
    }
    return null;
  }
}

// What is asked on which step: a builder asks group by group, a combo slot by slot, all else at once.
function stepsOf(product) {
  const groups = product.groups.map((group) => [
    (draft, texts) => [groupSection(group, draft.choices?.[group.id] ?? [], texts)],
  ]);
  const slots = (product.slots ?? []).map((slot) => [(draft, texts) => slotStep(slot, draft, texts)]);
  const end = [];
  if ((product.ingredients ?? []).length > 0) {
    end.push((draft, texts) => [leaveOutSection(product, draft.left_out ?? [], texts)]);
  }
  if (product.free_text) end.push((draft, texts) => [wordSection(draft.word ?? "", texts)]);
  const steps = product.kind === "builder" || product.kind === "combo"
    ? [...slots, ...groups]
    : [[...slots, ...groups].flat()];
  if (steps.length === 0) return [end];
  return steps.map((step, index) => (index === steps.length - 1 ? [...step, ...end] : step));
}

function slotStep(slot, draft, texts) {
  const sections = [slotSection(slot, draft, texts)];
  const item = drafts.fillerOf(slot, draft)?.item;
  if (!item) return sections;
  const held = draft.parts[slot.id];
  for (const group of item.groups) {
    sections.push(groupSection(group, held.choices[group.id] ?? [], texts, slot));
  }
  if ((item.ingredients ?? []).length > 0) {
    sections.push(leaveOutSection(item, held.left_out ?? [], texts, slot));
  }
  return sections;
}

function boxOf(name) {
  return dialog.querySelector(`[data-group-box="${CSS.escape(name)}"]`);
}

function say(name, text) {
  for (const note of dialog.querySelectorAll(".group__note")) note.textContent = "";
  for (const box of dialog.querySelectorAll(".group")) box.classList.remove("group--missing");
  if (name) boxOf(name).querySelector(".group__note").textContent = text;
}
