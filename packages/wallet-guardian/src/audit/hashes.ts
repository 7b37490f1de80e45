/** Hashes of the tree over a ledger's records, those of RFC 9162, section 2.1 (design, section 7: proof). */
import { canonicalize, sha256Hex } from "@dgb-shield/contract";

const HASH_BYTES = 32;

/** Root of the tree without leaves: the SHA-256 of nothing. */
export const EMPTY_ROOT = sha256Hex("");

/**
 * Hashes the place of a record that was pruned before the tree began: a leaf over `{"pruned":true,"seq":…}`, which no
 * record has.
 */
export const prunedLeafHash = (seq: number): string =>
  sha256Hex(`\0${canonicalize({ pruned: true, seq })}`);

/**
 * Hashes two subtrees: SHA-256 of the byte 0x01, the 32 bytes of the left hash and those of the right one.
 *
 * @param left 64 hexadecimal digits, as is `right`
 */
export function nodeHash(left: string, right: string): string {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES);
  bytes[0] = 1;
  fill(bytes, left, 1);
  fill(bytes, right, 1 + HASH_BYTES);
  return sha256Hex(bytes);
}

function fill(bytes: Uint8Array, hex: string, offset: number): void {
  for (let at = 0; at < HASH_BYTES; at++) {
    bytes[offset + at] = digit(hex, 2 * at) * 16 + digit(hex, 2 * at + 1);
  }
}

/** The value of a digit; of what is none, it is not checked: hashes are checked where they come in. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}
