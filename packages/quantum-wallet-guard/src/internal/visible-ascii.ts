/** Texts that can be compared character by character, with nothing to normalize. */

const FIRST_VISIBLE = 0x21;
const LAST_ASCII = 0x7e;

/** Whether a text has visible ASCII characters alone: no space, no control character. */
export function isVisibleAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < FIRST_VISIBLE || code > LAST_ASCII) return false;
  }
  return true;
}
