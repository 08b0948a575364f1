// Owns finding a dish: by words, by diet, without an allergen. It hides cards and nothing else.

// Letters count, their accents and case do not.
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// Every word must stand in the text, every diet among the card's, no allergen among them.
export function matches(card, { words = "", diets = [], without = [] }) {
  const text = plain(card.text);
  return (
    plain(words).split(/\s+/u).every((word) => text.includes(word)) &&
    diets.every((code) => card.diets.includes(code)) &&
    !without.some((code) => card.allergens.includes(code))
  );
}

export function makeSieve(texts) {
  const form = document.getElementById("sieve");
  if (!form) return { apply: () => {} };
  const none = document.getElementById("sieve-none");
  const ticked = (name) =>
    [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((one) => one.value);

  function apply() {
    const wanted = {
      words: form.elements.words.value,
      diets: ticked("diet"),
      without: ticked("without"),
    };
    const count = wanted.diets.length + wanted.without.length;
    const asks = count > 0 || wanted.words.trim() !== "";
    let shown = 0;
    for (const section of document.querySelectorAll(".menu__category")) {
      let here = 0;
      for (const card of section.querySelectorAll(".card")) {
        const codes = (value) => (value ?? "").split(" ").filter(Boolean);
        const text = `${card.querySelector(".card__open").textContent} ` +
          `${card.querySelector(".card__description")?.textContent ?? ""}`;
        const is = { text, diets: codes(card.dataset.diets), allergens: codes(card.dataset.allergens) };
        card.hidden = !matches(is, wanted);
        here += card.hidden ? 0 : 1;
      }
      section.hidden = asks && here === 0;
      shown += here;
    }
    none.hidden = shown > 0 || !asks;
    const summary = form.querySelector("[data-sieve-count]");
    summary.textContent = count > 0 ? String(count) : "";
    none.textContent = texts.t("menu.none_found");
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  // After a reload or on the way back a browser fills the form by itself, and tells nobody.
  addEventListener("pageshow", apply);
  apply();
  return { apply };
}
