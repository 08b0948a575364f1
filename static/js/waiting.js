// Owns how long an order has waited, and from when on that is a worry. Pure.

const MINUTE_MS = 60_000;

export function waitingMinutes(sinceMs, nowMs) {
  return Math.max(0, Math.floor((nowMs - sinceMs) / MINUTE_MS));
}

// The limits are the kitchen's own; a board that has none takes the usual ones.
export function waitLevel(minutes, { soon = 6, late = 12 } = {}) {
  if (minutes >= late) return "late";
  return minutes >= soon ? "soon" : "fine";
}
