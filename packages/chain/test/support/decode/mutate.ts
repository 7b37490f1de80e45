/** Damages bytes, as a faulty or hostile writer would. */
import type { Random } from "@dgb-shield/testkit/random";
import { bytes } from "./generate-transaction.js";

/** One change somewhere, more often near the begin, where counts and flags are. */
export function mutated(random: Random, given: Uint8Array): Uint8Array {
  const at = random.oneIn(2)
    ? random.below(given.length)
    : random.below(Math.min(64, given.length));
  const [before, after] = [given.subarray(0, at), given.subarray(at)];
  const rest = after.subarray(1);
  const byte = given[at] ?? 0;
  switch (random.below(9)) {
    case 0:
      return joined(before, [byte ^ (1 << random.below(8))], rest);
    case 1:
      return joined(before, [random.below(256)], rest);
    case 2:
      return joined(before, rest);
    case 3:
      return joined(before, [random.below(256)], after);
    case 4:
      return given.slice(0, at);
    case 5:
      return joined(given, bytes(random, 1 + random.below(4)));
    case 6:
      // a size in a longer form than it needs
      return joined(before, [0xfd, byte, 0], rest);
    case 7:
      return joined(before, [0xff, byte, 0, 0, 0, 0, 0, 0, 0, 0], rest);
    default:
      // the flags of a transaction
      return joined(given.subarray(0, 4), [0, random.pick([0, 1, 2, 8, 9])], given.subarray(4));
  }
}

const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

/** A HogEx, as Litecoin's miners make it: the flag, and a zero before the lock time. */
export function asHogex(given: Uint8Array, body: readonly number[] = [0]): Uint8Array {
  const hasFlags = given[4] === 0;
  const flags = hasFlags ? [0, 9] : [0, 8];
  const middle = given.subarray(hasFlags ? 6 : 4, -4);
  return joined(given.subarray(0, 4), flags, middle, body, given.subarray(-4));
}
