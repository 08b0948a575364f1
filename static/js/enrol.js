// Owns the page that shows a code until staff have approved it: it asks now and then, and goes on.
// It must not know the secret with which it asks; the browser's cookie does.

const ASK_EVERY_MS = 3_000;

async function ask() {
  try {
    const answer = await fetch("/enrol", { cache: "no-store" });
    if (answer.redirected) location.assign(answer.url);
    else if (answer.status === 410) location.reload();
    else setTimeout(ask, ASK_EVERY_MS);
  } catch {
    // The host is away for a moment: the code waits there.
    setTimeout(ask, ASK_EVERY_MS);
  }
}

setTimeout(ask, ASK_EVERY_MS);
