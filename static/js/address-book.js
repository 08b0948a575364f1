// Owns the choice among somebody's own addresses, for what is brought. They stay in the fields: no
// storage of this browser holds them.

import { el } from "./dom.js";

const TIMEOUT_MS = 8000;
const FIELDS = ["address", "postal_code", "phone"];

// Offers the addresses once; `chosen` is told when one of them stands in the fields.
export async function offerAddresses(part, t, chosen) {
  const response = await fetch("/api/account/addresses", {
    headers: { accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const kept = response?.ok ? (await response.json().catch(() => null))?.addresses ?? [] : [];
  if (kept.length === 0) return;
  const nothing = el("option", { value: "" }, t("delivery.choose_address"));
  const options = kept.map((one, index) =>
    el("option", { value: String(index) }, `${one.address}, ${one.postal_code}`));
  part("saved").replaceChildren(nothing, ...options);
  part("saved-field").hidden = false;
  part("saved").addEventListener("change", () => {
    const one = kept[Number(part("saved").value || -1)];
    if (!one) return;
    for (const name of FIELDS) part(name).value = one[name];
    chosen();
  });
}
