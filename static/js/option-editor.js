// Owns rows for options, ingredients and parts of a combo, over the lines of text that are sent:
// without it, or where lines cannot be read, the text itself is edited. It must not know what the
// server does with them.

import { el } from "./dom.js";
import { KINDS, LANGUAGES, read, write } from "./option-lines.js";
import { readTexts } from "./text.js";

const { t } = readTexts();

// What people type for a price; the server reads the same.
const AMOUNT = "\\s*\\d+([.,]\\d{1,2})?\\s*";

const EMPTY = {
  groups: () => ({ id: "", min: 0, max: 1, names: ["", "", ""], choices: [] }),
  slots: () => ({ id: "", names: ["", "", ""], choices: [] }),
  ingredients: () => ({ id: "", names: ["", "", ""], choices: [] }),
};

function field(label, input) {
  return el("label", { class: "opt__field" }, el("span", { class: "opt__label" }, label), input);
}

function input(attributes, value, keep) {
  const made = el("input", { class: "field__input", autocomplete: "off", ...attributes });
  if (attributes.type === "checkbox") made.checked = value;
  else made.value = value;
  made.addEventListener("input", () => {
    keep(attributes.type === "checkbox" ? made.checked : made.value);
  });
  return made;
}

function nameFields(names, keep) {
  return LANGUAGES.map((language, index) => {
    const typed = (value) => {
      names[index] = value;
      keep();
    };
    const text = input({ maxlength: 120, dir: "auto" }, names[index], typed);
    return field(`${t("options.name")} (${language})`, text);
  });
}

// Buttons instead of dragging: a keyboard and a thumb can press them.
function moves(list, at, { name, change, again }) {
  const swap = (to) => {
    [list[at], list[to]] = [list[to], list[at]];
    again(list[to]);
  };
  const button = (key, disabled, press) => {
    const kind = "button button--quiet button--small";
    const made = el("button", { class: kind, type: "button", disabled },
      t(`options.${key}`), el("span", { class: "visually-hidden" }, ` ${name()}`));
    made.addEventListener("click", press);
    return made;
  };
  return el("div", { class: "opt__moves" },
    button("up", at === 0, () => swap(at - 1)),
    button("down", at === list.length - 1, () => swap(at + 1)),
    button("remove", false, () => {
      list.splice(at, 1);
      again(list[Math.min(at, list.length - 1)]);
      change();
    }));
}

function productField(choice, keep) {
  const all = document.getElementById("all-products");
  const select = el("select", { class: "field__input" });
  select.append(...[...all.options].map((one) => one.cloneNode(true)));
  // What is not on the menu any more stays what it was, until somebody chooses.
  if (![...select.options].some((one) => one.value === choice.id)) {
    select.append(el("option", { value: choice.id }, choice.id));
  }
  select.value = choice.id;
  select.addEventListener("change", () => {
    choice.id = select.value;
    keep();
  });
  return field(t("options.product"), select);
}

function choiceRow(what, choices, at, tools) {
  const choice = choices[at];
  const set = (name) => (value) => {
    choice[name] = value;
    tools.change();
  };
  const amount = { inputmode: "decimal", maxlength: 9, placeholder: "0,00", pattern: AMOUNT };
  const price = input(amount, choice.price, set("price"));
  const named = what === "names";
  const name = () => (named ? choice.names.find(Boolean) : choice.id) ?? "";
  return el("li", { class: "opt__choice" },
    ...(named ? nameFields(choice.names, tools.change) : [productField(choice, tools.change)]),
    field(t("options.price"), price),
    named ? el("label", { class: "edit-tick" },
      input({ type: "checkbox", class: "" }, choice.preset, set("preset")),
      el("span", {}, t("options.preset"))) : null,
    moves(choices, at, { ...tools, name }));
}

function addButton(key, press) {
  const made = el("button", { class: "button button--small", type: "button" }, t(`options.${key}`));
  made.addEventListener("click", press);
  return made;
}

function row(kind, rows, at, tools) {
  const one = rows[at];
  const { range, choices } = KINDS[kind];
  const whole = { type: "number", min: 0, max: 99, required: true };
  const number = (name, label) => field(t(label), input(whole, one[name], (value) => {
    one[name] = Number(value) || 0;
    tools.change();
  }));
  const name = () => one.names.find(Boolean) ?? "";
  const add = () => {
    const first = document.getElementById("all-products")?.options[0]?.value ?? "";
    const fresh = choices === "product"
      ? { id: first, price: "" }
      : { id: "", price: "", names: ["", "", ""], preset: false };
    one.choices.push(fresh);
    tools.again(fresh);
  };
  return el("fieldset", { class: "opt__row" },
    el("legend", { class: "opt__label" }, `${t(`options.one_${kind}`)} ${at + 1}`),
    el("div", { class: "opt__fields" }, ...nameFields(one.names, tools.change),
      ...(range ? [number("min", "options.min"), number("max", "options.max")] : []),
      moves(rows, at, { ...tools, name })),
    choices ? el("ul", { class: "opt__choices" },
      ...one.choices.map((_, index) => choiceRow(choices, one.choices, index, tools))) : null,
    choices ? addButton(`add_choice_${choices}`, add) : null);
}

export function editLines(area) {
  const kind = area.dataset.lines;
  const rows = read(kind, area.value);
  if (!rows) return;
  const box = el("div", { class: "opt", role: "group", "aria-label": area.labels[0].textContent });
  const tools = {
    change: () => {
      area.value = write(kind, rows);
    },
    // Draws anew, and stays where the hand is: at what was moved or added.
    again: (at) => {
      tools.change();
      draw();
      const made = [...rows.entries()].flatMap(([index, one]) => [
        [one, box.querySelectorAll(".opt__row")[index]],
        ...one.choices.map((choice, place) => [choice,
          box.querySelectorAll(".opt__row")[index].querySelectorAll(".opt__choice")[place]]),
      ]);
      const found = made.find(([what]) => what === at)?.[1] ?? box;
      found.querySelector("input, select, button")?.focus();
    },
  };
  function draw() {
    const add = addButton(`add_${kind}`, () => {
      rows.push(EMPTY[kind]());
      tools.again(rows.at(-1));
    });
    box.replaceChildren(...rows.map((_, at) => row(kind, rows, at, tools)), add);
  }
  draw();
  area.hidden = true;
  area.after(box);
  if (area.hasAttribute("aria-invalid")) {
    box.classList.add("opt--wrong");
    if (area.autofocus) box.querySelector("input, select, button")?.focus();
  }
}

for (const area of document.querySelectorAll("[data-lines]")) editLines(area);
