// Owns what a customer without a table chooses on the page of their order. It must not know when a
// table is free: the server says what came of it.

import { proof } from "./csrf.js";
import { isKiosk } from "./kiosk.js";

const TIMEOUT_MS = 10_000;

async function choose(order, choice, table, fallback) {
  const body = table === null ? { choice } : { choice, table };
  const path = `/api/orders/${encodeURIComponent(order)}/table${isKiosk() ? "?kiosk=1" : ""}`;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return "";
    const answer = await response.json().catch(() => null);
    return answer?.error?.message ?? fallback;
  } catch {
    return fallback;
  }
}

// Listens to the choices of the page, where there are any.
export function offerTables(main, t) {
  const places = main.querySelectorAll("[data-table-choice]");
  const error = main.querySelector('[data-table="error"]');
  let busy = false;

  async function take(choice, table) {
    if (busy) return;
    busy = true;
    error.textContent = "";
    error.textContent = await choose(main.dataset.order, choice, table, t("table.no_answer"));
    busy = false;
    if (!error.textContent) location.reload();
  }

  for (const place of places) {
    if (place.tagName === "FORM") {
      place.addEventListener("submit", (event) => {
        event.preventDefault();
        take(place.dataset.tableChoice, Number(new FormData(place).get("table")));
      });
    } else {
      place.addEventListener("click", () => take(place.dataset.tableChoice, null));
    }
  }
}
