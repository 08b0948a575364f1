// Owns the table on which a customer found the menu: the code on it leads to `/menu?table=5`. It
// must not know whether that table is free.

const KEY = "relais-table";
const HIGHEST = 999;

// Returns the number that an address names; null where it names none.
export function tableOf(search) {
  const text = new URLSearchParams(search).get("table") ?? "";
  const number = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= HIGHEST ? number : null;
}

// Returns the table of this visit: the language switch and the way back keep it.
export function tableHere(page = globalThis) {
  const named = tableOf(page.location?.search ?? "");
  try {
    if (named) page.sessionStorage.setItem(KEY, String(named));
    return named ?? tableOf(`?table=${page.sessionStorage.getItem(KEY) ?? ""}`);
  } catch {
    return named;
  }
}

// Adds the table to an order that is eaten here.
export function atTable(order, table = tableHere()) {
  return table && order.mode === "eat_in" ? { ...order, table } : order;
}

// Says beside the way of eating at which table that will be.
export function showTable(t, table = tableHere()) {
  const label = document.querySelector('.modes__item input[value="eat_in"] ~ span');
  if (table && label) label.textContent += ` · ${t("table.number")} ${table}`;
}
