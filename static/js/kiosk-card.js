// Owns the page on which a kiosk reads a member's card: it asks the server who that is and goes on
// to the menu. It must not know what makes a card good.

import { proof } from "./csrf.js";
import { guardLinks, leaveFor, watchIdle } from "./kiosk.js";
import { readTexts } from "./text.js";
// The camera, or a scanner that types, fills the field and sends the form.
import "./scan.js";

const PATIENCE_MS = 15_000;

const { t } = readTexts();
const piece = (name) => document.getElementById(name);
const form = piece("scan");
let busy = false;

async function recognise() {
  const said = JSON.stringify({ code: piece("code").value.trim(), pin: piece("pin").value });
  const answer = await fetch("/api/kiosk/card?kiosk=1", {
    method: "POST",
    headers: { ...proof(), "content-type": "application/json", accept: "application/json" },
    body: said,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { ok: answer.ok, data: await answer.json() };
}

// A card of paper wants its PIN next: the code is kept, nobody scans it twice.
function askPin(code, message) {
  const open = code === "pin_wanted" || code === "wrong_pin";
  piece("pin-field").hidden = !open;
  piece("another").hidden = !open;
  piece("code-field").hidden = open;
  piece("pin").value = "";
  if (!open) piece("code").value = "";
  piece("card-trouble").textContent = message;
  piece(open ? "pin" : "code").focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy || piece("code").value.trim() === "") return;
  busy = true;
  const { ok, data } = await recognise().catch(() => ({ ok: false, data: null }));
  busy = false;
  if (ok) await leaveFor(data.next);
  else askPin(data?.error?.code, data?.error?.message ?? t("kiosk_card.no_answer"));
});

piece("another").addEventListener("click", () => askPin("", ""));
guardLinks();
watchIdle();
document.documentElement.dataset.ready = "kiosk-card";
