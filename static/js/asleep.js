// Owns the dark page of a kiosk whose venue is closed: any touch or key wakes it, and it asks now
// and then whether it is time to open.

import { forgetAll } from "./basket-store.js";
import { guardLinks, leaveFor, renewWhenQuiet } from "./kiosk.js";

const main = document.getElementById("main");
const wake = () => leaveFor(main.querySelector("a").getAttribute("href"));

forgetAll();
guardLinks();
document.addEventListener("pointerdown", wake, { once: true });
document.addEventListener("keydown", wake, { once: true });
renewWhenQuiet(Number(main.dataset.againS));
