// Owns when to ask again: quickly while things happen, ever slower while they do not.
// It must not know what is asked.

// The next pause: the same after news, longer after none, longer still after failures; jitter
// keeps many screens from asking in step.
export function nextDelay({ fast, slow, quiet, failures }, random = Math.random) {
  const growth = failures > 0 ? 2 ** failures : 1.5 ** Math.max(0, quiet - 3);
  const plain = Math.min(slow, fast * growth);
  return Math.round(plain * (0.85 + 0.3 * random()));
}

// Calls `ask` for ever; it answers "news", "same", "failed" or "stop".
export function startPolling(ask, { fast, slow }) {
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
    if (outcome === "stop") return;
    failures = outcome === "failed" ? failures + 1 : 0;
    quiet = outcome === "same" ? quiet + 1 : 0;
    const delay = again ? 0 : nextDelay({ fast, slow, quiet, failures: Math.min(failures, 6) });
    again = false;
    // A hidden page costs nobody battery: it asks when it is seen again.
    if (!document.hidden) timer = setTimeout(round, delay);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) round();
  });
  addEventListener("online", round);
  round();
  return { now: round };
}
