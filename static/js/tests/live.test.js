// Tests of listening: what a nudge is, how a lost socket comes back, and that silence is noticed.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { listen, newTopics, retryDelay } from "../live.js";

class FakeSocket extends EventTarget {
  static made = [];
  sent = [];
  closed = false;
  constructor(url) {
    super();
    this.url = String(url);
    FakeSocket.made.push(this);
  }
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  opens() {
    this.dispatchEvent(new Event("open"));
  }
  says(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
  ends() {
    this.dispatchEvent(new Event("close"));
  }
}

const nudge = (topics) => JSON.stringify({ topics });
let page = null;

beforeEach(() => {
  FakeSocket.made = [];
  page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.location = { href: "https://chakri.be/kitchen?lang=fr" };
  globalThis.document = { body: { dataset: { live: "/live" } } };
  globalThis.WebSocket = FakeSocket;
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});
afterEach(() => mock.timers.reset());

test("a nudge counts when it tells more of a wanted topic than is known", () => {
  const seen = new Map();
  const check = (text, expected) => assert.deepEqual(newTopics(text, ["orders"], seen), expected);
  check(nudge({ orders: 7, catalogue: 9 }), ["orders"]);
  check(nudge({ orders: 7 }), []);
  check(nudge({ orders: 6 }), []);
  check(nudge({ catalogue: 10 }), []);
  check(nudge({ orders: 8 }), ["orders"]);
  for (const odd of ["pong", "", "null", "{}", '{"topics":null}', '{"topics":5}']) check(odd, []);
});

test("attempts grow apart up to a minute, and never march in step", () => {
  const plain = [0, 1, 2, 20].map((failures) => retryDelay(failures, () => 1));
  assert.deepEqual(plain, [400, 800, 1600, 60_000]);
  assert.equal(retryDelay(0, () => 0), 200);
});

test("a page listens at its own host, and every nudge is a reason to ask", () => {
  let heard = 0;
  const live = listen(["orders"], () => (heard += 1));
  const [socket] = FakeSocket.made;
  assert.equal(socket.url, "wss://chakri.be/live");
  assert.equal(live.stands(), false);
  socket.opens();
  assert.deepEqual([live.stands(), heard], [true, 1]);
  socket.says(nudge({ orders: 1 }));
  socket.says(nudge({ orders: 1 }));
  socket.says(nudge({ catalogue: 2 }));
  assert.equal(heard, 2);
});

test("after a lost socket the page asks at once and comes back", () => {
  let heard = 0;
  const live = listen(["orders"], () => (heard += 1));
  FakeSocket.made[0].opens();
  FakeSocket.made[0].ends();
  assert.deepEqual([live.stands(), heard, FakeSocket.made.length], [false, 2, 1]);
  mock.timers.tick(400);
  assert.equal(FakeSocket.made.length, 2);
  // An attempt that fails tells nobody, and the next one comes later.
  FakeSocket.made[1].ends();
  assert.equal(heard, 2);
  mock.timers.tick(800);
  FakeSocket.made[2].opens();
  assert.deepEqual([live.stands(), heard], [true, 3]);
});

test("a line that swallows everything is noticed by its silence", () => {
  let heard = 0;
  const live = listen(["orders"], () => (heard += 1));
  const [socket] = FakeSocket.made;
  socket.opens();
  mock.timers.tick(20_000);
  socket.says("pong");
  mock.timers.tick(20_000);
  assert.deepEqual([socket.sent, socket.closed], [["ping", "ping"], false]);
  mock.timers.tick(20_000);
  assert.deepEqual([socket.closed, live.stands(), heard], [true, false, 2]);
  mock.timers.tick(400);
  assert.equal(FakeSocket.made.length, 2);
  // The old socket's end comes late, and is not the new one's.
  FakeSocket.made[1].opens();
  socket.ends();
  assert.equal(live.stands(), true);
});

test("where the host offers no socket, none is asked for", () => {
  delete globalThis.document.body.dataset.live;
  const live = listen(["orders"], () => assert.fail("there is nothing to hear"));
  dispatch("online");
  dispatch("pageshow", { persisted: true });
  assert.deepEqual([FakeSocket.made.length, live.stands()], [0, false]);
});

test("a page that is left gives its place away, and takes one again when it is back", () => {
  const live = listen(["orders"], () => {});
  FakeSocket.made[0].opens();
  dispatch("pagehide");
  assert.deepEqual([FakeSocket.made[0].closed, live.stands()], [true, false]);
  FakeSocket.made[0].ends();
  dispatch("online");
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.made.length, 1);
  dispatch("pageshow", { persisted: true });
  assert.equal(FakeSocket.made.length, 2);
});

function dispatch(kind, values = {}) {
  page.dispatchEvent(Object.assign(new Event(kind), values));
}
