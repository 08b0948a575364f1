// An editor gives a product a picture on the site; it arrives on the kiosk with the menu that is
// published, and stays there while the line is cut.

import assert from "node:assert/strict";
import { edge, gateway, journey, KIOSK, pictures, say, site, SIZES, WALL } from "./driver.mjs";
import { choosePhoto, comeAs, halves, serverSays } from "./gestures.mjs";
import { inspect, settle } from "./inspection.mjs";

async function picture(page, name, { kiosk = false } = {}) {
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await settle(page);
    assert.deepEqual(await inspect(page, { kiosk }), [], `${name} at ${size}`);
    await page.screenshot({ path: `${pictures}/${size}/${name}.png`, animations: "disabled" });
  }
  await page.setViewportSize(before);
}

// Whatever the screen, nothing lies over a field that is gone to.
async function nothingCovers(page, field) {
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    const found = await page.locator(field).evaluate((one) => {
      one.scrollIntoView({ block: "end", behavior: "instant" });
      const { left, top, width, height } = one.getBoundingClientRect();
      const above = document.elementFromPoint(left + width / 2, top + height / 2);
      return above === one ? "" : `${above?.tagName}.${above?.className}`;
    });
    assert.equal(found, "", `what lies over ${field} at ${size}`);
  }
  await page.setViewportSize(before);
}

async function givesAPicture(editor) {
  await comeAs(editor, ["owner"], edge);
  await editor.goto("/catalogue/products/le-classique");
  await nothingCovers(editor, "#price");
  await choosePhoto(editor, await halves(editor));
  await editor.locator("#edit-picture").scrollIntoViewIfNeeded();
  await picture(editor, "catalogue-picture-crop");
  await editor.click('[data-photo="form"] button[type="submit"]');
  const shown = editor.locator('#edit-picture img[src^="/pictures/"]');
  await shown.waitFor();
  await shown.scrollIntoViewIfNeeded();
  await picture(editor, "catalogue-picture");
  const address = await shown.getAttribute("src");
  await editor.goto("/catalogue");
  await editor.click('form:has([value="publish"]) button');
  await editor.locator('[role="status"]').first().waitFor();
  return address;
}

async function isShown(kiosk, address) {
  const image = kiosk.locator(`[data-product="le-classique"] img[src="${address}"]`);
  await image.waitFor();
  const width = await image.evaluate(async (one) => {
    await one.decode();
    return one.naturalWidth;
  });
  assert.equal(width, 512);
}

await journey(async (open) => {
  const editor = await open("editor", { at: edge.url, size: WALL });
  const kiosk = await open("kiosk", { at: gateway.url, size: KIOSK });
  const address = await givesAPicture(editor);
  say("a product has another picture, and is on sale with it");
  await kiosk.goto("/kiosk");
  await serverSays(kiosk, "/api/menu", new RegExp(address));
  await site("link down");
  await kiosk.goto("/kiosk/menu");
  await isShown(kiosk, address);
  await picture(kiosk, "kiosk-menu-picture", { kiosk: true });
  await kiosk.goto("/kiosk");
  await kiosk.locator(`.attract img[src="${address}"]`).waitFor({ state: "attached" });
  say("it is on the kiosk, with the line cut");
});
