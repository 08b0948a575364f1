// Owns the SIGNAL PERDU dialog: what a customer sees when nothing answers.
// It must not know what is tried again.

// Shows the dialog until `attempt` answers true, or the customer goes back (then false).
export function signalLost(attempt, { t }) {
  const dialog = document.getElementById("signal");
  const text = dialog.querySelector("#signal-text");
  const retry = dialog.querySelector('[data-signal="retry"]');
  const back = dialog.querySelector('[data-signal="back"]');
  text.textContent = t("offline.text");
  if (!dialog.open) dialog.showModal();
  retry.focus();

  return new Promise((resolve) => {
    async function again() {
      if (retry.getAttribute("aria-busy") === "true") return;
      retry.setAttribute("aria-busy", "true");
      text.textContent = t("offline.trying");
      const answered = await attempt();
      retry.removeAttribute("aria-busy");
      if (answered) finish(true);
      else text.textContent = t("offline.still");
    }
    function finish(outcome) {
      retry.removeEventListener("click", again);
      back.removeEventListener("click", leave);
      dialog.removeEventListener("cancel", leave);
      dialog.close();
      resolve(outcome);
    }
    // While an attempt is on its way its answer decides; leaving now would hide an order.
    const leave = (event) => {
      event.preventDefault();
      if (retry.getAttribute("aria-busy") !== "true") finish(false);
    };
    retry.addEventListener("click", again);
    back.addEventListener("click", leave);
    dialog.addEventListener("cancel", leave);
  });
}
