// Owns the cropping of somebody's own photo: the form then sends the square that they see. Where
// this does not run, or the picture cannot be shown, the form sends the file as it is.

const CROPPER = "/static/vendor/cropperjs/cropper.js";
const PIXELS = 512;
const STEP_PX = 8;
const CLOSER = 0.1;
const QUALITY = 0.9;

const piece = (name) => document.querySelector(`[data-photo="${name}"]`);
const form = piece("form");

/** Reads a file as an address that the policy of our pages allows. */
function address(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

/** Shows the picture in the stage, filling it, if it is still wanted by then; fails where the
    browser cannot read it. */
async function show(file, isWanted) {
  await import(CROPPER);
  const canvas = document.createElement("cropper-canvas");
  const image = document.createElement("cropper-image");
  const handle = document.createElement("cropper-handle");
  for (const able of ["rotatable", "scalable", "translatable"]) image.setAttribute(able, "");
  image.setAttribute("initial-center-size", "cover");
  image.setAttribute("alt", piece("stage").getAttribute("aria-label"));
  handle.setAttribute("action", "move");
  handle.setAttribute("plain", "");
  image.src = await address(file);
  canvas.append(image, handle);
  if (!isWanted()) return null;
  piece("crop").hidden = false;
  piece("stage").replaceChildren(canvas);
  await image.$ready();
  return { canvas, image };
}

function hide() {
  piece("stage").replaceChildren();
  piece("crop").hidden = true;
}

/** Makes a file of what the stage shows; where the picture does not reach, it is white. */
async function cutOut({ canvas }) {
  const beforeDraw = (context, { width, height }) => {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  };
  const square = await canvas.$toCanvas({ width: PIXELS, height: PIXELS, beforeDraw });
  const blob = await new Promise((resolve) => square.toBlob(resolve, "image/jpeg", QUALITY));
  return new File([blob], "photo.jpg", { type: "image/jpeg" });
}

const keys = {
  ArrowLeft: (image) => image.$move(-STEP_PX, 0),
  ArrowRight: (image) => image.$move(STEP_PX, 0),
  ArrowUp: (image) => image.$move(0, -STEP_PX),
  ArrowDown: (image) => image.$move(0, STEP_PX),
  "+": (image) => image.$zoom(CLOSER),
  "-": (image) => image.$zoom(-CLOSER),
  r: (image) => image.$rotate("90deg"),
};

function begin() {
  const input = form.querySelector('input[type="file"]');
  let shown = null;
  const say = (state) => {
    form.dataset.cropping = state;
  };
  input.addEventListener("change", async () => {
    const [file] = input.files;
    shown = null;
    hide();
    say("none");
    if (!file) return;
    try {
      const isWanted = () => input.files[0] === file;
      const made = await show(file, isWanted);
      if (!made || !isWanted()) return;
      shown = made;
      say("ready");
    } catch {
      // The server says, in words, what is wrong with it.
      hide();
      say("failed");
    }
  });
  const act = (key) => shown && keys[key]?.(shown.image);
  piece("stage").addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!shown || !(key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(key);
  });
  // A phone that is turned has another square: the picture fills it anew.
  let side = 0;
  const follow = new ResizeObserver(([{ contentRect }]) => {
    if (side > 0 && contentRect.width > 0 && contentRect.width !== side) {
      shown?.image.$center("cover");
    }
    side = contentRect.width;
  });
  follow.observe(piece("stage"));
  piece("closer").addEventListener("click", () => act("+"));
  piece("farther").addEventListener("click", () => act("-"));
  piece("turn").addEventListener("click", () => act("r"));
  form.addEventListener("submit", async (event) => {
    if (!shown) return;
    event.preventDefault();
    const now = shown;
    shown = null;
    const files = new DataTransfer();
    files.items.add(await cutOut(now));
    input.files = files.files;
    form.submit();
  });
  say("none");
}

if (form) begin();
