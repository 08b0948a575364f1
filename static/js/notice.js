// Owns the dialog that tells the customer something before anything goes on.
// It must not know what it tells.

import { el } from "./dom.js";

export function makeNotice(dialog) {
  const part = (name) => dialog.querySelector(`[data-changes="${name}"]`);
  part("ok").addEventListener("click", () => dialog.close());

  // Shows the sentences; resolves when the customer has read them.
  function show({ title, text, ok, lines = [] }) {
    part("title").textContent = title;
    part("text").textContent = text;
    part("ok").textContent = ok;
    part("list").replaceChildren(...lines.map((line) => el("li", {}, line)));
    if (!dialog.open) dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  }

  return { show };
}
