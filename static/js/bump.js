// Owns how the kitchen works by keys, and how a step that was taken by mistake is taken back.
// A bump bar is a keyboard: 1 to 9 take the next step of the ticket in that place, 0 takes the
// last call back, letters press what stands around the board. The page's own list of keys
// (kitchen.html) says the same. It must not know what a step is: buttons say it.

const UNDO_MS = 20_000;

let button = null;
let timer = 0;
let label = () => "";

export function bump({ board, page, act, t }) {
  if (!page("undo")) return;
  button = page("undo");
  label = (ticket) => t("kitchen.undo", { ticket });
  button.addEventListener("click", () => {
    forget();
    act(button);
  });
  const letters = {
    r: () => [...board.querySelectorAll("[data-recall]")].at(-1)?.click(),
    s: () => next(page("station")),
    e: () => page("switches-open").click(),
    m: () => page("sound").click(),
    "?": () => page("keys-open").click(),
  };
  document.addEventListener("keydown", (event) => {
    const held = event.repeat || event.ctrlKey || event.altKey || event.metaKey;
    // Whoever picks a station by its letters means the list.
    const typing = event.target.closest?.("input, select, textarea");
    if (held || typing || document.querySelector("dialog[open]")) return;
    const letter = letters[event.key.toLowerCase()];
    if (letter) {
      event.preventDefault();
      letter();
      return;
    }
    if (!/^[0-9]$/.test(event.key)) return;
    // From now on tickets show which key is theirs.
    document.body.classList.add("has-keys");
    if (event.key === "0") {
      if (!button.hidden) button.click();
      return;
    }
    const step = board.querySelectorAll("[data-bump]")[Number(event.key) - 1];
    if (!step) return;
    step.closest("li").scrollIntoView({ block: "nearest" });
    act(step);
  });
}

function next(list) {
  if (!list) return;
  list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
  list.dispatchEvent(new Event("change"));
}

// A call can be taken back for a while, from the bar above the board.
export function undoable({ dataset }) {
  if (!button || !dataset.undo) return;
  button.dataset.post = dataset.undo;
  button.dataset.body = dataset.undoBody ?? "{}";
  button.querySelector("[data-board]").textContent = label(dataset.ticket);
  button.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(forget, UNDO_MS);
}

function forget() {
  clearTimeout(timer);
  button.hidden = true;
}
