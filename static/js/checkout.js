// Owns the one attempt to order: what is sent, and what each answer means.
// It must not know the page. The id goes with the basket, so sending twice orders once.

import { proof } from "./csrf.js";

const TIMEOUT_MS = 15_000;

export function makeCheckout(options = {}) {
  const { fetch = globalThis.fetch.bind(globalThis), timeoutMs = TIMEOUT_MS } = options;
  // A kiosk sells to whoever stands before it, whoever of the staff is signed in there.
  const manners = options.kiosk ? "?kiosk=1" : "";
  let running = null;

  // A second tap while the first is on its way gets the first one's answer.
  function place(order) {
    running ??= send(order).finally(() => {
      running = null;
    });
    return running;
  }

  async function send(order) {
    const answer = await request(fetch, `/api/orders${manners}`, timeoutMs, {
      method: "POST",
      headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(order),
    });
    if (answer.ok && answer.data?.ticket) return { kind: "placed", order: answer.data };
    const code = answer.data?.error?.code;
    // An earlier attempt with this id arrived after all, with another content: show that one.
    if (code === "order_conflict") return existing(answer.data.error.subject[0]);
    if (!code || provesNothing(answer)) return lost(answer);
    if (CHANGED.has(code)) return { kind: "changed", code };
    const { message, subject } = answer.data.error;
    return { kind: "refused", code, message, subject };
  }

  async function existing(id) {
    const path = `/api/orders/${encodeURIComponent(id)}`;
    const answer = await request(fetch, path, timeoutMs, {
      headers: { accept: "application/json" },
    });
    if (!answer.ok || !answer.data?.ticket) return lost(answer);
    const url = `/orders/${encodeURIComponent(id)}`;
    return { kind: "existing", order: { url, ...answer.data } };
  }

  async function menu() {
    const answer = await request(fetch, "/api/menu", timeoutMs, {
      headers: { accept: "application/json" },
      cache: "no-cache",
    });
    return answer.ok && Array.isArray(answer.data?.products) ? answer.data : null;
  }

  // What a basket costs where the browser cannot know it: the server's word, or why it has none.
  async function price(asked) {
    const answer = await request(fetch, `/api/orders/price${manners}`, timeoutMs, {
      method: "POST",
      headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(asked),
    });
    if (answer.ok && Number.isInteger(answer.data?.total_cents)) {
      return { kind: "priced", price: answer.data };
    }
    const error = answer.data?.error;
    if (!error?.code || provesNothing(answer)) return lost(answer);
    return { kind: "refused", code: error.code, message: error.message, subject: error.subject };
  }

  return { place, menu, price };
}

// Answers after which the menu of now decides what is left of the basket.
const CHANGED = new Set(["price_changed", "sold_out", "unknown_product", "unknown_option",
  "option_required", "too_many_choices", "not_served_now", "unknown_ingredient", "unknown_part",
  "part_required"]);

const BUSY = [429, 503];

function provesNothing({ status }) {
  return status >= 500 || status === 429;
}

// A server that asks to wait says so in its own words; any other silence is the line's.
function lost({ status, data, waitS }) {
  const message = data?.error?.message;
  return message && BUSY.includes(status) ? { kind: "lost", message, waitS } : { kind: "lost" };
}

async function request(fetch, path, timeoutMs, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const response = await fetch(path, { ...options, signal: stop.signal });
    const data = await response.json().catch(() => null);
    const waitS = Number(response.headers?.get("retry-after")) || 0;
    return { ok: response.ok, status: response.status, data, waitS };
  } catch {
    return { ok: false, status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}
