/** The bytes of a vector's input. */
import type { VectorInput } from "./format.js";

/**
 * The bytes that an implementation is given.
 *
 * @example inputBytes({ parts: [{ text: "[", times: 2 }, { text: "]", times: 2 }] }) // "[[]]"
 */
export function inputBytes(input: VectorInput): Uint8Array {
  if ("base64" in input) {
    return Uint8Array.from(atob(input.base64), (character) => character.charCodeAt(0));
  }
  const text =
    "text" in input ? input.text : input.parts.map((part) => part.text.repeat(part.times)).join("");
  return new TextEncoder().encode(text);
}
