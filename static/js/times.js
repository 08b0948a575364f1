// Owns the times at which an order may be wanted: as soon as possible first, then what the kitchen
// has room for. It must not know what is ordered; the server has the last word.

import { el } from "./dom.js";

const FRESH_MS = 60_000;

export class Times {
  #select;
  #texts;
  #asked = 0;
  #offered = [];

  constructor(select, texts) {
    this.#select = select;
    this.#texts = texts;
  }

  // Asks when something may be wanted, at most once a minute unless a time was refused. Answers
  // whether it is known.
  async load(again = false) {
    if (!again && Math.abs(Date.now() - this.#asked) < FRESH_MS) return true;
    const response = await fetch("/api/order-times", {
      headers: { accept: "application/json" },
      cache: "no-cache",
      signal: AbortSignal.timeout(10_000),
    }).catch(() => null);
    const told = response?.ok ? await response.json().catch(() => null) : null;
    if (!told) return false;
    this.#asked = Date.now();
    this.#offered = told.times;
    const { t } = this.#texts;
    const first = told.soonest
      ? t("extras.asap_at", { time: told.soonest.time })
      : t("extras.asap");
    const chosen = this.#select.value;
    const { locale } = this.#texts;
    const hours = byHour(told.times, locale).map(({ label, times }) =>
      el("optgroup", { label }, ...times.map(({ time, at_ms: atMs }) =>
        new Option(labelOf(atMs, time, locale), atMs))));
    this.#select.replaceChildren(new Option(first, ""), ...hours);
    this.show(chosen);
    return true;
  }

  // Shows what was chosen before; a moment that is not offered now stays to be seen, until it is
  // ordered for.
  show(moment) {
    for (const option of [...this.#select.options]) {
      const { value } = option;
      if (value && value !== moment && !this.offers(value)) option.remove();
    }
    const known = [...this.#select.options].some((option) => option.value === moment);
    if (moment && !known) {
      const { locale } = this.#texts;
      const time = new Date(Number(moment)).toLocaleTimeString(locale, CLOCK);
      this.#select.append(new Option(labelOf(Number(moment), time, locale), moment));
    }
    this.#select.value = moment;
  }

  offers(moment) {
    return this.#offered.some(({ at_ms: atMs }) => String(atMs) === moment);
  }
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

// A day has many times: they stand by the hour, under the first and the last of it.
export function byHour(times, locale, now = new Date()) {
  const hours = new Map();
  for (const one of times) {
    const hour = labelOf(one.at_ms, one.time.slice(0, 2), locale, now);
    hours.set(hour, [...(hours.get(hour) ?? []), one]);
  }
  return [...hours.values()].map((held) => {
    const [first, last] = [held[0], held.at(-1)];
    const from = labelOf(first.at_ms, first.time, locale, now);
    return { label: first === last ? from : `${from}–${last.time}`, times: held };
  });
}

// A time of another day says which.
export function labelOf(atMs, time, locale, now = new Date()) {
  const at = new Date(atMs);
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.toLocaleDateString(locale, { weekday: "short" })} ${time}`;
}
