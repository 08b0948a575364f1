// Owns the scenes of a venue that is closed, of its hours, and of large letters.
// It must not know what is inspected.

import { gateway } from "./driver.mjs";
import { comeAs } from "./gestures.mjs";

const keeper = { who: "keeper of hours" };
const kiosk = { who: "kiosk off hours", kiosk: true };

async function sayHours(page, opening) {
  const answered = await page.evaluate(async (wanted) => {
    const headers = { "content-type": "application/json", "relais-csrf": document.body.dataset.csrf };
    const parts = [];
    const body = JSON.stringify({ parts, opening: wanted });
    return (await fetch("/api/catalogue/hours", { method: "POST", headers, body })).status;
  }, opening);
  if (answered !== 200) throw new Error(`the hours are not kept: ${answered}`);
}

// Open on one day of the week, and neither today nor tomorrow.
const later = () => [{ days: [((new Date().getDay() + 2) % 7) + 1], from_minute: 690, until_minute: 870 }];

let office = null;

export const openingScenes = [
  {
    ...keeper, name: "hours",
    show: async (page) => {
      office = page;
      await comeAs(page, ["owner"], gateway);
      await page.goto("/hours");
      await sayHours(page, later());
      await page.goto("/hours");
    },
  },
  { ...kiosk, name: "kiosk-asleep", show: (page) => page.goto("/kiosk") },
  { ...kiosk, name: "kiosk-closed", show: (page) => page.goto("/kiosk?awake=1") },
  { ...kiosk, name: "kiosk-menu-closed", show: (page) => page.goto("/kiosk/menu") },
  {
    ...kiosk, who: "customer off hours", kiosk: false, name: "welcome-closed",
    show: (page) => page.goto("/"), after: () => sayHours(office, []),
  },
  { ...kiosk, name: "kiosk-comfort", show: (page) => page.goto("/kiosk?comfort=1") },
  {
    ...kiosk, name: "kiosk-menu-comfort", show: (page) => page.goto("/kiosk/menu"),
    after: (page) => page.goto("/kiosk?comfort=0"),
  },
];
