/** Text: the characters that may be exchanged, and lengths in UTF-8 bytes as the limits count them. */
import { LIMITS } from "../limits.js";

const ENCODER = new TextEncoder();

/**
 * Matches a noncharacter (RFC 7493, section 2.1): U+FDD0–U+FDEF, and the last two code points of each plane,
 * whose high surrogates end in six set bits. Without the `u` flag, so that one-byte text is accepted at once.
 */
const NONCHARACTER =
  /[\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

/** Whether a text has a noncharacter, such as U+FFFE. */
export const hasNoncharacter = (text: string): boolean => NONCHARACTER.test(text);

/** Matches surrogates and everything above them; other text needs no closer look. */
const HIGH = /[\ud800-\uffff]/;

/** Whether a text has neither a lone surrogate nor a noncharacter. */
export const isExchangeable = (text: string): boolean =>
  !HIGH.test(text) || (text.isWellFormed() && !hasNoncharacter(text));

/**
 * Length of a text in UTF-8 bytes; a lone surrogate counts as three. The engine's own encoder counts
 * several times as fast as a loop.
 *
 * @param text any text
 * @example utf8Length("é") // 2
 */
export const utf8Length = (text: string): number => ENCODER.encode(text).byteLength;

/** Whether a text is larger than `LIMITS.maxPayloadBytes`; a UTF-16 unit is at most three bytes. */
export const isOverPayloadLimit = (text: string): boolean =>
  text.length > LIMITS.maxPayloadBytes ||
  (text.length * 3 > LIMITS.maxPayloadBytes && utf8Length(text) > LIMITS.maxPayloadBytes);
