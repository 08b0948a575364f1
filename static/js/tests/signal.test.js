// Tests of what is said above everything else: toasts, SIGNAL PERDU, and "still there?".

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { toast } from "../dom.js";
import { leaveFor, watchIdle } from "../kiosk.js";
import { signalLost } from "../signal.js";

class Piece extends EventTarget {
  attributes = new Map();
  dataset = {};
  hidden = false;
  disabled = false;
  textContent = "";
  focus() {
    Piece.focused = this;
  }
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  tap() {
    if (!this.disabled) this.dispatchEvent(new Event("click", { cancelable: true }));
  }
}

// A dialog as browsers have them: a second Escape closes it whatever the page says.
class Dialog extends Piece {
  open = false;
  pieces = {};
  querySelector(name) {
    return (this.pieces[name] ??= new Piece());
  }
  showModal() {
    assert.ok(!this.open);
    this.open = true;
  }
  close() {
    if (!this.open) return;
    this.open = false;
    queueMicrotask(() => this.dispatchEvent(new Event("close")));
  }
  escape({ again = false } = {}) {
    const goesOn = this.dispatchEvent(new Event("cancel", { cancelable: !again }));
    if (goesOn) this.close();
  }
}

const texts = { t: (key, { time } = {}) => (time ? `${key} ${time}` : key) };
const turn = () => new Promise((resolve) => setImmediate(resolve));
let dialog = null;

beforeEach(() => {
  dialog = new Dialog();
  globalThis.document = Object.assign(new EventTarget(), { getElementById: () => dialog });
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
});
afterEach(() => mock.timers.reset());

const title = () => dialog.querySelector("#signal-title").textContent;
const text = () => dialog.querySelector("#signal-text").textContent;
const retry = () => dialog.querySelector('[data-signal="retry"]');
const back = () => dialog.querySelector('[data-signal="back"]');

test("a silent line is tried again until it answers", async () => {
  const answers = [{ kind: "lost" }, null];
  const shown = signalLost({ kind: "lost" }, async () => answers.shift(), texts);
  assert.deepEqual([title(), text(), dialog.open], ["offline.title", "offline.text", true]);
  retry().tap();
  await turn();
  assert.equal(text(), "offline.still");
  retry().tap();
  assert.equal(await shown, true);
  assert.equal(dialog.open, false);
});

test("a server that asks to wait is heard, for as long as it says", async () => {
  let tries = 0;
  const asks = { message: "Attendez un peu.", waitS: 61 };
  const shown = signalLost(asks, async () => void (tries += 1), texts);
  assert.deepEqual([title(), text()], ["offline.wait_title", "Attendez un peu."]);
  assert.deepEqual([retry().textContent, retry().disabled], ["offline.retry_in 1:01", true]);
  assert.equal(Piece.focused, back(), "a focus never rests on what cannot be pressed");
  retry().tap();
  assert.equal(tries, 0);
  mock.timers.tick(61_000);
  assert.deepEqual([retry().textContent, retry().disabled], ["offline.retry", false]);
  retry().tap();
  assert.equal(await shown, true);
});

test("Escape goes back, and so does a second one at once", async () => {
  const ways = [() => dialog.escape(), () => dialog.escape({ again: true }), () => dialog.close()];
  for (const leave of ways) {
    const shown = signalLost({}, () => assert.fail("nobody asked for it"), texts);
    leave();
    await turn();
    assert.equal(await Promise.race([shown, "nothing"]), false);
    await turn();
  }
});

test("no Escape hides an attempt that is on its way", async () => {
  let answer;
  const attempt = () => new Promise((resolve) => (answer = resolve));
  const shown = signalLost({}, attempt, texts);
  retry().tap();
  dialog.escape();
  dialog.escape({ again: true });
  await turn();
  assert.equal(dialog.open, true);
  answer({});
  await turn();
  back().tap();
  assert.equal(await shown, false);
});

test("whoever closes the question whether they are there is there", async () => {
  Object.assign(dialog.dataset, { idleS: "75", warningS: "25" });
  watchIdle({ reset: () => assert.fail("somebody is there") });
  mock.timers.tick(75_000);
  assert.equal(dialog.open, true);
  dialog.close();
  await turn();
  mock.timers.tick(60_000);
});

test("a toast is put above a dialog that was opened before it", () => {
  const calls = [];
  const box = Object.assign(new Piece(), {
    classList: { add: () => {}, remove: () => {} },
    matches: (selector) => selector === ":popover-open" && calls.length > 0,
    showPopover: () => calls.push("show"),
    hidePopover: () => calls.push("hide"),
  });
  globalThis.document.getElementById = () => box;
  toast("Épuisé");
  toast("Retiré");
  assert.deepEqual([box.popover, calls], ["manual", ["show", "hide", "show"]]);
  delete box.showPopover;
  toast("Ajouté");
  assert.equal(box.textContent, "Ajouté");
});

test("a kiosk that is asked to wait says so, and only a line that is silent is lost", async () => {
  const waits = { waitTitle: "moment", waitText: "busy", lostTitle: "lost", lostText: "kept" };
  Object.assign(dialog.dataset, waits);
  dialog.querySelectorAll = () => [];
  const busy = { status: 503, headers: new Headers({ "retry-after": "7" }) };
  const answers = [busy, null, { status: 500, headers: new Headers() }, { status: 200 }];
  let asked = 0;
  let went = null;
  globalThis.fetch = async () => {
    const answer = answers[asked++];
    if (!answer) throw new TypeError("no network");
    return answer;
  };
  globalThis.location = { replace: (url) => (went = url) };
  const leaving = leaveFor("/kiosk");
  for (const [title, text, pauseMs] of [
    ["moment", "busy", 7000], ["lost", "kept", 3000], ["moment", "busy", 3000],
  ]) {
    await turn();
    const parts = ["#signal-title", "#signal-text"].map((id) => dialog.querySelector(id));
    const said = parts.map((part) => part.textContent);
    assert.deepEqual(said, [title, text]);
    const before = asked;
    mock.timers.tick(pauseMs - 1);
    await turn();
    assert.equal(asked, before, "it waits as long as it was asked to");
    mock.timers.tick(1);
  }
  await leaving;
  assert.equal(went, "/kiosk");
});
