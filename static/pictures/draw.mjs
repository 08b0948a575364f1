// Owns the dishes' pictures: each is a stack of drawn layers, written to one SVG file per dish.
// Run `node static/pictures/draw.mjs` after a change; the SVG files are committed beside it.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beerGlass, bottle, bowl, fries, glass, plate, signal, tacos } from "./dishes.mjs";

const FLOOR = 258;
const MIDDLE = 200;

const gradient = (id, stops) =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stops
    .map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`)
    .join("")}</linearGradient>`;

// Numbers that look random and are the same in every run.
function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function slab(y, width, height, fill, round = height / 2) {
  const x = MIDDLE - width / 2;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" fill="${fill}"/>`;
}

function specks(y, width, height, colours, count, seed) {
  const roll = dice(seed);
  let dots = "";
  for (let index = 0; index < count; index += 1) {
    const x = MIDDLE - width / 2 + 8 + roll() * (width - 16);
    const top = y + 4 + roll() * (height - 8);
    const size = 1.2 + roll() * 2.6;
    dots += `<ellipse cx="${x.toFixed(1)}" cy="${top.toFixed(1)}" rx="${(size * 1.5).toFixed(1)}" ry="${size.toFixed(1)}" fill="${colours[index % colours.length]}"/>`;
  }
  return dots;
}

// A frilly band: the lower edge waves between two depths.
function frill(y, width, depth, waves, fill, extra = "") {
  const left = MIDDLE - width / 2;
  const stepX = width / waves;
  let path = `M${left},${y + 4} Q${MIDDLE},${y - 7} ${left + width},${y + 4} `;
  for (let index = 0; index < waves; index += 1) {
    const x = left + width - stepX * index;
    const down = index % 2 === 0 ? depth : depth * 0.55;
    path += `Q${(x - stepX * 0.25).toFixed(1)},${y + down + 6} ${(x - stepX).toFixed(1)},${y + depth * 0.45} `;
  }
  return `<path d="${path}Z" fill="${fill}" ${extra}/>`;
}

const layers = {
  heel: (y) => [30, slab(y - 30, 216, 34, "url(#heel)", 15) + slab(y - 30, 216, 9, "#f8d39a", 4)],
  patty: (y, colours = ["url(#meat)", ["#2c150b", "#87502f", "#532b17"], "#925b38"]) => [
    29,
    slab(y - 29, 232, 32, colours[0], 15) +
      specks(y - 28, 226, 28, colours[1], 46, 7) +
      `<path d="M98,${y - 24} Q200,${y - 31} 302,${y - 24}" stroke="${colours[2]}" stroke-width="3" fill="none" stroke-linecap="round" opacity=".8"/>`,
  ],
  crispy: (y) => {
    const roll = dice(21);
    let bumps = "";
    for (let x = 88; x <= 312; x += 14) {
      const size = 10 + roll() * 7;
      bumps += `<circle cx="${x}" cy="${(y - 16 + (roll() - 0.5) * 12).toFixed(1)}" r="${size.toFixed(1)}" fill="url(#crisp)"/>`;
    }
    return [28, slab(y - 29, 228, 28, "url(#crisp)", 14) + bumps + specks(y - 28, 226, 26, ["#ffd98a", "#a85f14", "#f3b04c"], 44, 5)];
  },
  green: (y) => layers.patty(y, ["url(#veg)", ["#c9d86b", "#42521a", "#e6a23b", "#8fae3c"], "#aebf57"]),
  cheese: (y, id = "cheddar", drips = [[118, 22], [176, 32], [236, 18], [286, 28]]) => {
    let path = `M78,${y - 9} Q200,${y - 13} 322,${y - 9} L318,${y - 2} `;
    for (const [x, down] of [...drips].reverse()) {
      path += `L${x + 22},${y} Q${x + 4},${y + down} ${x},${y + down} Q${x - 6},${y + down} ${x - 20},${y} `;
    }
    return [7, `<path d="${path}L80,${y - 2} Z" fill="url(#${id})"/>`];
  },
  lettuce: (y) => [11, frill(y - 12, 254, 19, 12, "#3f8f2e") + frill(y - 14, 250, 14, 15, "#7cc443")],
  tomato: (y) => [
    11,
    `<rect x="90" y="${y - 13}" width="106" height="15" rx="7" fill="url(#tomato)"/><rect x="202" y="${y - 13}" width="108" height="15" rx="7" fill="url(#tomato)"/><path d="M100,${y - 10} h80 M214,${y - 10} h78" stroke="#ff9a85" stroke-width="2.5" stroke-linecap="round"/>`,
  ],
  onion: (y) => [
    8,
    [100, 150, 205, 258].map((x) => `<rect x="${x - 8}" y="${y - 9}" width="58" height="9" rx="4.5" fill="#f6e3f3" stroke="#b06bb0" stroke-width="2"/>`).join(""),
  ],
  pickle: (y) => [
    8,
    [96, 150, 204, 258].map((x) => `<rect x="${x}" y="${y - 10}" width="46" height="11" rx="5" fill="#6f9a2c"/><path d="M${x + 7},${y - 7} h30" stroke="#b9d86a" stroke-width="2.5" stroke-linecap="round"/>`).join(""),
  ],
  bacon: (y) => {
    const wave = (shift) =>
      `M74,${y - 7 + shift} ` + [0, 1, 2, 3, 4, 5].map((n) => `q10.5,${n % 2 ? 15 : -15} 21,0 t21,0`).join(" ");
    return [
      13,
      `<path d="${wave(0)}" stroke="#8f2a1c" stroke-width="17" fill="none" stroke-linecap="round"/><path d="${wave(-2)}" stroke="#cf4a34" stroke-width="8" fill="none" stroke-linecap="round"/><path d="${wave(2)}" stroke="#ffd9bd" stroke-width="3.5" fill="none" stroke-linecap="round"/>`,
    ];
  },
  jalapeno: (y) => [
    9,
    [96, 138, 184, 226, 268].map((x, n) => `<g transform="rotate(${n % 2 ? 7 : -6} ${x + 17} ${y - 6})"><rect x="${x}" y="${y - 12}" width="36" height="13" rx="6.5" fill="#3d8b27"/><rect x="${x + 5}" y="${y - 9}" width="26" height="7" rx="3.5" fill="#a7dc6a"/><circle cx="${x + 13}" cy="${y - 5.5}" r="1.8" fill="#fff3c4"/><circle cx="${x + 23}" cy="${y - 5.5}" r="1.8" fill="#fff3c4"/></g>`).join(""),
  ],
  mushroom: (y) => [
    15,
    [92, 140, 188, 236, 276].map((x, n) => `<g transform="rotate(${[-8, 5, -3, 8, -5][n]} ${x + 18} ${y - 8})"><path d="M${x},${y - 6} q2,-15 19,-15 t19,15 q-8,4 -13,2 l1,8 h-14 l1,-8 q-6,2 -13,-2z" fill="#e7cfae"/><path d="M${x + 3},${y - 7} q3,-11 16,-11 t16,11" stroke="#8d6a47" stroke-width="2.5" fill="none"/></g>`).join(""),
  ],
  sauce: (y, fill) => [
    5,
    `<path d="M92,${y - 7} Q200,${y - 11} 308,${y - 7} q4,10 -8,9 q-8,16 -17,1 h-48 q-7,22 -17,0 h-62 q-9,15 -19,0 h-36 q-14,2 -9,-10z" fill="${fill}"/>`,
  ],
  crown: (y, id = "crown", seeds = "#fff1cf") => {
    const places = [[150, 52, -24], [182, 66, -8], [218, 67, 8], [252, 54, 22], [132, 30, -34], [168, 38, -14], [202, 46, 2], [236, 38, 16], [270, 31, 32], [200, 24, 0], [150, 18, -10], [248, 18, 10]];
    const grains = seeds === ""
      ? ""
      : places.map(([x, up, turn]) => `<ellipse cx="${x}" cy="${y - up}" rx="6.2" ry="3.6" fill="${seeds}" stroke="#8a4a10" stroke-opacity=".35" transform="rotate(${turn} ${x} ${y - up})"/>`).join("");
    return [
      82,
      `<path d="M86,${y - 8} C86,${y - 62} 136,${y - 88} 200,${y - 88} C264,${y - 88} 314,${y - 62} 314,${y - 8} Q314,${y + 4} 300,${y + 4} H100 Q86,${y + 4} 86,${y - 8}Z" fill="url(#${id})"/><path d="M112,${y - 32} C122,${y - 62} 158,${y - 76} 196,${y - 77}" stroke="#fff" stroke-opacity=".42" stroke-width="9" stroke-linecap="round" fill="none"/><path d="M92,${y - 3} Q200,${y + 5} 308,${y - 3}" stroke="#7a3d0d" stroke-opacity=".35" stroke-width="5" fill="none" stroke-linecap="round"/>${grains}`,
    ];
  },
};

const paints = [
  gradient("heel", [[0, "#eeb565"], [1, "#b8712b"]]),
  gradient("meat", [[0, "#7c4527"], [0.5, "#5b2f1a"], [1, "#361a0e"]]),
  gradient("crisp", [[0, "#f7b955"], [1, "#b9660f"]]),
  gradient("veg", [[0, "#8a9b3f"], [1, "#53611f"]]),
  gradient("cheddar", [[0, "#ffd24a"], [1, "#f79c07"]]),
  gradient("raclette", [[0, "#fff0b8"], [1, "#f5cf63"]]),
  gradient("tomato", [[0, "#f4553f"], [1, "#b81f17"]]),
  gradient("crown", [[0, "#f9c877"], [0.45, "#e29a3f"], [1, "#b3661c"]]),
  gradient("red", [[0, "#ee8c57"], [0.5, "#cf5a26"], [1, "#93330f"]]),
  gradient("dark", [[0, "#7f5737"], [0.5, "#54341d"], [1, "#2d1a0d"]]),
].join("");

const shadow = `<ellipse cx="200" cy="264" rx="140" ry="13" fill="#000" opacity=".38"/>`;

function burger(stack) {
  let y = FLOOR;
  let body = "";
  // Stacked first, then moved to the middle: a tall burger may fill the whole picture.
  for (const [name, ...options] of stack) {
    const [height, drawn] = layers[name](y, ...options);
    body += drawn;
    y -= height;
  }
  const room = y - 14;
  const scale = room < 0 ? (FLOOR - 14) / (FLOOR - y) : Math.min(1.12, (FLOOR - 30) / (FLOOR - y));
  const moved = `translate(${MIDDLE} ${FLOOR}) scale(${scale.toFixed(3)}) translate(${-MIDDLE} ${-FLOOR})`;
  return `<defs>${paints}</defs>${shadow}<g transform="${moved}">${body}</g>`;
}

const pictures = {
  "le-classique": burger([["heel"], ["lettuce"], ["patty"], ["cheese"], ["tomato"], ["onion"], ["sauce", "#f6e2b8"], ["crown"]]),
  "le-cheese-king": burger([["heel"], ["patty"], ["cheese"], ["patty"], ["cheese", "cheddar", [[104, 26], [152, 18], [206, 36], [258, 22], [296, 30]]], ["onion"], ["crown"]]),
  "le-bacon-lover": burger([["heel"], ["lettuce"], ["patty"], ["cheese"], ["bacon"], ["tomato"], ["sauce", "#b5541d"], ["crown"]]),
  "le-chicken-run": burger([["heel"], ["pickle"], ["crispy"], ["sauce", "#f8e7c0"], ["lettuce"], ["tomato"], ["crown", "crown", ""]]),
  "le-vegetarien": burger([["heel"], ["lettuce"], ["green"], ["cheese", "raclette"], ["tomato"], ["onion"], ["lettuce"], ["crown"]]),
  "le-spicy-jalapeno": burger([["heel"], ["lettuce"], ["patty"], ["cheese"], ["jalapeno"], ["sauce", "#d8371b"], ["crown", "red", "#ffe2b0"]]),
  "le-montagnard": burger([["heel"], ["patty"], ["cheese", "raclette", [[104, 34], [160, 24], [220, 42], [282, 30]]], ["bacon"], ["onion"], ["pickle"], ["crown"]]),
  "le-truffe": burger([["heel"], ["lettuce"], ["patty"], ["cheese", "raclette"], ["mushroom"], ["sauce", "#3a2a1c"], ["crown", "dark", "#e8d3ac"]]),
  "tacos-al-pastor": tacos(2, false),
  "tacos-supreme": tacos(3, true),
  bolognaise: bowl("pasta"),
  yakisoba: bowl("noodles"),
  frites: fries(),
  cola: glass(["#7b3a18", "#2a0f06"], { ice: true, lemon: true, straw: "#e23b2e" }),
  "cola-zero": glass(["#5a3120", "#190a06"], { ice: true, straw: "#e9e4dc" }),
  limonade: glass(["#fff3a6", "#f0c93a"], { ice: true, lemon: true, mint: true, straw: "#4caf50" }),
  "the-glace": glass(["#f4b860", "#b4641b"], { ice: true, mint: true, lemon: true, straw: "#f59e0b" }),
  "jus-d-orange": glass(["#ffc04a", "#f28a12"], { orange: true, straw: "#fff7ec" }),
  "eau-plate": bottle("#7cc4f2", "#2d7fc1", false),
  "eau-petillante": bottle("#8fe0c4", "#1d8f6d", true),
  biere: beerGlass(),
  plate: plate(),
  signal: signal(),
};

const here = dirname(fileURLToPath(import.meta.url));
for (const [name, body] of Object.entries(pictures)) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300">${body}</svg>\n`;
  writeFileSync(join(here, `${name}.svg`), svg);
}
