// Owns the word that the web takes no orders now, which comes and goes while the menu is open.
// It must not stop an order: the server does.

import { startPolling } from "./poll.js";

const FAST_MS = 15_000;
const SLOW_MS = 60_000;

export function watchPause() {
  const banner = document.getElementById("web-pause");
  if (!banner) return;
  async function ask() {
    const response = await fetch("/api/web-orders", {
      headers: { accept: "application/json" },
      cache: "no-cache",
      signal: AbortSignal.timeout(10_000),
    }).catch(() => null);
    if (!response?.ok) return "failed";
    const { why } = await response.json();
    const said = why ?? "";
    if (said === banner.textContent) return "same";
    banner.textContent = said;
    banner.hidden = said === "";
    return "news";
  }
  startPolling(ask, { fast: FAST_MS, slow: SLOW_MS, topics: ["orders"] });
}
