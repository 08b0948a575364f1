// Owns the geometry of a way: points from millionths of a degree, a curve between two of them, and
// where on a line somebody is who has walked a part of it. It must not know a map.

const BENDS = 32;
// How far a drawn way bends aside, as a part of its length: enough to be seen as a way.
const ASIDE = 0.18;

export function point(place) {
  const { latitude_e6: north, longitude_e6: east } = place ?? {};
  return Number.isInteger(north) && Number.isInteger(east) ? [north / 1e6, east / 1e6] : null;
}

// A soft curve between two points, both ends included.
export function curve([north, east], [toNorth, toEast]) {
  const [up, right] = [toNorth - north, toEast - east];
  const middle = [north + up / 2 + right * ASIDE, east + right / 2 - up * ASIDE];
  return Array.from({ length: BENDS + 1 }, (_, step) => {
    const at = step / BENDS;
    const mix = (from, bend, to) => (1 - at) ** 2 * from + 2 * at * (1 - at) * bend + at ** 2 * to;
    return [mix(north, middle[0], toNorth), mix(east, middle[1], toEast)];
  });
}

// Where somebody is who has walked this share of a line, between 0 and 1.
export function along(line, share) {
  const legs = line.slice(1).map((to, index) => Math.hypot(to[0] - line[index][0], to[1] - line[index][1]));
  let left = Math.min(1, Math.max(0, share)) * legs.reduce((sum, leg) => sum + leg, 0);
  for (const [index, leg] of legs.entries()) {
    if (left <= leg && leg > 0) {
      const [from, to] = [line[index], line[index + 1]];
      return [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * left) / leg);
    }
    left -= leg;
  }
  return line.at(-1);
}

// Reads the way that a router answers with; nothing where it is none.
export function routed(answer) {
  const pairs = answer?.routes?.[0]?.geometry?.coordinates;
  if (!Array.isArray(pairs) || pairs.length < 2 || pairs.length > 20_000) return null;
  const line = pairs.map((pair) => [pair?.[1], pair?.[0]]);
  return line.every((at) => at.every(Number.isFinite)) ? line : null;
}

// What is drawn where nobody knows the places: restaurant and address of nowhere.
export const NOWHERE = { restaurant: [0, 0], address: [0.006, 0.014] };
