// Owns what a page must keep at every size: it fits, it is accessible, its targets can be hit, and
// it was loaded without a complaint. It must not know which page it looks at.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const TARGET_PX = 44;
const GRAVE = ["serious", "critical"];

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Waits until letters and pictures are there and nothing moves any more.
export async function settle(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const seen = [...document.images].filter((image) => image.getClientRects().length > 0);
    for (const image of seen) image.loading = "eager";
    await Promise.all(seen.map((image) => image.decode().catch(() => {})));
    const ending = document.getAnimations().filter((one) => {
      return Number.isFinite(one.effect?.getComputedTiming().endTime ?? Infinity);
    });
    await Promise.all(ending.map((one) => one.finished.catch(() => {})));
  });
}

// Answers with what makes the page wider than the screen, if anything does.
export async function tooWide(page) {
  return page.evaluate(widest);
}

// Answers with everything that is wrong, as sentences.
export async function inspect(page, { kiosk, expected = [] }) {
  const found = [
    ...(await tooWide(page)),
    ...(await page.evaluate(misfits, { targetPx: kiosk ? TARGET_PX : 0 })),
    ...(await graveFindings(page)),
  ];
  const known = ({ text }) => expected.some((pattern) => pattern.test(text));
  const troubles = page.troubles.filter((one) => !known(one));
  found.push(...troubles.map(({ kind, text }) => `${kind}: ${text}`));
  page.troubles.length = 0;
  return found;
}

async function graveFindings(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations;
  });
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact));
  return grave.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => {
      return `axe: ${impact} ${id}: ${target.join(" ")}: ${failureSummary.split("\n").at(-1).trim()}`;
    }),
  );
}

// Runs in the page.
function widest() {
  const whole = document.documentElement.scrollWidth;
  if (whole <= innerWidth) return [];
  const beyond = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > innerWidth + 0.5,
  );
  const names = beyond.slice(0, 8).map((one) => `${one.tagName}.${one.className}`);
  return [`the page is ${whole} wide, not ${innerWidth}, by ${names.join(", ")}`];
}

// Runs in the page.
function misfits({ targetPx }) {
  const found = [];
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    const box = dialog.getBoundingClientRect();
    const fits = box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 &&
      box.bottom <= innerHeight + 1;
    if (!fits) found.push(`the dialog #${dialog.id} does not fit: ${JSON.stringify(box)}`);
    if (dialog.scrollWidth > dialog.clientWidth) found.push(`#${dialog.id} scrolls sideways`);
  }
  const targets = (dialog ?? document).querySelectorAll("a[href], button, label.choice, .modes__item");
  for (const target of targetPx > 0 ? targets : []) {
    const { width, height } = target.getBoundingClientRect();
    // The link that only a keyboard shows is no touch target; nor is what is not there.
    const hidden = width === 0 || target.matches(".skip, :disabled") || !target.checkVisibility();
    if (hidden || (width >= targetPx - 0.5 && height >= targetPx - 0.5)) continue;
    // A card's button spreads over the whole card.
    const spread = getComputedStyle(target, "::after");
    if (spread.position === "absolute" && spread.content !== "none") continue;
    const what = target.textContent.trim() || target.getAttribute("aria-label");
    found.push(`the target "${what}" is ${Math.round(width)} by ${Math.round(height)}`);
  }
  return found;
}
