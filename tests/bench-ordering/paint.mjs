// Owns one figure: how long a cold browser takes until the menu is painted. It must not know who
// serves it.

import { chromium } from "playwright-core";

const [url, executablePath] = process.argv.slice(2);
const PAINTS = 5;
const ARGUMENTS = [
  "--disable-gpu", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP chakri.be 127.0.0.1",
];

const times = [];
for (let round = 0; round < PAINTS; round += 1) {
  // A browser of its own each time: nothing is cached, and no connection is open.
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  const page = await browser.newPage({ viewport: { width: 800, height: 480 } });
  await page.goto(url, { waitUntil: "load" });
  await page.locator(".card").first().waitFor();
  times.push(await page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => {
      resolve(list.getEntriesByName("first-contentful-paint")[0].startTime);
    }).observe({ type: "paint", buffered: true });
  })));
  await browser.close();
}
times.sort((a, b) => a - b);
console.log(`paint ${times[Math.floor(PAINTS / 2)]}`);
