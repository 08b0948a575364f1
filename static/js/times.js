// Owns the times at which an order may be wanted: as soon as possible first, then what the kitchen
// has room for. It must not know what is ordered; the server has the last word.

const FRESH_MS = 60_000;

export class Times {
  #select;
  #t;
  #at = new Map();
  #asked = 0;

  constructor(select, t) {
    this.#select = select;
    this.#t = t;
  }

  // Asks when something may be wanted, at most once a minute unless a time was refused.
  async load(again = false) {
    if (!again && Date.now() - this.#asked < FRESH_MS) return;
    this.#asked = Date.now();
    const response = await fetch("/api/order-times", {
      headers: { accept: "application/json" },
      cache: "no-cache",
      signal: AbortSignal.timeout(10_000),
    }).catch(() => null);
    if (!response?.ok) return;
    const { soonest, times } = await response.json();
    const chosen = this.#select.value;
    this.#at = new Map(times.map(({ time, at_ms: atMs }) => [time, atMs]));
    const first = soonest
      ? this.#t("extras.asap_at", { time: soonest.time })
      : this.#t("extras.asap");
    const options = [["", first], ...times.map(({ time }) => [time, time])];
    this.#select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    this.show(chosen);
  }

  // Shows what was chosen before; a time that is not offered now stays to be seen, and is refused.
  show(time) {
    const known = [...this.#select.options].some((option) => option.value === time);
    if (time && !known) this.#select.append(new Option(time, time));
    this.#select.value = time;
  }

  // Returns the moment that was offered under this time, by the venue's clocks.
  at(time) {
    return this.#at.get(time);
  }
}
