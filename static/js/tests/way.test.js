// Tests of the geometry of a way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { along, curve, point, routed } from "../way.js";

test("a place is whole millionths of a degree or nothing", () => {
  assert.deepEqual(point({ latitude_e6: 50846600, longitude_e6: -4352800 }), [50.8466, -4.3528]);
  for (const odd of [null, undefined, {}, { latitude_e6: 1.5, longitude_e6: 1 }, { latitude_e6: "1" }]) {
    assert.equal(point(odd), null);
  }
});

test("a curve begins and ends where it should and bends between", () => {
  const line = curve([50, 4], [51, 5]);
  assert.deepEqual([line[0], line.at(-1)], [[50, 4], [51, 5]]);
  const middle = line[line.length / 2 - 0.5];
  assert.ok(Math.hypot(middle[0] - 50.5, middle[1] - 4.5) > 0.1, `${middle}`);
});

test("whoever has walked a part of a line is on it", () => {
  const line = [[0, 0], [0, 2], [2, 2]];
  const cases = [[0, [0, 0]], [0.25, [0, 1]], [0.5, [0, 2]], [0.75, [1, 2]], [1, [2, 2]]];
  for (const [share, expected] of cases) assert.deepEqual(along(line, share), expected);
  assert.deepEqual(along(line, 7), [2, 2]);
  assert.deepEqual(along(line, -1), [0, 0]);
  assert.deepEqual(along([[1, 1], [1, 1]], 0.5), [1, 1], "a way without length");
});

test("a router's answer is a line or nothing", () => {
  const answer = (coordinates) => ({ routes: [{ geometry: { coordinates } }] });
  assert.deepEqual(routed(answer([[4, 50], [5, 51]])), [[50, 4], [51, 5]]);
  for (const odd of [null, {}, answer([]), answer([[4, 50]]), answer([[4, "x"], [5, 51]]), answer("ab")]) {
    assert.equal(routed(odd), null);
  }
});
