// Owns what scripts say: texts that the page carries as data, and money as the reader writes it.
// It must not know any page. Money is integer cents; no fraction is ever computed.

const NBSP = "\u00a0";

export function makeTexts({ locale = "fr", texts = {} } = {}) {
  function t(key, values = {}) {
    const text = texts[key] ?? key;
    // In one pass: a value that looks like a hole or a pattern stays what it is.
    return text.replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
  }
  return {
    locale,
    t,
    money: (cents) => money(locale, cents),
    number: (count) => grouped(locale, String(count)),
  };
}

export function readTexts(page = document) {
  return makeTexts(readData("texts", page));
}

export function readData(id, page = document) {
  return JSON.parse(page.getElementById(id)?.textContent || "{}");
}

const MARKS = { fr: [NBSP, ","], nl: [".", ","], en: [",", "."] };

function grouped(locale, digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, MARKS[locale][0]);
}

export function money(locale, cents) {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const sign = cents < 0 ? "-" : "";
  const whole = grouped(locale, digits.slice(0, -2));
  const amount = `${whole}${MARKS[locale][1]}${digits.slice(-2)}`;
  if (locale === "fr") return `${sign}${amount}${NBSP}€`;
  return locale === "nl" ? `€${NBSP}${sign}${amount}` : `${sign}€${amount}`;
}
