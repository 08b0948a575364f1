// Owns the bytes that a member's phone signs: a proof of membership as `domain/src/trust` reads it.
// It must not know where the key is kept, nor how a code is shown.

const VERSION = 1;
const MEMBERSHIP = 7;
const CONTEXT = "relais-document-1\n";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
// What one code covers: it is renewed every 60 seconds, and the counter takes 60 to 90.
export const LASTS_MS = 75_000;

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A field is its length and its bytes; all of these are shorter than 128.
const field = (bytes) => [bytes.length, ...bytes];

// The highest byte first and never zero.
function number(value) {
  const bytes = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return field(bytes);
}

export function base32(bytes) {
  let text = "";
  let bits = 0;
  let kept = 0;
  for (const byte of bytes) {
    kept = (kept << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += LETTERS[(kept >> bits) & 31];
    }
    kept &= (1 << bits) - 1;
  }
  return bits > 0 ? text + LETTERS[(kept << (5 - bits)) & 31] : text;
}

// The document of a window, signed by whatever `sign` signs with.
export async function proof({ venue, member, keyId }, fromMs, sign, lastsMs = LASTS_MS) {
  const encoder = new TextEncoder();
  const head = [VERSION, MEMBERSHIP, ...fromHex(keyId)];
  const body = [
    ...field(encoder.encode(venue)), ...field(fromHex(member)),
    ...number(fromMs), ...number(fromMs + lastsMs),
  ];
  const said = Uint8Array.from([...head, ...body]);
  const signature = await sign(Uint8Array.from([...encoder.encode(CONTEXT), ...said]));
  return Uint8Array.from([...said, ...new Uint8Array(signature)]);
}

// What the counter reads: the card, a dot, and what the phone signed just now.
export async function shown(card, fromMs, sign) {
  return `${card.card}.${base32(await proof(card, fromMs, sign))}`;
}
