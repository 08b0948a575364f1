// Owns how a product is composed: which choices may be taken, what is missing, what it costs.
// Pure: no page, no storage. A selection is {groupId: [choiceId, ...]}.

export const MAX_QUANTITY = 50;

export function toggle(group, taken, choice) {
  if (taken.includes(choice)) {
    // A required single choice is changed, not taken away.
    if (group.min === 1 && group.max === 1) return { taken, full: false };
    return { taken: taken.filter((one) => one !== choice), full: false };
  }
  if (group.max === 1) return { taken: [choice], full: false };
  if (taken.length >= group.max) return { taken, full: true };
  return { taken: [...taken, choice], full: false };
}

export function missingGroup(product, selection) {
  return product.groups.find((group) => (selection[group.id] ?? []).length < group.min) ?? null;
}

export function unitPrice(product, selection) {
  let cents = product.price_cents;
  for (const group of product.groups) {
    for (const choice of group.choices) {
      if ((selection[group.id] ?? []).includes(choice.id)) cents += choice.price_cents;
    }
  }
  return cents;
}

// The selection as the order sends it, in the menu's own order, so that equal dishes look equal.
export function choicesOf(product, selection) {
  return product.groups.flatMap((group) =>
    group.choices
      .filter((choice) => (selection[group.id] ?? []).includes(choice.id))
      .map((choice) => ({ group: group.id, choice: choice.id })),
  );
}

export function selectionOf(choices) {
  const selection = {};
  for (const { group, choice } of choices) (selection[group] ??= []).push(choice);
  return selection;
}

export function clampQuantity(quantity) {
  return Math.min(MAX_QUANTITY, Math.max(1, Math.trunc(quantity) || 1));
}

// Which sentence tells the reader how many choices a group wants.
export function ruleText(group, t) {
  const { min, max } = group;
  if (min === 0) return max === 1 ? t("compose.optional") : t("compose.choose_up_to", { max });
  if (min === max) {
    return min === 1 ? t("compose.choose_one") : t("compose.choose_exactly", { count: min });
  }
  return t("compose.choose_between", { min, max });
}
