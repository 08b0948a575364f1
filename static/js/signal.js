// Owns the SIGNAL PERDU dialog: what a customer sees when nothing answers, or when the server asks
// to wait. It must not know what is tried again.

// Shows the dialog until an attempt is answered, or the customer goes back (then false). `lost` is
// what came of the first attempt: a server that asks to wait gave it a message and perhaps seconds.
// `attempt` resolves with the like, or with nothing once it was answered.
export function signalLost(lost, attempt, { t }) {
  const dialog = document.getElementById("signal");
  const part = (id) => dialog.querySelector(id);
  const [title, text] = [part("#signal-title"), part("#signal-text")];
  const retry = part('[data-signal="retry"]');
  const back = part('[data-signal="back"]');
  let waiting = null;
  let trying = false;

  function tell({ message, waitS = 0 }, silence) {
    title.textContent = t(message ? "offline.wait_title" : "offline.title");
    text.textContent = message ?? silence;
    const untilMs = Date.now() + waitS * 1000;
    const count = () => {
      const seconds = Math.ceil((untilMs - Date.now()) / 1000);
      if (seconds <= 0) clearInterval(waiting);
      retry.disabled = seconds > 0;
      retry.textContent = retry.disabled
        ? t("offline.retry_in", { time: minutes(seconds) })
        : t("offline.retry");
    };
    clearInterval(waiting);
    waiting = setInterval(count, 1000);
    count();
    (retry.disabled ? back : retry).focus();
  }
  retry.hidden = back.hidden = false;
  if (!dialog.open) dialog.showModal();
  tell(lost, t("offline.text"));

  return new Promise((resolve) => {
    async function again() {
      if (trying) return;
      trying = true;
      retry.setAttribute("aria-busy", "true");
      text.textContent = t("offline.trying");
      const still = await attempt();
      trying = false;
      retry.removeAttribute("aria-busy");
      if (still) tell(still, t("offline.still"));
      else finish(true);
    }
    function finish(outcome) {
      clearInterval(waiting);
      retry.removeEventListener("click", again);
      back.removeEventListener("click", leave);
      dialog.removeEventListener("cancel", leave);
      dialog.removeEventListener("close", closed);
      dialog.close();
      resolve(outcome);
    }
    // While an attempt is on its way its answer decides; leaving now would hide an order.
    function leave(event) {
      event.preventDefault();
      if (!trying) finish(false);
    }
    // A second Escape closes a dialog whatever the page says.
    function closed() {
      if (dialog.open) return;
      if (trying) dialog.showModal();
      else finish(false);
    }
    retry.addEventListener("click", again);
    back.addEventListener("click", leave);
    dialog.addEventListener("cancel", leave);
    dialog.addEventListener("close", closed);
  });
}

function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
