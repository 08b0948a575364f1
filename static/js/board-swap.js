// Owns how a new picture of a board replaces the old one: only what changed is touched, so that a
// focus, a pressed button, a scrolled column and an open dialog survive.

// Answers whether anything changed, and the tickets that arrived in announced lists.
export function swap(board, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const focused = document.activeElement?.id ?? "";
  const column = document.activeElement?.closest?.("[data-keyed]")?.dataset.keyed;
  const outcome = { changed: false, arrived: [] };
  merge(board, fresh, outcome);
  if (focused && document.activeElement?.id !== focused) refocus(board, focused, column);
  return outcome;
}

function merge(old, fresh, outcome) {
  if (old.isEqualNode(fresh)) return;
  if (old.dataset?.keyed !== undefined && old.dataset.keyed === fresh.dataset.keyed) {
    mergeList(old, fresh, outcome);
    return;
  }
  const alike =
    old.children.length === fresh.children.length && old.children.length > 0 &&
    [...old.children].every((child, index) => sameKind(child, fresh.children[index]));
  if (!alike) {
    if (old.innerHTML === fresh.innerHTML) return;
    old.replaceChildren(...fresh.childNodes);
    outcome.changed = true;
    return;
  }
  [...old.children].forEach((child, index) => {
    const next = fresh.children[index];
    copyData(child, next, outcome);
    merge(child, next, outcome);
  });
}

function sameKind(one, other) {
  return one.tagName === other.tagName && one.id === other.id && one.className === other.className;
}

function copyData(old, fresh, outcome) {
  for (const [name, value] of Object.entries(fresh.dataset)) {
    if (old.dataset[name] === value) continue;
    old.dataset[name] = value;
    outcome.changed = true;
  }
}

// Items are the same when their id and their markup are: those stay the very same elements.
function mergeList(old, fresh, outcome) {
  const kept = new Map([...old.children].map((item) => [item.id, item]));
  const wasEmpty = old.children.length === 0;
  const next = [...fresh.children].map((item) => {
    const before = kept.get(item.id);
    if (before && source(before) === source(item)) return before;
    outcome.changed = true;
    if (!before) {
      item.classList.add("is-new");
      const { ticket } = item.dataset;
      if (old.dataset.announce && ticket) outcome.arrived.push({ ticket, list: old.dataset.announce });
    }
    item.relaisSource = source(item);
    return item;
  });
  const order = next.some((item, index) => old.children[index] !== item);
  if (!order && next.length === old.children.length) return;
  outcome.changed = true;
  place(old, next);
  if (wasEmpty) old.scrollTop = 0;
}

// Moves as little as possible: an element that is moved loses its focus and its animation.
function place(list, next) {
  const stays = new Set(next);
  for (const item of [...list.children]) if (!stays.has(item)) item.remove();
  next.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
}

// The markup as the server sent it: the page itself writes waiting times and busy marks into it.
function source(item) {
  if (item.relaisSource) return item.relaisSource;
  const copy = item.cloneNode(true);
  copy.classList.remove("is-new");
  for (const wait of copy.querySelectorAll("[data-since]")) {
    wait.textContent = "";
    delete wait.dataset.level;
  }
  for (const busy of copy.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  item.relaisSource = copy.outerHTML;
  return item.relaisSource;
}

function refocus(board, id, column) {
  const same = document.getElementById(id);
  const list = column && board.querySelector(`[data-keyed="${CSS.escape(column)}"]`);
  const target = same ?? list?.querySelector("button") ?? document.getElementById("main");
  target?.focus({ preventScroll: true });
}
