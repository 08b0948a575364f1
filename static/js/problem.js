// Owns one thing: a kiosk that met a problem finds its own way back to the start.

import { resetKiosk } from "./kiosk.js";

setTimeout(resetKiosk, 30_000);
