// Owns how the kitchen works by keys, and how a step that was taken by mistake is taken back.
// A bump bar is a keyboard: 1 to 9 take the next step of the ticket in that place, 0 takes the
// last call back. It must not know what a step is: buttons say it.

const UNDO_MS = 20_000;

let button = null;
let timer = 0;
let label = () => "";

export function bump({ board, undo, act, t }) {
  if (!undo) return;
  button = undo;
  label = (ticket) => t("kitchen.undo", { ticket });
  undo.addEventListener("click", () => {
    forget();
    act(undo);
  });
  document.addEventListener("keydown", (event) => {
    const held = event.repeat || event.ctrlKey || event.altKey || event.metaKey;
    if (held || document.querySelector("dialog[open]") || !/^[0-9]$/.test(event.key)) return;
    if (event.key === "0") {
      if (!undo.hidden) undo.click();
      return;
    }
    const step = board.querySelectorAll("[data-bump]")[Number(event.key) - 1];
    if (!step) return;
    step.closest("li").scrollIntoView({ block: "nearest" });
    act(step);
  });
}

// A call can be taken back for a while, from the bar above the board.
export function undoable({ dataset }) {
  if (!button || !dataset.undo) return;
  button.dataset.post = dataset.undo;
  button.querySelector("[data-board]").textContent = label(dataset.ticket);
  button.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(forget, UNDO_MS);
}

function forget() {
  clearTimeout(timer);
  button.hidden = true;
}
