// Owns what a phone does about a server that may not answer: it has pages kept for then, says that
// a page is one of those, and shows the real one as soon as there is an answer.

const AGAIN_MS = 4000;

// Browsers keep pages for secure contexts only, and for one's own phone: no kiosk asks for it.
export function keepPages() {
  if (document.body.dataset.surface !== "surface-web") return;
  navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
  const banner = document.getElementById("unreached");
  if (!banner || !("unreached" in document.body.dataset)) return;
  banner.hidden = false;
  whenReached(() => location.reload());
}

// Calls once when the server answers again; a request that is no GET is never answered from here.
export function whenReached(reached, { eachMs = AGAIN_MS } = {}) {
  let over = false;
  let notBeforeMs = 0;
  async function ask() {
    if (over || Date.now() < notBeforeMs) return over;
    const options = { method: "HEAD", cache: "no-store" };
    const answer = await fetch(location.pathname, options).catch(() => null);
    if (over || !answer) return over;
    if (answer.status >= 500 || answer.status === 429) {
      notBeforeMs = Date.now() + (Number(answer.headers.get("retry-after")) || 0) * 1000;
      return false;
    }
    over = true;
    clearInterval(timer);
    reached();
    return true;
  }
  const timer = setInterval(ask, eachMs);
  addEventListener("online", ask);
  return ask;
}
