/** The bytes of a vector's input. */
import { isVariant } from "../internal/own.js";
import type { VectorInput } from "./format.js";

/**
 * The bytes that an implementation is given.
 *
 * @example inputBytes({ parts: [{ text: "[", times: 2 }, { text: "]", times: 2 }] }) // "[[]]"
 */
export function inputBytes(input: VectorInput): Uint8Array {
  if (isVariant(input, "base64")) {
    return Uint8Array.from(atob(input.base64), (character) => character.charCodeAt(0));
  }
  const text = isVariant(input, "text")
    ? input.text
    : input.parts.map((part) => part.text.repeat(part.times)).join("");
  return new TextEncoder().encode(text);
}
