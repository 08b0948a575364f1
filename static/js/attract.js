// Owns what a waiting kiosk shows: a few products, one after the other.
// It must not know where they come from: a playlist would fill the same stage with its own slides.

const EACH_MS = 6000;

// Whoever wants no motion sees the first one.
export function attract(stage, { eachMs = EACH_MS, still = wantsNoMotion() } = {}) {
  const slides = [...stage.children];
  if (still || slides.length < 2) return;
  let shown = 0;
  setInterval(() => {
    if (document.hidden) return;
    slides[shown].classList.remove("attract__slide--shown");
    shown = (shown + 1) % slides.length;
    slides[shown].classList.add("attract__slide--shown");
  }, eachMs);
}

function wantsNoMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
