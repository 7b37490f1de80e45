/** Lengths in UTF-8 bytes, as the limits count them. */
import { LIMITS } from "./limits.js";

/** Length of a text in UTF-8 bytes; lone surrogates are refused elsewhere. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** Whether a text is larger than `LIMITS.max_payload_bytes`; a unit is at most three bytes. */
export const isOverPayloadLimit = (text: string): boolean =>
  text.length > LIMITS.max_payload_bytes ||
  (text.length * 3 > LIMITS.max_payload_bytes && utf8Length(text) > LIMITS.max_payload_bytes);
