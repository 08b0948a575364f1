// Owns the first page's behaviour: on the kiosk it forgets whoever was here before, on the web it
// offers the way back to the order that is being prepared.

import { attract } from "./attract.js";
import { forgetAll, lastOrder } from "./basket-store.js";
import { guardLinks, isKiosk, renewWhenQuiet } from "./kiosk.js";
import { keepPages } from "./unreached.js";

if (isKiosk()) {
  forgetAll();
  guardLinks();
  renewWhenQuiet(Number(document.getElementById("main").dataset.againS));
  const stage = document.querySelector("[data-attract]");
  if (stage) attract(stage);
} else {
  keepPages();
  const order = lastOrder();
  const line = document.getElementById("last-order");
  if (order && line) {
    line.querySelector("a").setAttribute("href", order.url);
    line.querySelector("[data-last-ticket]").textContent = order.ticket;
    line.hidden = false;
  }
}
