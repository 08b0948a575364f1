// Owns the scenes in which a screen becomes a station of the venue, and staff switch at it.
// It must not know what is inspected.

import { gateway } from "./driver.mjs";
import { comeAs } from "./gestures.mjs";

const WRONG_KEY = [/^401 /, /status of 401/];

const keeper = { who: "keeper" };
const station = { who: "station" };

// The code that staff on site were shown for a till.
let tillCode = "";

const goTo = (path) => (page) => page.goto(path);

export const stationScenes = [
  {
    ...keeper, name: "devices-code",
    show: async (page) => {
      await comeAs(page, ["technician"], gateway);
      await page.goto("/devices");
      await page.selectOption("#offer-kind", "till");
      await page.fill("#offer-name", "Caisse 2");
      await page.click('.form:has(#offer-name) button[type=submit]');
      tillCode = await page.locator("#code-shown").innerText();
    },
  },
  { ...station, name: "enrol", show: goTo("/enrol") },
  {
    ...station, who: "screen", name: "enrol-waits",
    show: async (page) => {
      await page.goto("/enrol");
      await page.click('button[value="screen"]');
      await page.locator("#code-shown").waitFor();
    },
  },
  {
    ...station, name: "switch",
    show: async (page) => {
      await page.fill("#code", tillCode);
      await page.click('.form:has(#code) button[type=submit]');
      await page.locator("#pin-pad:not([hidden])").waitFor();
    },
  },
  {
    ...station, name: "switch-wrong-pin", expected: WRONG_KEY,
    show: async (page) => {
      await page.locator(".switch__name").first().click();
      for (const digit of "918273") await page.click(`[data-digit="${digit}"]`);
      await page.click(".pin-pad button[type=submit]");
      await page.locator("#switch-error").waitFor();
    },
  },
];
