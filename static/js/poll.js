// Owns when to ask again: when the server says so, and else quickly while things happen and ever
// slower while they do not. It must not know what is asked.

import { listen } from "./live.js";

// While the server says when to ask, asking is for the word that got lost.
const LISTENING_MS = 15_000;

// The next pause: the same after news, longer after none, longer still after failures; jitter
// keeps many screens from asking in step.
export function nextDelay({ fast, slow, quiet, failures, listening }, random = Math.random) {
  const growth = failures > 0 ? 2 ** failures : 1.5 ** Math.max(0, quiet - 3);
  const asked = Math.min(slow, fast * growth);
  const plain = listening && failures === 0 ? LISTENING_MS : asked;
  return Math.round(plain * (0.85 + 0.3 * random()));
}

// Calls `ask` for ever; it answers "news", "same", "failed" or "stop". A change of one of the
// topics, where the server tells it, is a reason to ask at once.
export function startPolling(ask, { fast, slow, topics }) {
  let quiet = 0;
  let failures = 0;
  let timer = null;
  let asking = false;
  let again = false;

  async function round() {
    if (asking) {
      again = true;
      return;
    }
    clearTimeout(timer);
    asking = true;
    const outcome = await ask().catch(() => "failed");
    asking = false;
    if (outcome === "stop") {
      live.close();
      return;
    }
    failures = outcome === "failed" ? failures + 1 : 0;
    quiet = outcome === "same" ? quiet + 1 : 0;
    if (again) {
      again = false;
      await round();
      return;
    }
    const pause = { fast, slow, quiet, failures: Math.min(failures, 6), listening: live.stands() };
    // A hidden page costs nobody battery: it asks when it is seen again.
    if (!document.hidden) timer = setTimeout(round, nextDelay(pause));
  }

  const live = listen(topics, () => {
    if (!document.hidden) round();
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) round();
  });
  addEventListener("online", round);
  round();
  return { now: round };
}
