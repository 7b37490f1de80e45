/** Conversions of bytes: hexadecimal and Base64 text, hashes as a chain writes them. */
import { hash } from "node:crypto";
import type { DecodeCode } from "./codes.js";
import { Refusal } from "./refusal.js";

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?$/;

/** Writes bytes as lower-case hexadecimal text. */
export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Whether two byte strings are equal. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const sha256 = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer");

/** SHA-256 of the SHA-256. */
export const doubleSha256 = (bytes: Uint8Array): Uint8Array => sha256(sha256(bytes));

/** RIPEMD-160 of the SHA-256. */
export const hash160 = (bytes: Uint8Array): Uint8Array =>
  hash("ripemd160", sha256(bytes), "buffer");

/** A hash as nodes write it: last byte first. */
export const displayed = (bytes: Uint8Array): string => hexOf(Uint8Array.from(bytes).reverse());

/**
 * The bytes of hexadecimal text or of bytes, which are copied.
 *
 * @param most largest number of bytes
 */
export const bytesOfHex = (given: unknown, most: number): Uint8Array =>
  bytesOf(given, { most, charactersPerByte: 2, form: HEX, encoding: "hex" });

/** The bytes of Base64 text with its padding, or of bytes, which are copied. */
export const bytesOfBase64 = (given: unknown, most: number): Uint8Array =>
  bytesOf(given, { most, charactersPerByte: 4 / 3, form: BASE64, encoding: "base64" });

type Form = Readonly<{
  most: number;
  charactersPerByte: number;
  form: RegExp;
  encoding: "hex" | "base64";
}>;

function bytesOf(given: unknown, { most, charactersPerByte, form, encoding }: Form): Uint8Array {
  const refusal = (code: DecodeCode) => new Refusal(code, "");
  if (given instanceof Uint8Array) {
    if (given.length > most) throw refusal("too_large");
    return Uint8Array.from(given);
  }
  // [REFUSE encoding] neither text nor bytes, or text with other characters
  if (typeof given !== "string") throw refusal("encoding");
  // [REFUSE too_large] more bytes, or more fields, than are decoded
  if (given.length > Math.ceil(most * charactersPerByte) + 4) throw refusal("too_large");
  if (!form.test(given)) throw refusal("encoding");
  const bytes = Buffer.from(given, encoding);
  if (bytes.length > most) throw refusal("too_large");
  // Unused bits of Base64 are zero: one text for the same bytes.
  if (encoding === "base64" && bytes.toString("base64") !== given) throw refusal("encoding");
  return bytes;
}
