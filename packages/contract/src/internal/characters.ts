/** Characters that no two programs exchange (RFC 7493, section 2.1): surrogates alone, and noncharacters. */

/**
 * Matches a noncharacter: U+FDD0–U+FDEF, and the last two code points of each plane, whose high
 * surrogates end in six set bits. Without the `u` flag, so that text of one-byte characters is told at once.
 */
const NONCHARACTER =
  /[\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

/** Whether a text has a noncharacter, such as U+FFFE. */
export const hasNoncharacter = (text: string): boolean => NONCHARACTER.test(text);

/** Whether a text has neither a lone surrogate nor a noncharacter. */
export const isExchangeable = (text: string): boolean =>
  text.isWellFormed() && !hasNoncharacter(text);
