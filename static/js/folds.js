// Owns long lists of staff: folding them by category, and finding one thing in them by its name.
// Without it every category stands open. It must not know what the things are.

import { plain } from "./menu-sieve.js";

const SMALL = "(max-width: 40rem)";

// Every word must stand in the name; accents and case do not count.
export function isNamed(name, words) {
  const text = plain(name);
  return plain(words).split(/\s+/u).every((word) => text.includes(word));
}

// Says which categories stand open: what was chosen before, and else all of them or, where there
// is little room, none; but while something is looked for, those in which it was found.
export function isOpen({ chosen, small, looking, found }) {
  return looking ? found : (chosen ?? !small);
}

export function foldAll(page = document) {
  const folds = [...page.querySelectorAll(".fold")];
  const box = page.getElementById("find");
  const input = page.getElementById("find-words");
  const none = page.getElementById("find-none");
  const place = `folds:${location.pathname}`;
  const kept = remember(place);
  const small = matchMedia(SMALL).matches;
  const target = location.hash && page.getElementById(decodeURIComponent(location.hash.slice(1)));
  let looking = false;

  function show() {
    looking = input.value.trim() !== "";
    let shown = 0;
    for (const fold of folds) {
      let here = 0;
      for (const item of fold.querySelectorAll("[data-find]")) {
        item.hidden = !isNamed(item.dataset.find, input.value);
        here += item.hidden ? 0 : 1;
      }
      fold.hidden = looking && here === 0;
      const chosen = kept.open[fold.id] ?? (fold.contains(target || null) || undefined);
      fold.open = isOpen({ chosen, small, looking, found: here > 0 });
      shown += here;
    }
    none.hidden = !looking || shown > 0;
  }

  for (const fold of folds) {
    // A click is a choice; what the search opens is none.
    fold.querySelector("summary").addEventListener("click", () => {
      if (!looking) kept.open[fold.id] = !fold.open;
      kept.keep();
    });
  }
  input.addEventListener("input", () => {
    kept.words = input.value;
    kept.keep();
    show();
  });
  box.hidden = false;
  input.value = kept.words;
  show();
  // What was asked for by its address moved while the list folded.
  if (target) target.scrollIntoView({ block: "nearest" });
}

// A form leads back to the list: what was looked for and folded is still so, in this tab.
function remember(place) {
  const read = () => {
    try {
      return JSON.parse(sessionStorage.getItem(place) ?? "{}");
    } catch {
      return {};
    }
  };
  const before = read();
  const kept = { open: before.open ?? {}, words: before.words ?? "" };
  kept.keep = () => {
    try {
      sessionStorage.setItem(place, JSON.stringify({ open: kept.open, words: kept.words }));
    } catch {
      // Without a store nothing is remembered, and the list works all the same.
    }
  };
  return kept;
}

if (globalThis.document?.getElementById("find")) foldAll();
