// Owns what a customer has decided about a dish: choices, what is left out, a combo's parts, a word.
// Pure: no page, no storage. A draft is {choices: {group: [choice]}, left_out: [id],
// parts: {slot: {product, choices, left_out}}, word}; what is missing in it was not decided.

import { choicesOf, missingGroup, selectionOf, unitPrice } from "./compose-rules.js";

export const WORD_CHARS = 140;

// Lets every place of a combo know the products that may fill it: the rules below need no menu.
export function hydrate(menu) {
  const products = new Map(menu.products.map((product) => [product.id, product]));
  for (const product of menu.products) {
    for (const slot of product.slots ?? []) {
      for (const choice of slot.choices) choice.item = products.get(choice.product) ?? null;
    }
  }
  return menu;
}

export function orderable(product) {
  return Boolean(product?.available) && product.served !== false;
}

// What is decided before the customer says anything.
export function blank(product) {
  const parts = {};
  for (const slot of product.slots ?? []) {
    const offered = slot.choices.filter((choice) => orderable(choice.item));
    if (offered.length === 1) parts[slot.id] = blankPart(offered[0].item);
  }
  return { choices: presets(product), left_out: [], parts, word: "" };
}

export function blankPart(product) {
  return { product: product.id, choices: presets(product), left_out: [] };
}

function presets(product) {
  const taken = {};
  for (const group of product.groups) {
    const chosen = group.choices.filter((choice) => choice.preset).map((choice) => choice.id);
    if (chosen.length > 0) taken[group.id] = chosen;
  }
  return taken;
}

// The product that fills a slot, as far as one does.
export function fillerOf(slot, draft) {
  const part = draft.parts?.[slot.id];
  return part ? slot.choices.find((choice) => choice.product === part.product) ?? null : null;
}

// The price of one.
export function priceOf(product, draft) {
  let cents = unitPrice(product, draft.choices ?? {});
  for (const slot of product.slots ?? []) {
    const filler = fillerOf(slot, draft);
    if (!filler?.item) continue;
    const part = draft.parts[slot.id];
    const options = unitPrice(filler.item, part.choices ?? {}) - filler.item.price_cents;
    cents += filler.surcharge_cents + options;
  }
  return cents;
}

// The first decision that is missing: {slot, group}, either may be null; null when nothing is.
export function missing(product, draft) {
  const group = missingGroup(product, draft.choices ?? {});
  if (group) return { slot: null, group };
  for (const slot of product.slots ?? []) {
    const filler = fillerOf(slot, draft);
    if (!filler?.item) return { slot, group: null };
    const inner = missingGroup(filler.item, draft.parts[slot.id].choices ?? {});
    if (inner) return { slot, group: inner };
  }
  return null;
}

// The decisions as the order sends them, in the menu's own order, so that equal dishes look equal.
export function linePart(product, draft) {
  const line = { choices: choicesOf(product, draft.choices ?? {}) };
  const leftOut = leftOutOf(product, draft);
  if (leftOut.length > 0) line.left_out = leftOut;
  const parts = [];
  for (const slot of product.slots ?? []) {
    const filler = fillerOf(slot, draft);
    if (!filler?.item) continue;
    const part = draft.parts[slot.id];
    const one = { slot: slot.id, product: filler.product };
    one.choices = choicesOf(filler.item, part.choices ?? {});
    const without = leftOutOf(filler.item, part);
    if (without.length > 0) one.left_out = without;
    parts.push(one);
  }
  if (parts.length > 0) line.parts = parts;
  const word = cleanWord(draft.word ?? "");
  if (word && product.free_text) line.word = word;
  return line;
}

function leftOutOf(product, draft) {
  const wanted = draft.left_out ?? [];
  return (product.ingredients ?? []).map((one) => one.id).filter((id) => wanted.includes(id));
}

// What the server would refuse never gets as far: line breaks become spaces, the rest goes.
export function cleanWord(text) {
  const plain = text.replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "").trim();
  return [...plain].slice(0, WORD_CHARS).join("").trim();
}

// The draft that a line of the basket was made of.
export function draftOf(line) {
  const parts = {};
  for (const part of line.parts ?? []) {
    parts[part.slot] = {
      product: part.product,
      choices: selectionOf(part.choices),
      left_out: part.left_out ?? [],
    };
  }
  return {
    choices: selectionOf(line.choices),
    left_out: line.left_out ?? [],
    parts,
    word: line.word ?? "",
  };
}

// What makes two lines the same dish.
export function keyOf(product, draft) {
  const line = linePart(product, draft);
  const said = (one) => [
    ...one.choices.map(({ group, choice }) => `${group}=${choice}`),
    ...(one.left_out ?? []).map((id) => `-${id}`),
  ];
  const parts = (line.parts ?? []).map((part) =>
    [`${part.slot}:${part.product}`, ...said(part)].join(","));
  const word = line.word ? [`"${line.word}`] : [];
  return [product.id, ...said(line), ...parts, ...word].join("|");
}

// Tells whether a line can still be made as it was decided.
export function stands(product, line) {
  const draft = draftOf(line);
  const now = linePart(product, draft);
  const whole = (made, held) =>
    made.choices.length === held.choices.length &&
    (made.left_out ?? []).length === (held.left_out ?? []).length;
  const held = line.parts ?? [];
  const parts = now.parts ?? [];
  return (
    whole(now, line) && (now.word ?? "") === (line.word ?? "") && parts.length === held.length &&
    parts.every((part) => whole(part, held.find((one) => one.slot === part.slot))) &&
    withinMax(product, draft.choices) && missing(product, draft) === null &&
    (product.slots ?? []).every((slot) => {
      const { item } = fillerOf(slot, draft);
      return orderable(item) && withinMax(item, draft.parts[slot.id].choices);
    })
  );
}

function withinMax(product, choices) {
  return product.groups.every((group) => (choices[group.id] ?? []).length <= group.max);
}

// What was decided, in words, for the basket.
export function wordsOf(product, line, t) {
  const chosen = (item, choices) => choices.map(({ group, choice }) => {
    const offered = item?.groups.find((one) => one.id === group)?.choices ?? [];
    return offered.find((one) => one.id === choice)?.name ?? choice;
  });
  const without = (item, ids = []) => ids.map((id) => {
    const name = item?.ingredients?.find((one) => one.id === id)?.name ?? id;
    return t("compose.without", { name });
  });
  const parts = (line.parts ?? []).map((part) => {
    const slot = product?.slots?.find((one) => one.id === part.slot);
    const item = slot?.choices.find((one) => one.product === part.product)?.item;
    const said = [...chosen(item, part.choices), ...without(item, part.left_out)];
    return [item?.name ?? part.product, ...said].join(", ");
  });
  return [
    ...parts,
    ...chosen(product, line.choices),
    ...without(product, line.left_out),
    ...(line.word ? [`« ${line.word} »`] : []),
  ];
}
