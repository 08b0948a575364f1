// Owns the pictures that are not burgers: tacos, bowls, fries, drinks, and two for empty moments.
// Every function returns the inside of a 400 × 300 SVG.

const shadow = (rx = 130, cy = 264) =>
  `<ellipse cx="200" cy="${cy}" rx="${rx}" ry="13" fill="#000" opacity=".38"/>`;

const blend = (id, from, to, turn = 'x2="0" y2="1"') =>
  `<linearGradient id="${id}" x1="0" y1="0" ${turn}><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;

function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function taco(x, turn, supreme, seed) {
  const roll = dice(seed);
  const fillings = ["#a8452a", "#7a2d17", "#d9683c", "#f2b632", "#6fb33a", "#e5432f", "#f7ead2", "#7cc443"];
  let bits = "";
  for (let angle = 188; angle <= 352; angle += 7) {
    const radians = (angle * Math.PI) / 180;
    const radius = 92 + roll() * 11;
    const bx = Math.cos(radians) * radius;
    const by = Math.sin(radians) * radius * 0.92;
    const size = 10 + roll() * 7;
    bits += `<ellipse cx="${bx.toFixed(1)}" cy="${by.toFixed(1)}" rx="${size.toFixed(1)}" ry="${(size * 0.72).toFixed(1)}" transform="rotate(${(angle + 90).toFixed(0)} ${bx.toFixed(1)} ${by.toFixed(1)})" fill="${fillings[Math.floor(roll() * fillings.length)]}"/>`;
  }
  const cream = supreme
    ? '<path d="M-62,-74 q14,-26 34,-22 q16,-22 38,-6 q26,-8 40,16 q-16,14 -34,6 q-14,12 -34,4 q-24,14 -44,2z" fill="#fffaf0"/><path d="M-44,-78 q12,-12 26,-8" stroke="#e8dcc4" stroke-width="4" fill="none" stroke-linecap="round"/>'
    : '<path d="M-20,-92 l14,-12 8,14z M30,-90 l16,-8 2,14z" fill="#f2c037"/>';
  let char = "";
  for (let index = 0; index < 12; index += 1) {
    const angle = Math.PI + roll() * Math.PI;
    const radius = 20 + roll() * 62;
    char += `<circle cx="${(Math.cos(angle) * radius).toFixed(1)}" cy="${(Math.sin(angle) * radius * 0.86 - 3).toFixed(1)}" r="${(2 + roll() * 4).toFixed(1)}" fill="#b8741f" opacity=".45"/>`;
  }
  return `<g transform="translate(${x} 250) rotate(${turn})"><path d="M-106,0 A106,98 0 0 1 106,0 Q106,8 98,8 H-98 Q-106,8 -106,0Z" fill="#c9862c"/>${bits}${cream}<path d="M-98,2 A92,82 0 0 1 94,2 Q96,10 86,10 H-88 Q-100,10 -98,2Z" fill="url(#shell)"/>${char}<path d="M-80,-14 A80,66 0 0 1 -18,-68" stroke="#fff" stroke-opacity=".4" stroke-width="7" stroke-linecap="round" fill="none"/></g>`;
}

export function tacos(many, supreme) {
  const places = many === 2
    ? [[156, -9, 3], [250, 8, 11]]
    : [[126, -12, 3], [274, 12, 17], [200, 0, 9]];
  const lime = '<g transform="translate(338 240)"><circle r="25" fill="#4f9a2c"/><circle r="20" fill="#d8f08c"/><path d="M0,-18V18M-18,0H18M-13,-13 13,13M13,-13-13,13" stroke="#f6ffd8" stroke-width="3"/></g>';
  return `<defs>${blend("shell", "#fbd276", "#dc962f")}</defs>${shadow(165)}${places.map(([x, turn, seed]) => taco(x, turn, supreme, seed)).join("")}${many === 2 ? lime : ""}`;
}

export function bowl(kind) {
  const noodles = kind === "noodles";
  const roll = dice(noodles ? 31 : 12);
  let strands = "";
  const tones = noodles ? ["#d99a3d", "#b87425", "#efbd62", "#c98530"] : ["#f6d887", "#e6bd5c", "#fbe5a6", "#dcae4a"];
  for (let index = 0; index < 40; index += 1) {
    const x = 92 + roll() * 118;
    const y = 128 + roll() * 52;
    strands += `<path d="M${x.toFixed(0)},${y.toFixed(0)} q${(20 + roll() * 30).toFixed(0)},${(-42 + roll() * 30).toFixed(0)} ${(52 + roll() * 26).toFixed(0)},${(-6 + roll() * 16).toFixed(0)} t${(18 + roll() * 20).toFixed(0)},${(10 + roll() * 14).toFixed(0)}" stroke="${tones[index % 4]}" stroke-width="7.5" fill="none" stroke-linecap="round"/>`;
  }
  const heap = `<path d="M84,172 Q92,106 200,100 Q308,106 316,172 Q260,196 200,196 Q140,196 84,172Z" fill="${tones[1]}"/>${strands}`;
  const sauce = '<path d="M128,138 q8,-34 58,-38 q56,-8 84,30 q14,26 -20,34 q-24,20 -58,10 q-34,10 -50,-8 q-22,-8 -14,-28z" fill="url(#sauce)"/>' +
    [[160, 130], [190, 118], [222, 124], [246, 142], [204, 148], [172, 152], [232, 158], [150, 146]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="8" fill="#8f2413"/><circle cx="${x - 2}" cy="${y - 3}" r="4" fill="#cf5136"/>`).join("") +
    '<g fill="#fff3cf"><path d="M176,112l12,4-2,4-12,-3zM214,106l11,-4 2,4-11,4zM236,128l10,5-3,3-9,-5zM188,140l12,-2 0,4-12,2z"/></g><g transform="translate(206 96)"><path d="M0,6 Q-34,6 -40,-18 Q-12,-24 0,6Z" fill="#3f9a3a"/><path d="M0,6 Q34,2 38,-22 Q8,-24 0,6Z" fill="#57b84b"/><path d="M0,6 Q-20,-4 -32,-14 M0,6 Q20,-6 30,-17" stroke="#257024" stroke-width="2" fill="none"/></g>';
  const garden = [["#e5432f", 128, 128, 20], ["#5db63f", 178, 112, -14], ["#f28a2e", 226, 118, 30], ["#5db63f", 262, 136, 10], ["#f28a2e", 156, 158, -30], ["#e5432f", 240, 164, -10], ["#7b3fa0", 204, 140, 40]]
    .map(([fill, x, y, turn]) => `<rect x="${x - 17}" y="${y - 5}" width="36" height="10" rx="5" fill="${fill}" transform="rotate(${turn} ${x} ${y})"/>`).join("") +
    [[146, 142], [214, 156], [248, 150], [192, 126]].map(([x, y]) => `<g transform="translate(${x} ${y})"><path d="M-15,3 q2,-15 17,-12 q14,4 10,14 q-15,6 -27,-2z" fill="#7a3d1d"/><path d="M-8,-3 q7,-5 15,0" stroke="#c98a55" stroke-width="3" fill="none" stroke-linecap="round"/></g>`).join("") +
    [[136, 112], [170, 136], [230, 138], [266, 122], [200, 108], [184, 164]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="#fff3cf"/>`).join("") +
    '<g stroke="#7a4a22" stroke-width="8" stroke-linecap="round"><path d="M236,112 L372,32"/><path d="M250,124 L384,58" stroke="#9a6232"/></g>';
  const dish = noodles ? ["#39404f", "#171b24", "#e23b2e"] : ["#fbf3e6", "#cdbfa9", "#f59e0b"];
  return `<defs>${blend("dish", dish[0], dish[1])}${blend("sauce", "#d9472b", "#96240f")}</defs>${shadow(120)}${heap}${noodles ? garden : sauce}<path d="M62,164 Q200,204 338,164 Q334,262 238,266 H162 Q66,262 62,164Z" fill="url(#dish)"/><path d="M62,164 Q200,204 338,164 q0,10 -2,15 Q200,220 64,179 q-2,-8 -2,-15z" fill="${dish[2]}"/><path d="M90,202 q8,34 42,48" stroke="#fff" stroke-opacity=".35" stroke-width="8" fill="none" stroke-linecap="round"/>`;
}

export function fries() {
  const roll = dice(8);
  let sticks = "";
  for (let row = 0; row < 3; row += 1) {
    for (let index = 0; index < 11 - row; index += 1) {
      const x = 122 + row * 7 + index * 15 + roll() * 5;
      const tall = 128 - row * 24 - Math.abs(index - 5) * 8 + roll() * 24;
      const turn = (index - 5) * 2.6 + (roll() - 0.5) * 5;
      sticks += `<g transform="rotate(${turn.toFixed(1)} ${x.toFixed(0)} 220)"><rect x="${(x - 7).toFixed(1)}" y="${(190 - tall).toFixed(1)}" width="15" height="96" rx="3" fill="${["#f0b02c", "#f7c548", "#ffd970"][row]}"/><rect x="${(x + 4).toFixed(1)}" y="${(192 - tall).toFixed(1)}" width="4" height="92" fill="#c9821a" opacity=".55"/><rect x="${(x - 7).toFixed(1)}" y="${(190 - tall).toFixed(1)}" width="15" height="6" rx="3" fill="#ffedb0"/></g>`;
    }
  }
  return `<defs>${blend("box", "#ef4a34", "#a91d10")}</defs>${shadow(96)}<path d="M104,146 Q200,118 296,146 L284,170 H116Z" fill="#8a160b"/>${sticks}<path d="M98,142 Q200,212 302,142 L282,258 Q280,266 270,266 H130 Q120,266 118,258Z" fill="url(#box)"/><path d="M98,142 Q200,212 302,142 l-2,13 Q200,226 100,155z" fill="#ff8a6d" opacity=".55"/><path d="M200,206 c-13,17 -21,23 -21,34 a21,20 0 0 0 42,0 c0,-9 -5,-12 -8,-19 c-3,5 -4,7 -7,9 c1,-10 -1,-17 -6,-24z" fill="#fbbf24"/>`;
}

export function glass([light, dark], { ice, lemon, orange, mint, straw } = {}) {
  const cubes = ice
    ? [[150, 96, -12], [196, 88, 10], [170, 132, 24], [216, 126, -18]].map(([x, y, turn]) => `<rect x="${x}" y="${y}" width="36" height="34" rx="7" fill="#fff" fill-opacity=".3" stroke="#fff" stroke-opacity=".55" stroke-width="2" transform="rotate(${turn} ${x + 18} ${y + 17})"/>`).join("")
    : "";
  const slice = (rim, flesh) => `<g transform="translate(264 74)"><circle r="33" fill="${rim}"/><circle r="27" fill="${flesh}"/><path d="M0,-25V25M-25,0H25M-18,-18 18,18M18,-18-18,18" stroke="#fffbe0" stroke-width="3"/></g>`;
  const leaves = mint
    ? '<g transform="translate(158 70)"><path d="M0,8 Q-36,2 -34,-26 Q-4,-20 0,8Z" fill="#3f9a3a"/><path d="M0,8 Q-6,-30 20,-38 Q26,-8 0,8Z" fill="#6cc455"/></g>'
    : "";
  const bubbles = [[168, 196], [182, 228], [222, 204], [238, 178], [206, 242], [160, 170], [228, 236]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3.4" fill="#fff" opacity=".45"/>`).join("");
  return `<defs>${blend("drink", light, dark)}</defs>${shadow(72)}<path d="M214,82 L238,14 H276" stroke="${straw}" stroke-width="10" fill="none" stroke-linecap="round" stroke-linejoin="round"/>${lemon ? slice("#e8b90f", "#ffe566") : ""}${orange ? slice("#ef7d0b", "#ffb648") : ""}<path d="M128,60 H272 L256,252 Q255,266 240,266 H160 Q145,266 144,252Z" fill="#fff" fill-opacity=".13"/><path d="M132,84 H268 L254,250 Q253,260 240,260 H160 Q147,260 146,250Z" fill="url(#drink)"/><ellipse cx="200" cy="84" rx="68" ry="9" fill="${light}"/>${cubes}${bubbles}${leaves}<path d="M128,60 H272 L256,252 Q255,266 240,266 H160 Q145,266 144,252Z" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="3"/><path d="M148,92 L158,236" stroke="#fff" stroke-opacity=".4" stroke-width="8" stroke-linecap="round"/>`;
}

export function bottle(light, dark, sparkling) {
  const bubbles = sparkling
    ? [[186, 150], [212, 176], [194, 206], [220, 232], [182, 238], [208, 128]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4.5" fill="#fff" opacity=".7"/>`).join("")
    : '<path d="M172,190 q14,-9 28,0 t28,0" stroke="#fff" stroke-opacity=".6" stroke-width="5" fill="none" stroke-linecap="round"/>';
  return `<defs>${blend("water", light, dark)}</defs>${shadow(58)}<rect x="178" y="18" width="44" height="24" rx="6" fill="${dark}"/><path d="M180,42 H220 V66 Q222,86 240,100 Q250,110 250,126 V246 Q250,264 232,264 H168 Q150,264 150,246 V126 Q150,110 160,100 Q178,86 180,66Z" fill="url(#water)"/><rect x="150" y="146" width="100" height="70" fill="#fff" fill-opacity=".24"/><path d="M200,154 c-10,15 -16,21 -16,31 a16,16 0 0 0 32,0 c0,-10 -6,-16 -16,-31z" fill="#fff" fill-opacity=".92"/>${bubbles}<path d="M166,118 V240" stroke="#fff" stroke-opacity=".5" stroke-width="8" stroke-linecap="round"/>`;
}

export function beerGlass() {
  const foam = [[144, 74, 22], [172, 62, 26], [204, 58, 28], [234, 64, 24], [256, 78, 18]].map(([x, y, r]) => `<circle cx="${x}" cy="${y}" r="${r}" fill="#fff6e0"/>`).join("");
  return `<defs>${blend("beer", "#ffd04d", "#d07c08")}</defs>${shadow(76)}<path d="M132,74 H268 L256,246 Q255,264 238,264 H162 Q145,264 144,246Z" fill="url(#beer)"/>${foam}<path d="M130,74 H270 L268,98 Q252,112 236,100 Q216,116 200,102 Q180,118 164,102 Q148,112 132,98Z" fill="#fff6e0"/><path d="M152,120 L160,238" stroke="#fff" stroke-opacity=".5" stroke-width="9" stroke-linecap="round"/>${[[190, 150], [214, 190], [232, 142], [184, 214], [222, 230], [204, 122]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3.5" fill="#fff" opacity=".6"/>`).join("")}`;
}

export function plate() {
  return `${shadow(140, 248)}<ellipse cx="200" cy="206" rx="138" ry="46" fill="#d9cbb6"/><ellipse cx="200" cy="198" rx="138" ry="46" fill="#f8f0e3"/><ellipse cx="200" cy="196" rx="92" ry="28" fill="#e6d9c5"/><ellipse cx="200" cy="199" rx="88" ry="24" fill="#f3e9da"/><g fill="none" stroke="#f59e0b" stroke-width="6" stroke-linecap="round" opacity=".75"><path d="M160,140 q-12,-16 0,-32 t0,-32"/><path d="M200,132 q-12,-16 0,-32 t0,-32"/><path d="M240,140 q-12,-16 0,-32 t0,-32"/></g>`;
}

export function signal() {
  const arcs = [36, 66, 96].map((r, n) => `<path d="M${200 - r},${176 - r * 0.55} A${r * 1.15},${r * 1.15} 0 0 1 ${200 + r},${176 - r * 0.55}" stroke="#f59e0b" stroke-opacity="${0.95 - n * 0.27}" stroke-width="14" fill="none" stroke-linecap="round" stroke-dasharray="${n === 0 ? "none" : n === 1 ? "62 26" : "34 30"}"/>`).join("");
  return `${shadow(110, 258)}<path d="M164,250 h72 l-14,-26 h-44z" fill="#5b4a3a"/><rect x="193" y="178" width="14" height="52" rx="4" fill="#8a735c"/>${arcs}<circle cx="200" cy="178" r="15" fill="#f59e0b"/><g stroke="#ff8f80" stroke-width="15" stroke-linecap="round"><path d="M284,176 l38,38"/><path d="M322,176 l-38,38"/></g>`;
}
