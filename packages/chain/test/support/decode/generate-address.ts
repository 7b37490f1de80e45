/** Makes addresses of this and other networks, whole and damaged, by another library than the one under test. */
import type { Random } from "@dgb-shield/testkit/random";
import { bech32, bech32m, createBase58check } from "@scure/base";
import { sha256 } from "@scure/btc-signer/utils.js";
import { bytes } from "./generate-transaction.js";

const base58check = createBase58check(sha256);
const CHARACTERS = Array.from("qpzry9x8gf2tvdw0s3jn54khce6mua7l1QPZ9oOIl0 -é");

/** An address, or a text that is nearly one. */
export function someAddress(random: Random): string {
  const text = random.oneIn(3) ? base58Text(random) : bech32Text(random);
  if (!random.oneIn(3)) return text;
  const at = random.below(text.length);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.toUpperCase();
    case 3:
      return text.slice(0, at) + text.slice(at).toUpperCase();
    case 4:
      return text + random.pick(CHARACTERS);
    default:
      return ` ${text}`;
  }
}

function base58Text(random: Random): string {
  const version = random.pick([
    111, 58, 196, 111, 58, 196, 111, 58, 48, 50, 5, 0, 30, 63, 126, 140, 239,
  ]);
  const length = random.oneIn(10) ? random.pick([0, 19, 21, 32, 33]) : 20;
  return base58check.encode(Uint8Array.of(version, ...bytes(random, length)));
}

function bech32Text(random: Random): string {
  const hrp = random.oneIn(6)
    ? random.pick(["ltc", "tltc", "bc", "dgb", "rltcmweb", "tmweb", "x"])
    : "rltc";
  const version = random.oneIn(6) ? random.below(18) : random.below(2);
  const length = random.oneIn(8) ? random.below(42) : random.pick([20, 32]);
  const right = version === 0 ? bech32 : bech32m;
  const coder = random.oneIn(8) ? random.pick([bech32, bech32m]) : right;
  const words = coder.toWords(bytes(random, length));
  if (random.oneIn(20)) words.push(random.below(32));
  return coder.encode(hrp, [version, ...words], 120);
}
