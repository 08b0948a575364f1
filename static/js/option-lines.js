// Owns options, ingredients and parts of a combo as lines of text, as the server reads them: taking
// lines apart and writing them gives the same again. It must not know the page.

// The languages of a name, in the order in which they stand between bars.
export const LANGUAGES = ["fr", "nl", "en"];

// What a line of each kind holds besides an identifier: a range, names, and what may follow it.
export const KINDS = {
  groups: { range: true, choices: "names" },
  slots: { range: false, choices: "product" },
  ingredients: { range: false, choices: null },
};

// Takes lines apart; nothing where a line cannot be read, which stays as it was typed.
export function read(kind, text) {
  const { range, choices } = KINDS[kind];
  const rows = [];
  for (const line of text.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const row = line.startsWith("- ")
      ? choices && rows.length > 0 && readChoice(choices, line.slice(2))
      : readRow(range, line);
    if (!row) return null;
    if (line.startsWith("- ")) rows.at(-1).choices.push(row);
    else rows.push(row);
  }
  return rows;
}

function readRow(hasRange, line) {
  const [id, afterId] = word(line);
  const [range, afterRange] = hasRange ? word(afterId) : ["", afterId];
  const [, min, max] = /^(\d+)-(\d+)$/u.exec(range) ?? [];
  const names = readNames(afterRange);
  if (!names || (hasRange && max === undefined)) return null;
  return { id, names, choices: [], ...(hasRange ? { min: Number(min), max: Number(max) } : {}) };
}

function readChoice(what, line) {
  const [id, afterId] = word(line);
  const priced = afterId.trimStart().startsWith("+");
  const [price, rest] = priced ? word(afterId.trimStart().slice(1)) : ["", afterId];
  if (!id || (priced && !/^\d+(?:[.,]\d{1,2})?$/u.test(price))) return null;
  if (what === "product") return rest.trim() ? null : { id, price };
  const preset = rest.trim().endsWith("*");
  const names = readNames(preset ? rest.trim().slice(0, -1) : rest);
  return names && { id, price, names, preset };
}

function word(text) {
  const [, first, rest] = /^\s*(\S*)\s?([^]*)$/u.exec(text);
  return [first, rest];
}

function readNames(text) {
  const parts = text.split("|").map((part) => part.trim());
  if (parts.length > LANGUAGES.length || parts.every((part) => !part)) return null;
  return LANGUAGES.map((_, index) => parts[index] ?? "");
}

// Writes lines; whoever has no identifier yet gets one of its name.
export function write(kind, rows) {
  const { range, choices } = KINDS[kind];
  const lines = [];
  const taken = rows.map((row) => row.id);
  const isNamed = (one) => !one.names || one.names.some((name) => name.trim());
  // What was added and left empty is nothing.
  const isKept = (one) => Boolean(one.id) || isNamed(one);
  for (const row of rows.filter((one) => isKept(one) || one.choices.some(isKept))) {
    const id = row.id || newId(row.names, taken);
    taken.push(id);
    lines.push([id, range ? `${row.min}-${row.max}` : null, writeNames(row.names)]);
    const known = row.choices.map((choice) => choice.id);
    for (const choice of choices ? row.choices.filter(isKept) : []) {
      const own = choice.id || newId(choice.names ?? [], known);
      known.push(own);
      lines.push([`- ${own}`, ...writeChoice(choices, choice)]);
    }
  }
  return lines.map((parts) => parts.filter(Boolean).join(" ")).join("\n");
}

function writeChoice(what, choice) {
  const price = choice.price.replace(/\s/gu, "");
  const names = what === "names" ? writeNames(choice.names) : "";
  // A name that begins with a plus would be read as a price.
  const wanted = /[1-9]|[^\d.,]/u.test(price) || names.startsWith("+");
  return [wanted ? `+${price || "0"}` : null, names, choice.preset ? "*" : null];
}

// A bar parts languages, an asterisk at the end marks what is chosen beforehand.
function writeNames(names) {
  const plain = (name) => {
    return name.replaceAll("|", "/").replace(/[\t\n\r ]+/gu, " ").replace(/[\s*]+$/u, "").trim();
  };
  return names.map(plain).join(" | ").replace(/[ |]+$/u, "");
}

// Makes an identifier of a name, one that no other has.
export function newId(names, taken) {
  const name = names.find((one) => one.trim()) ?? "";
  const letters = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = letters.replace(/[^a-z0-9]+/gu, "-").replace(/^-|-$/gu, "");
  const plain = words.slice(0, 40) || "option";
  let id = plain;
  for (let number = 2; taken.includes(id); number += 1) id = `${plain}-${number}`;
  return id;
}
