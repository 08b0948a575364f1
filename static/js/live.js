// Owns the socket on which the server says that something changed. It carries no data: whoever is
// told asks for what it shows. It must not know what that is.

const PING_MS = 20_000;
const RETRY_MIN_MS = 400;
const RETRY_MAX_MS = 60_000;

// The next pause before another attempt: longer after each that failed; jitter keeps the screens
// of a house that lost its server from coming back in step.
export function retryDelay(failures, random = Math.random) {
  const plain = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures, 10));
  return Math.round(plain * (0.5 + 0.5 * random()));
}

// The topics among `wanted` of which a nudge tells more than `seen` knows; `seen` learns them.
export function newTopics(text, wanted, seen) {
  let topics;
  try {
    topics = JSON.parse(text).topics ?? {};
  } catch {
    return [];
  }
  const fresh = wanted.filter((topic) => topics[topic] > (seen.get(topic) ?? 0));
  for (const topic of fresh) seen.set(topic, topics[topic]);
  return fresh;
}

// One socket and its pulse. `gone` is called once: when it is closed, or has fallen silent, for a
// line that swallows everything never says that it is closed.
function connect(url, { opened, said, gone }) {
  const socket = new WebSocket(url);
  let answered = true;
  let pinging = null;
  let over = false;

  function close() {
    over = true;
    clearInterval(pinging);
    socket.close();
  }
  function end() {
    if (over) return;
    close();
    gone();
  }
  function ping() {
    if (!answered) {
      end();
      return;
    }
    answered = false;
    socket.send("ping");
  }
  socket.addEventListener("open", () => {
    pinging = setInterval(ping, PING_MS);
    opened();
  });
  socket.addEventListener("message", ({ data }) => {
    answered = true;
    said(data);
  });
  socket.addEventListener("close", end);
  return { close };
}

// Listens for ever where the page says that there is a socket. `heard` is called for every change,
// and when a socket comes or goes: what happened meanwhile is asked for at once.
export function listen(topics, heard) {
  const path = document.body.dataset.live;
  const seen = new Map();
  let socket = null;
  let stands = false;
  let failures = 0;
  let retrying = null;
  let over = !path;

  function open() {
    clearTimeout(retrying);
    if (over || socket) return;
    socket = connect(new URL(path, location.href.replace(/^http/, "ws")), { opened, said, gone });
  }
  function opened() {
    stands = true;
    failures = 0;
    heard();
  }
  function said(text) {
    if (newTopics(text, topics, seen).length > 0) heard();
  }
  function gone() {
    const stood = stands;
    socket = null;
    stands = false;
    retrying = setTimeout(open, retryDelay(failures));
    failures += 1;
    if (stood) heard();
  }
  function close() {
    over = true;
    clearTimeout(retrying);
    socket?.close();
    socket = null;
    stands = false;
  }

  addEventListener("online", open);
  // A page that is kept for the way back gives its place to somebody who looks.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (!event.persisted || !path) return;
    over = false;
    open();
  });
  open();
  return { stands: () => stands, close };
}
