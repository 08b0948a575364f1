// Owns vendor/: it copies what the pages use from npm packages, and nothing else of them.
// Run as `npm ci && npm run build`; the pages also work, in plainer letters, without it.

import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "vendor");

const fonts = {
  "@fontsource-variable/figtree": ["figtree-latin-wght-normal", "figtree-latin-ext-wght-normal"],
  "@fontsource-variable/bricolage-grotesque": [
    "bricolage-grotesque-latin-wght-normal",
    "bricolage-grotesque-latin-ext-wght-normal",
  ],
  "@fontsource/orbitron": ["orbitron-latin-500-normal", "orbitron-latin-800-normal"],
  "@fontsource/rajdhani": [
    "rajdhani-latin-500-normal",
    "rajdhani-latin-700-normal",
    "rajdhani-latin-ext-500-normal",
    "rajdhani-latin-ext-700-normal",
  ],
};

// Modules that pages load when they are wanted.
const modules = { cropperjs: "cropper.esm.min.js" };

rmSync(vendor, { recursive: true, force: true });
mkdirSync(join(vendor, "fonts"), { recursive: true });
for (const [name, files] of Object.entries(fonts)) {
  const folder = join(here, "node_modules", name);
  for (const file of files) {
    cpSync(join(folder, "files", `${file}.woff2`), join(vendor, "fonts", `${file}.woff2`));
  }
  // The licence travels with the files.
  const licence = join(folder, "LICENSE");
  const target = `${name.split("/")[1]}-LICENSE.txt`;
  if (existsSync(licence)) cpSync(licence, join(vendor, "fonts", target));
}
for (const [name, file] of Object.entries(modules)) {
  const folder = join(here, "node_modules", name);
  cpSync(join(folder, "dist", file), join(vendor, name, file.replace(".esm.min", "")));
  cpSync(join(folder, "LICENSE"), join(vendor, name, "LICENSE.txt"));
}

// What reads codes where the browser cannot: the counter's camera.
const read = join(here, "node_modules", "qr");
mkdirSync(join(vendor, "qr-read"), { recursive: true });
for (const file of ["decode.js", "index.js"]) cpSync(join(read, file), join(vendor, "qr-read", file));
cpSync(join(read, "LICENSE-MIT"), join(vendor, "qr-read", "LICENSE.txt"));

// What draws the way of a delivery.
const leaflet = join(here, "node_modules", "leaflet");
mkdirSync(join(vendor, "leaflet"), { recursive: true });
for (const file of ["leaflet.js", "leaflet.css"]) {
  cpSync(join(leaflet, "dist", file), join(vendor, "leaflet", file));
}
cpSync(join(leaflet, "LICENSE"), join(vendor, "leaflet", "LICENSE.txt"));

// What draws the code of a member's card.
const qr = join(here, "node_modules", "lean-qr");
mkdirSync(join(vendor, "qr"), { recursive: true });
cpSync(join(qr, "index.mjs"), join(vendor, "qr", "lean-qr.js"));
cpSync(join(qr, "LICENSE"), join(vendor, "qr", "LICENSE.txt"));
