// What a phone signs is, byte for byte, what the gateway reads: the same vectors as in Rust.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { base32, fromHex, proof, shown, toHex } from "../card-code.js";

const vectors = new URL("../../../fixtures/trust/v1/documents.json", import.meta.url);
const golden = JSON.parse(readFileSync(vectors, "utf8"));
const NOW_MS = 1_795_219_200_000;
const PKCS8 = "302e020100300506032b657004220420";

async function signer(seed) {
  const bytes = fromHex(PKCS8 + seed);
  const key = await webcrypto.subtle.importKey("pkcs8", bytes, "Ed25519", false, ["sign"]);
  return (said) => webcrypto.subtle.sign("Ed25519", key, said);
}

const { seed, key_id: keyId, bytes, qr } = golden.membership;
const card = { venue: "chakri", member: "30".repeat(16), keyId, card: golden.card.qr };

test("a phone's proof is the golden one", async () => {
  const made = await proof(card, NOW_MS, await signer(seed), 90_000);
  assert.equal(toHex(made), bytes);
  assert.equal(base32(made), qr);
});

test("what is shown is the card and the proof", async () => {
  const text = await shown(card, NOW_MS, await signer(seed));
  const [first, second, ...rest] = text.split(".");
  assert.deepEqual([first, rest], [golden.card.qr, []]);
  assert.match(second, /^[A-Z2-7]+$/);
});

test("base32 is the one of RFC 4648 without padding", () => {
  const encode = (text) => base32(new TextEncoder().encode(text));
  assert.deepEqual(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(encode), [
    "", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI",
  ]);
});
