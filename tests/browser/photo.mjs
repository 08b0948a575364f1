// Somebody cuts their photo out with nothing but a keyboard, somebody else has no script, and
// colleagues see both; a file that is no photo changes nothing.

import assert from "node:assert/strict";
import { edge, journey, people, PHONE, say, WALL } from "./driver.mjs";
import { choosePhoto, comeAs, halves } from "./gestures.mjs";

const one = (role) => people.find((person) => person.roles.includes(role));

async function password(page, { email, password: word }) {
  await page.goto("/login");
  await page.fill("#email", email);
  await page.fill("#password", word);
  await page.click('.form:has(#password) button[type="submit"]');
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await page.goto("/account");
}

// The colours near the edges of a picture, as left, right, top and bottom.
function edges(page, selector) {
  return page.locator(selector).evaluate(async (image) => {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const [end, middle] = [canvas.width - 20, canvas.width / 2];
    const at = [[20, middle], [end, middle], [middle, 20], [middle, end]];
    const name = ([red, green, blue]) => {
      if (red > 150 && blue < 100) return "red";
      if (blue > 150 && red < 100) return "blue";
      return red > 230 && green > 230 && blue > 230 ? "white" : "other";
    };
    const colours = at.map(([x, y]) => name(context.getImageData(x, y, 1, 1).data));
    return { size: [canvas.width, canvas.height], colours };
  });
}

async function cutsItOutByKeyboard(page) {
  const photo = await halves(page);
  await password(page, one("counter"));
  assert.equal(await page.locator('[data-photo="crop"]').isHidden(), true);
  await choosePhoto(page, photo);
  await page.focus("#photo");
  await page.keyboard.press("Tab");
  const focused = await page.evaluate(() => document.activeElement.dataset.photo);
  assert.equal(focused, "stage", "the stage is next");
  // A quarter turn to the right: what was on the left is on top.
  await page.keyboard.press("r");
  for (const key of ["+", "+", "-", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  for (const next of ["closer", "farther", "turn"]) {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.photo), next);
  }
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/account\?done=1$/);
  const { size, colours } = await edges(page, 'img[src="/account/photo"]');
  assert.deepEqual(size, [512, 512]);
  assert.deepEqual(colours.slice(2), ["red", "blue"], "what was seen is kept");
}

async function dragsItAway(page) {
  await page.goto("/account");
  await choosePhoto(page, await halves(page));
  await page.locator('[data-photo="stage"]').scrollIntoViewIfNeeded();
  const stage = await page.locator('[data-photo="stage"]').boundingBox();
  const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + stage.width * 0.2, y, { steps: 5 });
  await page.mouse.up();
  await page.click('[data-photo="form"] button[type="submit"]');
  await page.waitForURL(/\/account\?done=1$/);
  await page.goto("/account");
  const { colours } = await edges(page, 'img[src="/account/photo"]');
  assert.deepEqual(colours.slice(0, 2), ["red", "blue"]);
  assert.equal(colours[2], "red", "the middle has moved to the right");
}

async function sendsWhatIsNoPhoto(page) {
  const buffer = Buffer.from("<!doctype html><script>alert(1)</script>");
  await page.setInputFiles("#photo", { name: "me.png", mimeType: "image/png", buffer });
  await page.locator('[data-photo="form"][data-cropping="failed"]').waitFor();
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.click('[data-photo="form"] button[type="submit"]');
  assert.equal((await answered).status(), 422);
  assert.match(await page.locator(".banner--warning").innerText(), /JPEG ou PNG/);
  assert.equal(await page.locator('img[src="/account/photo"]').count(), 1, "the former one stays");
}

async function hasNoScript(page, photo) {
  await password(page, one("kitchen"));
  await page.setInputFiles("#photo", photo);
  await page.click('[data-photo="form"] button[type="submit"]');
  await page.waitForURL(/\/account\?done=1$/);
  await page.locator('img[src="/account/photo"]').waitFor();
}

await journey(async (open) => {
  const phone = await open("phone", { at: edge.url, size: PHONE });
  await cutsItOutByKeyboard(phone);
  say("what was cut out by keyboard is kept");
  await dragsItAway(phone);
  await sendsWhatIsNoPhoto(phone);
  say("what is no photo is refused in words");
  const plain = await open("plain", { at: edge.url, size: PHONE, javaScriptEnabled: false });
  await hasNoScript(plain, await halves(phone));
  say("no script is needed");
  const office = await open("office", { at: edge.url, size: WALL });
  await comeAs(office, ["owner"], edge);
  await office.goto("/people");
  const photos = office.locator(".people-card__photo");
  assert.equal(await photos.count(), 2);
  const { colours } = await edges(office, ".people-card__photo >> nth=0");
  assert.deepEqual(colours.slice(0, 2), ["red", "blue"]);
  await phone.goto("/account");
  await phone.click('form:has(input[value="photo_remove"]) button');
  await phone.waitForURL(/\/account\?done=1$/);
  assert.equal(await phone.locator('img[src="/account/photo"]').count(), 0);
  await office.goto("/people");
  assert.equal(await photos.count(), 1, "what was taken away is gone for colleagues too");
});
