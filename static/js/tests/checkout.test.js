// Tests of the attempt to order, against a stand-in for the network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCheckout } from "../checkout.js";

const order = { id: "7d1f", mode: "eat_in", lines: [], total_cents: 0 };
const answer = (status, data) => ({
  ok: status < 400, status, json: async () => structuredClone(data),
});
function network(...answers) {
  const sent = [];
  const fetch = async (path, options) => {
    sent.push({ path, method: options.method ?? "GET", body: options.body });
    const next = answers.shift();
    if (next === "down") throw new TypeError("no network");
    return next;
  };
  return { sent, checkout: makeCheckout({ fetch }) };
}
const placed = { id: "7d1f", ticket: "K1-017", state: "placed", url: "/orders/7d1f" };

test("an accepted order gives its ticket, whether it is new or already known", async () => {
  for (const status of [200, 201]) {
    const { checkout } = network(answer(status, placed));
    assert.deepEqual(await checkout.place(order), { kind: "placed", order: placed });
  }
});

test("two taps at once send one request", async () => {
  const { checkout, sent } = network(answer(201, placed));
  const [one, two] = await Promise.all([checkout.place(order), checkout.place(order)]);
  assert.equal(sent.length, 1);
  assert.deepEqual(one, two);
});

test("a retry after a lost answer sends the very same body", async () => {
  const { checkout, sent } = network("down", answer(200, placed));
  assert.deepEqual(await checkout.place(order), { kind: "lost" });
  assert.equal((await checkout.place(order)).kind, "placed");
  assert.equal(sent[0].body, sent[1].body);
});

test("an answer that proves nothing counts as lost", async () => {
  const unclear = [answer(500, { error: { code: "internal" } }), answer(502, null),
    answer(429, { error: { code: "too_many_requests" } }), answer(200, null), answer(200, {})];
  for (const one of unclear) {
    assert.deepEqual(await network(one).checkout.place(order), { kind: "lost" });
  }
});

test("a server that asks to wait is heard, and may still have the order", async () => {
  const busy = (status, seconds) => ({
    ...answer(status, { error: { code: "busy", message: "Attendez." } }),
    headers: new Headers(seconds ? { "retry-after": seconds } : {}),
  });
  const cases = [[busy(429, "12"), 12], [busy(503), 0], [busy(503, "Sun, 22 Nov 2026"), 0]];
  for (const [said, waitS] of cases) {
    const expected = { kind: "lost", message: "Attendez.", waitS };
    assert.deepEqual(await network(said).checkout.place(order), expected);
    assert.deepEqual(await network(said).checkout.price({}), expected);
  }
  assert.deepEqual(await network(busy(500, "12")).checkout.place(order), { kind: "lost" });
});

test("a changed menu is told apart from a refusal", async () => {
  const changed = network(answer(409, { error: { code: "price_changed", message: "m" } }));
  assert.deepEqual(await changed.checkout.place(order), { kind: "changed", code: "price_changed" });
  const error = { code: "too_many_lines", message: "m", subject: ["s"] };
  const refused = network(answer(422, { error }));
  assert.deepEqual(await refused.checkout.place(order),
    { kind: "refused", code: "too_many_lines", message: "m", subject: ["s"] });
});

test("an order that had arrived after all is shown instead of ordered again", async () => {
  const { checkout, sent } = network(
    answer(409, { error: { code: "order_conflict", subject: ["7d1f"] } }),
    answer(200, { id: "7d1f", ticket: "K1-009", state: "placed" }));
  const outcome = await checkout.place(order);
  assert.equal(outcome.kind, "existing");
  assert.equal(outcome.order.ticket, "K1-009");
  assert.equal(outcome.order.url, "/orders/7d1f");
  assert.deepEqual(sent.map((one) => one.method), ["POST", "GET"]);
});

test("a request that never answers is given up", async () => {
  const fetch = (path, { signal }) =>
    new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const checkout = makeCheckout({ fetch, timeoutMs: 5 });
  assert.deepEqual(await checkout.place(order), { kind: "lost" });
});

test("a menu that is not one is not taken over", async () => {
  assert.equal(await network("down").checkout.menu(), null);
  assert.equal(await network(answer(200, { products: "?" })).checkout.menu(), null);
  assert.deepEqual(await network(answer(200, { products: [] })).checkout.menu(), { products: [] });
});

test("a kiosk says that it is one, so that it sells to nobody of the staff", async () => {
  const paths = [];
  const fetch = async (path) => {
    paths.push(path);
    return answer(200, { ...placed, total_cents: 0 });
  };
  for (const kiosk of [true, false]) {
    const checkout = makeCheckout({ fetch, kiosk });
    await checkout.place(order);
    await checkout.price(order);
  }
  const asked = ["/api/orders", "/api/orders/price"];
  assert.deepEqual(paths, [...asked.map((path) => `${path}?kiosk=1`), ...asked]);
});
