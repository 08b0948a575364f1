// Owns the proof that a request comes from one of our pages: the page carries it, and no other site
// can read it.

export function proof() {
  const token = globalThis.document?.body?.dataset.csrf;
  return token ? { "relais-csrf": token } : {};
}
