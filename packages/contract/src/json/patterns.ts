/** The patterns of strings that cross layers: one definition for schemas and hand-written readers. */

/**
 * Patterns of identifiers, hashes and words. None has a flag that keeps state, so `test` is safe to share.
 *
 * @example PATTERNS.hash256.test("00".repeat(32)) // true
 */
export const PATTERNS = Object.freeze({
  /** 1–128 code points, no control characters, lone surrogates or noncharacters, no white space at either end. */
  id: /^(?!\s)[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{1,128}(?<!\s)$/u,
  /** Name of a component. */
  component: /^[a-z][a-z0-9_]{0,63}$/,
  /** A contract-facing reason code. */
  reasonCode: /^[A-Z][A-Z0-9_]{0,127}$/,
  /** A word of a layer's own vocabulary. */
  word: /^[a-z][a-z0-9_]{0,63}$/,
  /** SHA-256 or a block hash: 64 lower-case hexadecimal digits. */
  hash256: /^[0-9a-f]{64}$/,
});
