// Owns what a phone can still read while no server answers: styles, scripts, the menu as it was
// last shown, and a page that says so. `VERSION` and `SHELL` stand before this text where it is
// served. It must not keep what is personal, nor any answer to a request that changes something.

const CACHE = `relais-${VERSION}`;
const MENU = "/menu";
const OFFLINE = "/offline";
const PATIENCE_MS = 4000;
const STRANGER = { credentials: "omit" };

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || isKiosk(url)) return;
  if (/^\/(static|pictures)\//.test(url.pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

async function install() {
  const cache = await caches.open(CACHE);
  // Pages are asked for as by a stranger: nobody's name or session is kept with them. What is
  // missing is no reason to be without the rest.
  const pages = [MENU, OFFLINE].map((path) => keep(cache, path, STRANGER));
  await Promise.all([...SHELL.map((path) => keep(cache, path)), ...pages]);
  await self.skipWaiting();
}

async function keep(cache, path, options = {}, address = path) {
  const answer = await fetch(address, { cache: "no-cache", ...options }).catch(() => null);
  if (answer?.ok && !answer.redirected) await cache.put(path, answer);
}

// The menu of somebody who is signed in is theirs alone: what a stranger would be shown is kept
// instead, in the same language.
async function keepMenu(answer) {
  const cache = await caches.open(CACHE);
  const text = await answer.clone().text();
  if (/<body [^>]*data-stranger/.test(text)) return cache.put(MENU, answer);
  const language = /<html lang="([a-z]+)"/.exec(text)?.[1] ?? "";
  return keep(cache, MENU, STRANGER, `${MENU}?lang=${language}`);
}

// Another version of the site has another cache.
async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("relais-") && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

// A shared screen forgets its customers, and this remembers.
function isKiosk(url) {
  return /^\/kiosk(\/|$)/.test(url.pathname) || url.searchParams.has("kiosk");
}

async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  const asked = fetch(request).then((answer) => {
    if (answer.ok && answer.type === "basic") cache.put(request, answer.clone());
    return answer;
  });
  if (!kept) return asked;
  asked.catch(() => {});
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([asked.catch(() => kept), late]);
}

async function page(event, url) {
  const cache = await caches.open(CACHE);
  const isMenu = url.pathname === MENU && !url.searchParams.has("draft");
  try {
    const answer = await fetch(event.request);
    if (isMenu && answer.ok && !answer.redirected) event.waitUntil(keepMenu(answer.clone()));
    return answer;
  } catch {
    const menu = isMenu ? await cache.match(MENU) : null;
    if (menu) return unreached(menu);
    return (await cache.match(OFFLINE)) ?? Response.error();
  }
}

// The page itself has to know that it is not of now.
async function unreached(kept) {
  const text = (await kept.text()).replace("<body ", "<body data-unreached ");
  return new Response(text, { status: 200, headers: kept.headers });
}
