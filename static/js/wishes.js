// Owns what an order carries besides dishes: where it is brought to, a note, a time, a code.
// Where somebody lives stays in the fields: it is in no storage of this browser.

import { offerAddresses } from "./address-book.js";
import { Times } from "./times.js";

const part = (name) => document.querySelector(`[data-wish="${name}"]`);
const CONTACT = ["address", "postal_code", "phone"];
const TYPING_MS = 500;
// Refusals after which another time is chosen.
const NOT_THEN = new Set(["slot_full", "closed_then", "invalid_time"]);
// Refusals of the code that was typed.
const OF_CODE = new Set(["unknown_promotion", "promotion_not_now", "promotion_minimum"]);

export class Wishes {
  #texts;
  #typing = null;
  #offered = false;
  #place;
  #wish;
  #times;

  constructor(texts, act) {
    this.#texts = texts;
    this.#place = act.place;
    this.#wish = act.wish;
    this.#times = new Times(part("time"), texts);
    part("extras").addEventListener("toggle", () => part("extras").open && this.#times.load());
    // Whoever opens it wants to see it; what a stored basket opens stays where it is.
    part("summary").addEventListener("click", () => requestAnimationFrame(() =>
      part("extras").open && part("extras").scrollIntoView({ block: "start" })));
    for (const name of ["note", "time"]) {
      part(name).addEventListener("change", () => act.wish(name, typed(name)));
    }
    const apply = () => act.wish("code", typed("code"));
    part("apply").addEventListener("click", apply);
    // Whoever types a code and goes on wants it.
    part("code").addEventListener("change", apply);
    part("code").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      apply();
    });
    part("postal_code")?.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(act.place, TYPING_MS);
    });
  }

  show(basket) {
    for (const name of ["note", "code"]) {
      if (document.activeElement !== part(name)) part(name).value = basket[name] ?? "";
    }
    if (document.activeElement !== part("time")) this.#times.show(basket.time ?? "");
    const form = part("delivery");
    if (form) form.hidden = basket.mode !== "delivery";
    if (basket.code || basket.note || basket.time) part("extras").open = true;
  }

  // Keeps what was typed and never left: on some phones a tap on a button leaves no field.
  keepTyped(basket) {
    for (const name of ["note", "code"]) {
      const value = typed(name);
      if (value !== (basket[name] ?? "")) this.#wish(name, value);
    }
  }

  // Tells whether a moment is offered, and asks the kitchen where it is not known. Without an
  // answer the moment stands: the server has the last word.
  async offers(moment) {
    if (this.#times.offers(moment)) return true;
    return !(await this.#times.load(true)) || this.#times.offers(moment);
  }

  // Shows that no time is chosen any more, and leads to the others; all else stays as it is.
  dropTime() {
    this.#times.show("");
    part("extras").open = true;
    part("time").focus();
  }

  // Offers other times where the one that was wanted cannot be.
  offerTimes(code) {
    if (!NOT_THEN.has(code)) return;
    part("extras").open = true;
    this.#times.load(true);
    part("time").focus();
  }

  // Brings the form into sight when somebody has just chosen to have it brought.
  reveal() {
    if (part("saved") && !this.#offered) {
      this.#offered = true;
      offerAddresses(part, this.#texts.t, this.#place);
    }
    part("delivery")?.scrollIntoView({ block: "nearest" });
  }

  postalCode() {
    return part("postal_code")?.value.replace(/[\s-]/g, "").toUpperCase() ?? "";
  }

  contact(basket) {
    if (basket.mode !== "delivery" || !part("address")) return null;
    return Object.fromEntries(CONTACT.map((name) => [name, part(name).value.trim()]));
  }

  // Says what is lacking before anything is sent, and leads there.
  lacking(basket) {
    const { t } = this.#texts;
    if (basket.mode !== "delivery") return null;
    if (!part("address")) {
      this.reveal();
      return t("delivery.needs_account");
    }
    const empty = CONTACT.find((name) => part(name).value.trim() === "");
    if (!empty) return null;
    part(empty).focus();
    return t("delivery.incomplete");
  }

  // Says at the code what it takes off, or why it does not count; answers whether it does not.
  tell(answer) {
    const { t, money } = this.#texts;
    const off = answer?.price?.discounts?.[0];
    const amount = off && money(-off.cents);
    part("said").textContent = off ? t("extras.applied", { code: off.code, amount }) : "";
    const isOfCode = OF_CODE.has(answer?.code);
    const words = isOfCode ? refusal(answer, this.#texts) : "";
    const refused = part("refused");
    // The same words again would be read aloud again.
    if (refused.textContent === words) return isOfCode;
    refused.textContent = words;
    if (isOfCode) {
      part("code").setAttribute("aria-invalid", "true");
      part("extras").open = true;
      refused.scrollIntoView({ block: "nearest" });
    } else {
      part("code").removeAttribute("aria-invalid");
    }
    return isOfCode;
  }

  // Leads whoever wants to order to a code that does not count; answers whether it was that.
  leads(answer) {
    if (!this.tell(answer)) return false;
    part("code").focus();
    part("refused").scrollIntoView({ block: "nearest" });
    return true;
  }
}

function typed(name) {
  const value = part(name).value.trim();
  return name === "code" ? value.toUpperCase() : value;
}

// A refusal with an amount says which.
export function refusal(answer, { t, money }) {
  const amount = money(Number(answer.subject?.[0] ?? 0));
  if (answer.code === "delivery_minimum") return t("delivery.minimum", { amount });
  if (answer.code === "promotion_minimum") return t("delivery.promotion_minimum", { amount });
  return answer.message;
}
