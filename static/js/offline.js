// Owns the page that stands in for any other while no server answers: it says what is kept, and
// goes on by itself as soon as there is an answer.

import { lastOrder, openStore } from "./basket-store.js";
import { readTexts } from "./text.js";
import { whenReached } from "./unreached.js";

const { t } = readTexts();
const basket = openStore({ kiosk: false }).get();
const pieces = basket.lines.reduce((sum, line) => sum + line.quantity, 0);
const said = document.getElementById("offline-basket");
said.textContent = t("offline.basket", { count: pieces });
said.hidden = pieces === 0;
const order = lastOrder();
const ticket = document.getElementById("offline-ticket");
ticket.textContent = order ? t("offline.ticket", { ticket: order.ticket }) : "";
ticket.hidden = !order;

// Whoever opened this page itself wants the first one.
const goOn = () => (location.pathname === "/offline" ? location.replace("/") : location.reload());
const ask = whenReached(goOn);
const button = document.querySelector('[data-offline="retry"]');
const text = document.getElementById("offline-text");
button.addEventListener("click", async () => {
  button.setAttribute("aria-busy", "true");
  const answered = await ask();
  button.removeAttribute("aria-busy");
  if (!answered) text.textContent = t("offline.still");
});
