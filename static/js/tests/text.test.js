// Tests of texts, money, waiting times, polling and addresses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnPath } from "../basket-store.js";
import { kioskAddress } from "../kiosk.js";
import { nextDelay } from "../poll.js";
import { makeTexts, money } from "../text.js";
import { labelOf } from "../times.js";
import { waitingMinutes, waitLevel } from "../waiting.js";

test("money is written as each language writes it, like the server does", () => {
  const check = (cents, fr, nl, en) => {
    assert.deepEqual(["fr", "nl", "en"].map((locale) => money(locale, cents)), [fr, nl, en]);
  };
  check(1150, "11,50\u00a0€", "€\u00a011,50", "€11.50");
  check(0, "0,00\u00a0€", "€\u00a00,00", "€0.00");
  check(7, "0,07\u00a0€", "€\u00a00,07", "€0.07");
  check(-450, "-4,50\u00a0€", "€\u00a0-4,50", "-€4.50");
  check(123456789, "1\u00a0234\u00a0567,89\u00a0€", "€\u00a01.234.567,89", "€1,234,567.89");
});

test("every price up to a hundred euros keeps all its cents", () => {
  for (let cents = 1; cents <= 10_000; cents += 1) {
    assert.equal(Number(money("en", cents).replace(/[€.,]/g, "")), cents);
  }
});

test("a text takes its values, and a missing one shows its key", () => {
  const { t } = makeTexts({ locale: "en", texts: { "a.b": "{name} and {name}, {count}" } });
  assert.equal(t("a.b", { name: "$&", count: 2 }), "$& and $&, 2");
  assert.equal(t("no.such_key"), "no.such_key");
});

test("waiting counts whole minutes and never runs backwards", () => {
  assert.equal(waitingMinutes(0, 59_999), 0);
  assert.equal(waitingMinutes(0, 60_000), 1);
  assert.equal(waitingMinutes(60_000, 0), 0);
  assert.deepEqual([5, 6, 11, 12].map(waitLevel), ["fine", "soon", "soon", "late"]);
});

test("polling slows down while nothing happens and stops growing at its limit", () => {
  const middle = () => 0.5;
  const delay = (quiet, failures) =>
    nextDelay({ fast: 1000, slow: 8000, quiet, failures }, middle);
  assert.equal(delay(0, 0), 1000);
  assert.ok(delay(6, 0) > delay(4, 0));
  assert.equal(delay(500, 0), 8000);
  assert.equal(delay(0, 1), 2000);
  assert.equal(delay(0, 6), 8000);
  // Where the server says when to ask, asking is rare; a failure is tried again soon all the same.
  const told = { fast: 1000, slow: 8000, quiet: 0, listening: true };
  assert.equal(nextDelay({ ...told, failures: 0 }, middle), 15_000);
  assert.equal(nextDelay({ ...told, failures: 1 }, middle), 2000);
});

test("polling screens do not ask in step", () => {
  const at = (random) => nextDelay({ fast: 1000, slow: 8000, quiet: 0, failures: 0 }, () => random);
  assert.ok(at(0) < 1000 && at(0.999) > 1000);
});

test("only an address of this site is followed", () => {
  for (const good of ["/orders/1", "/"]) assert.ok(isOwnPath(good));
  for (const bad of ["//evil.example", "https://evil.example", "/\\evil.example", "", null, 3]) {
    assert.ok(!isOwnPath(bad), String(bad));
  }
});

test("a kiosk opens an order's page as a kiosk, and every other page as it is", () => {
  assert.equal(kioskAddress("/orders/7d1f"), "/orders/7d1f?kiosk=1");
  assert.equal(kioskAddress("/orders/7d1f?lang=nl"), "/orders/7d1f?lang=nl&kiosk=1");
  assert.equal(kioskAddress("/kiosk?lang=fr"), "/kiosk?lang=fr");
  assert.equal(kioskAddress("/kiosk/menu#category-tacos"), "/kiosk/menu#category-tacos");
});

test("a count is written as the server writes it", () => {
  const written = ["fr", "nl", "en"].map((locale) => makeTexts({ locale }).number(12_345));
  assert.deepEqual(written, ["12\u00a0345", "12.345", "12,345"]);
});

test("a time of another day says which", () => {
  const now = new Date(2026, 10, 22, 20, 0);
  const at = (day, hour) => new Date(2026, 10, day, hour, 30).getTime();
  assert.equal(labelOf(at(22, 21), "21:30", "en", now), "21:30");
  assert.equal(labelOf(at(23, 11), "11:30", "en", now), "Mon 11:30");
});
