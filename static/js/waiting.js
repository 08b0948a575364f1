// Owns how long an order has waited, and from when on that is a worry. Pure.

const MINUTE_MS = 60_000;

export function waitingMinutes(sinceMs, nowMs) {
  return Math.max(0, Math.floor((nowMs - sinceMs) / MINUTE_MS));
}

export function waitLevel(minutes) {
  if (minutes >= 12) return "late";
  return minutes >= 6 ? "soon" : "fine";
}
