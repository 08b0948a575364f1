// Owns the menu page: it joins cards, composing dialog, basket and checkout.
// Each of them has its own module; this one only says who calls whom.

import { againOf, linesOf, putAgain } from "./again.js";
import * as basket from "./basket.js";
import { openStore, isOwnPath, rememberOrder } from "./basket-store.js";
import { BasketPanel } from "./basket-panel.js";
import { makeCheckout } from "./checkout.js";
import { ComposeDialog } from "./compose-dialog.js";
import { blank, hydrate } from "./compose-draft.js";
import { toast } from "./dom.js";
import { guardLinks, isKiosk, leaveFor, watchIdle } from "./kiosk.js";
import { listen } from "./live.js";
import { followCategories, keepDrawn, markSoldOut } from "./menu-cards.js";
import { makeSieve } from "./menu-sieve.js";
import { makeNotice } from "./notice.js";
import { makePricing, needsServer } from "./pricing.js";
import { signalLost } from "./signal.js";
import { atTable, showTable } from "./table.js";
import { readData, readTexts } from "./text.js";
import { keepPages } from "./unreached.js";
import { watchPause } from "./web-pause.js";
import { refusal, Wishes } from "./wishes.js";
import { Upsell } from "./upsell.js";

const MENU_REFRESH_MS = 60_000;

const texts = readTexts();
const { t, money } = texts;
const kiosk = isKiosk();
let menu = hydrate(readData("menu"));
const drawn = keepDrawn(menu.version, () => draw());
const checkout = makeCheckout({ kiosk });
const dialog = new ComposeDialog(texts);
const notice = makeNotice(document.getElementById("changes"));
const store = openStore({
  kiosk,
  changed: () => {
    draw();
    // What another tab changed may cost something else.
    reprice();
  },
});
const pricing = makePricing(checkout.price, () => draw());
const panel = new BasketPanel(texts, {
  change: (key) => changeLine(key),
  less: (key) => step(key, -1),
  more: (key) => step(key, 1),
  clear: () => {
    // A basket that was emptied is another basket: its id goes too.
    update(basket.newBasket());
    toast(t("basket.cleared"));
  },
  mode: (mode) => {
    update(basket.setMode(store.get(), mode));
    if (mode === "delivery") wishes.reveal();
  },
  order: () => order(),
});

const wishes = new Wishes(texts, {
  wish: (name, value) => update(basket.setWish(store.get(), name, value)),
  place: () => {
    // What was refused was another place.
    panel.say("");
    reprice();
  },
});
const upsell = new Upsell(texts, (id) => offer(id));
const sieve = makeSieve(texts);

// One tap adds what is offered, another says no; either way it is not asked again.
function offer(id) {
  const product = id && productById(id);
  const now = store.get();
  const next = product ? basket.add(now, product, blank(product), 1) : now;
  update({ ...next, offered: true });
  if (product) toast(t("compose.added", { name: product.name }), "success");
}

function productById(id) {
  return menu.products.find((product) => product.id === id);
}

function update(next) {
  panel.say("");
  store.set(next);
  reprice();
  draw();
}

// What the server has told counts for this basket alone: any change asks anew.
function draw() {
  const told = pricing.told();
  const price = told?.price && { ...told.price, fee: feeOf(told.price) };
  panel.show(basket.named(store.get(), menu), price);
  upsell.show(store.get(), menu);
  wishes.show(store.get());
  const isOfCode = wishes.tell(told);
  if (told?.message && !isOfCode) panel.say(refusal(told, texts));
}

function feeOf(price) {
  return store.get().mode === "delivery" ? price.fee_cents : null;
}

function reprice() {
  return pricing.of(store.get(), wishes.postalCode());
}

function lineByKey(key) {
  return basket.named(store.get(), menu).lines.find((line) => line.key === key);
}

function step(key, by) {
  const line = lineByKey(key);
  if (!line) return;
  update(basket.setQuantity(store.get(), key, line.quantity + by));
  if (line.quantity + by < 1) toast(t("basket.removed", { name: line.name }));
}

function openProduct(id) {
  const product = productById(id);
  if (!product) return;
  if (!product.available) {
    toast(t("menu.sold_out_toast", { name: product.name }));
    return;
  }
  if (!product.served) {
    toast(t("menu.not_now_toast", { name: product.name }));
    return;
  }
  dialog.open(product, null, (draft, quantity) => {
    const before = store.get();
    const after = basket.add(before, product, draft, quantity);
    if (after === before) {
      toast(t("basket.full"), "error");
      return;
    }
    update(after);
    panel.reveal(basket.keyOf(product, draft));
    toast(t("compose.added", { name: product.name }), "success");
  });
}

function changeLine(key) {
  const line = lineByKey(key);
  const product = line && productById(line.product);
  if (!product) return;
  dialog.open(product, line, (draft, quantity) => {
    // Another tab may have removed the line meanwhile: then this is a new one.
    const now = store.get();
    update(
      lineByKey(key)
        ? basket.replace(now, key, product, draft, quantity)
        : basket.add(now, product, draft, quantity),
    );
  });
}

let ordering = false;

// A second tap while the first is on its way must not settle the same order twice.
async function order() {
  if (ordering) return;
  wishes.keepTyped(store.get());
  const wanted = store.get();
  if (wanted.lines.length === 0) return;
  if (!wanted.mode) {
    panel.askMode();
    return;
  }
  const lacking = wishes.lacking(wanted);
  if (lacking) {
    panel.say(lacking);
    return;
  }
  ordering = true;
  try {
    await placeOrder(wanted);
  } finally {
    ordering = false;
  }
}

async function placeOrder(wanted) {
  panel.setBusy(true);
  const seen = await whatIsSeen(wanted);
  if (!seen) {
    panel.setBusy(false);
    return;
  }
  const order = atTable(basket.toOrder(wanted, seen));
  let outcome = await checkout.place(order);
  if (outcome.kind === "lost") {
    const answered = await signalLost(outcome, async () => {
      // The very same order with the very same id: at most one of all attempts counts.
      outcome = await checkout.place(order);
      return outcome.kind === "lost" ? outcome : null;
    }, texts);
    if (!answered) panel.open();
  }
  await settle(outcome);
}

// What is ordered besides the basket; nothing where the server has no price for it.
async function whatIsSeen(wanted) {
  // A time that passed meanwhile is chosen anew, and never taken for tomorrow's.
  if (wanted.time && !(await wishes.offers(wanted.time))) {
    update(basket.setWish(store.get(), "time", ""));
    wishes.dropTime();
    panel.say(t("extras.time_gone"));
    return null;
  }
  const seen = {
    delivery: wishes.contact(wanted),
    wanted_ms: wanted.time && Number(wanted.time),
  };
  if (!needsServer(wanted)) return seen;
  const told = await reprice();
  if (told?.kind === "priced") return { ...seen, total_cents: told.price.total_cents };
  if (wishes.leads(told)) return null;
  panel.say(told?.message ? refusal(told, texts) : t("basket.price_lost"));
  return null;
}

async function settle(outcome) {
  if (outcome.kind === "placed" || outcome.kind === "existing") {
    const { ticket, url } = outcome.order;
    store.finish();
    if (!kiosk) rememberOrder({ ticket, url });
    if (outcome.kind === "existing") {
      await notice.show({
        title: t("basket.already_title", { ticket }),
        text: t("basket.already_text"),
        ok: t("basket.already_ok"),
      });
    }
    // The button stays busy: the page is on its way out.
    if (isOwnPath(url)) await (kiosk ? leaveFor(url) : location.assign(url));
    return;
  }
  panel.setBusy(false);
  pricing.forget();
  if (outcome.kind === "changed") await refresh(true);
  if (outcome.kind === "refused" && !wishes.leads(outcome)) {
    const scarce = outcome.code === "only_left" && productById(outcome.subject?.[0]);
    panel.say(scarce ? `${scarce.name}: ${outcome.message}` : outcome.message);
    wishes.offerTimes(outcome.code);
  }
}

// Takes the menu of now; says what that changes in the basket.
async function refresh(asked) {
  const fresh = await checkout.menu();
  if (!fresh) {
    // What was refused must not look as if it had never been ordered.
    if (asked) panel.say(t("basket.price_lost"));
    return;
  }
  menu = hydrate(fresh);
  panel.setProducts(menu.products);
  // Another version may have other dishes: the cards are the server's.
  if (await drawn(fresh.version)) sieve.apply();
  markSoldOut(menu, texts);
  const { basket: next, changes } = basket.reconcile(store.get(), menu);
  if (changes.length > 0) update(next);
  else reprice();
  if (changes.length > 0 || asked) tellChanges(changes);
}

async function tellChanges(changes, title = t("basket.changes_title")) {
  const lines = changes.map(({ kind, name, before, after }) => {
    if (kind !== "price") return t(`basket.change_${kind}`, { name });
    return t("basket.change_price", { name, before: money(before), after: money(after) });
  });
  if (lines.length === 0) lines.push(t("basket.change_none"));
  await notice.show({
    title,
    text: t("basket.changes_text"),
    ok: t("basket.changes_ok"),
    lines,
  });
  panel.open();
}

// Fills the basket with what was ordered before, once: a reload must not do it again.
async function orderAgain(order) {
  const url = new URL(location.href);
  url.searchParams.delete("again");
  history.replaceState(null, "", url);
  const lines = await linesOf(order);
  if (!lines) {
    toast(t("basket.again_lost"), "error");
    return;
  }
  const { basket: next, changes } = putAgain(store.get(), lines, menu);
  update(next);
  if (changes.length > 0) {
    await tellChanges(changes, t("basket.again_changes"));
    return;
  }
  panel.open();
  toast(t("basket.again_done"), "success");
}

document.querySelector(".menu").addEventListener("click", (event) => {
  const card = event.target.closest("[data-product]");
  if (card) openProduct(card.dataset.product);
});
followCategories();
panel.setProducts(menu.products);
draw();
showTable(t);
if (kiosk) {
  guardLinks();
  watchIdle();
} else {
  watchPause();
}
keepPages();
// From here on a tap is heard.
document.documentElement.dataset.ready = "menu";
// What the stored basket holds may be a day old; what the page holds may be an hour old.
refresh(false).then(() => {
  const again = kiosk ? null : againOf(location.search);
  if (again) orderAgain(again);
});
// What is on its way is left alone: the answer tells what has changed.
const look = () => !document.hidden && !ordering && refresh(false);
listen(["catalogue"], look);
document.addEventListener("visibilitychange", look);
setInterval(look, MENU_REFRESH_MS);
