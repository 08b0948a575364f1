// Owns the sound of a board: on or off for this screen, and what is heard.
// It must not know what has arrived. A browser lets a page sound only after a touch.

const KEPT = "relais.board-sound";
const NOTES = [880, 1174.7];
const NOTE_S = 0.18;

let context = null;

// The button says whether this screen sounds; the first touch of the page wakes the sound up.
export function chimes(button) {
  if (!button) return;
  const show = (on) => button.setAttribute("aria-pressed", String(on));
  show(isOn());
  button.addEventListener("click", () => {
    keep(!isOn());
    show(isOn());
    if (isOn()) {
      wake();
      chime();
    }
  });
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  // A screen that is allowed to sound by itself does so after a start that nobody touches.
  wake();
}

export function chime() {
  wake();
  if (!isOn() || context?.state !== "running") return;
  NOTES.forEach((hertz, index) => note(hertz, context.currentTime + index * NOTE_S));
}

function note(hertz, at) {
  const [source, gain] = [context.createOscillator(), context.createGain()];
  source.frequency.value = hertz;
  gain.gain.setValueAtTime(0.3, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 2 * NOTE_S);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + 2 * NOTE_S);
}

function wake() {
  if (!isOn()) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

function isOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

function keep(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A screen that keeps nothing sounds after its next start.
  }
}
