// Owns the price of a basket that only the server can tell: one with a code, or one to be brought.
// It asks once per basket and forgets answers to questions that nobody asks any more.

import { wantedLines } from "./basket.js";

export function needsServer(basket) {
  return basket.lines.length > 0 && (Boolean(basket.code) || basket.mode === "delivery");
}

export function question(basket, postalCode) {
  return {
    mode: basket.mode ?? "take_away",
    lines: wantedLines(basket),
    code: basket.code ?? "",
    postal_code: basket.mode === "delivery" ? postalCode : "",
  };
}

export function makePricing(ask, changed = () => {}, now = Date.now) {
  let key = "";
  let told = null;
  let againMs = Infinity;
  let running = Promise.resolve();

  // Asks for the price of this basket, unless it was the last question; resolves with the answer.
  async function of(basket, postalCode = "") {
    const asked = needsServer(basket) ? question(basket, postalCode) : null;
    const mine = asked ? JSON.stringify(asked) : "";
    if (mine !== key || now() >= againMs) {
      key = mine;
      told = null;
      againMs = Infinity;
      // Without a postal code there is nothing to ask yet.
      const open = asked && (asked.mode !== "delivery" || asked.postal_code !== "");
      running = open ? ask(asked).then((answer) => keep(mine, answer)) : Promise.resolve();
      changed(told);
    }
    await running;
    return mine === key ? told : null;
  }

  function keep(mine, answer) {
    if (mine !== key) return;
    told = answer;
    // What was lost is asked again with the next gesture, unless the server asks to wait.
    if (answer.kind === "lost") againMs = now() + (answer.waitS ?? 0) * 1000;
    changed(told);
  }

  function forget() {
    key = "?";
    told = null;
  }

  return { of, forget, told: () => told };
}
