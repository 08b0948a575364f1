// Owns the first page's behaviour: on the kiosk it forgets whoever was here before, on the web it
// offers the way back to the order that is being prepared.

import { forgetAll, lastOrder } from "./basket-store.js";
import { guardLinks, isKiosk } from "./kiosk.js";

if (isKiosk()) {
  forgetAll();
  guardLinks();
} else {
  const order = lastOrder();
  const line = document.getElementById("last-order");
  if (order && line) {
    line.querySelector("a").setAttribute("href", order.url);
    line.querySelector("[data-last-ticket]").textContent = order.ticket;
    line.hidden = false;
  }
}
