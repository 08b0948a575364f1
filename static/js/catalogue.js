// Owns sorting by drag on the page of the menu's editors; without it, the arrows do the same.
// It must not know what a product is beyond its id.

import { proof } from "./csrf.js";
import { toast } from "./dom.js";
import { readTexts } from "./text.js";

const { t } = readTexts();
let held = null;

for (const list of document.querySelectorAll("[data-shelf]")) {
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-article]");
    if (!held) return;
    held.setAttribute("aria-grabbed", "true");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.article);
  });
  list.addEventListener("dragover", (event) => {
    // Products stay in their category: another one is chosen on the product's own page.
    if (!held || held.parentElement !== list) return;
    event.preventDefault();
    const over = event.target.closest("[data-article]");
    if (!over || over === held) return;
    const box = over.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    list.insertBefore(held, after ? over.nextElementSibling : over);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.removeAttribute("aria-grabbed");
    held = null;
    keep(list);
  });
}

async function keep(list) {
  const products = [...list.children].map((item) => item.dataset.article);
  const path = `/api/catalogue/categories/${encodeURIComponent(list.dataset.shelf)}/order`;
  const kept = await fetch(path, {
    method: "POST",
    headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ products }),
  }).then((answer) => answer.ok, () => false);
  toast(t(kept ? "catalogue.done_saved" : "catalogue.not_saved"), kept ? "success" : "error");
}
