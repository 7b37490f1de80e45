/** Hashes of canonical forms: the same content gives the same hash on any machine. */
import { canonicalize } from "./canonical.js";
import { sha256Hex } from "../internal/sha256.js";

export { sha256Hex };

/**
 * SHA-256 of the RFC 8785 canonical form of `value`, as 64 lower-case hexadecimal digits.
 *
 * @throws ContractError where `canonicalize` does.
 * @example canonicalHash({ b: 1, a: 2 }) === canonicalHash({ a: 2, b: 1 }) // true
 */
export const canonicalHash = (value: unknown): string => sha256Hex(canonicalize(value));
