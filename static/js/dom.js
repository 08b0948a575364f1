// Owns the few gestures that every page makes: making elements, showing a toast, closing dialogs.
// Text always goes in as text, never as markup.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `/static/icons/ui.svg#${name}`);
  svg.append(use);
  return svg;
}

let hideTimer = null;
export function toast(text, tone = "plain") {
  const box = document.getElementById("toast");
  if (!box) return;
  box.textContent = text;
  box.dataset.tone = tone;
  raise(box);
  box.classList.add("toast--shown");
  clearTimeout(hideTimer);
  hideTimer = setTimeout(() => box.classList.remove("toast--shown"), 4500);
}

// An open dialog covers everything but what was put above the page after it.
function raise(box) {
  if (!box.showPopover) return;
  box.popover = "manual";
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

// A tap beside a dialog closes it, as everybody expects.
export function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right &&
      event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
}
