/** Hashes of canonical forms. The only file of a core with a Node builtin: its SHA-256 is ten times as fast as JavaScript. */
import { hash } from "node:crypto";
import { canonicalize } from "./canonical.js";

/**
 * SHA-256 of a text (its UTF-8 bytes) or of bytes.
 *
 * @param data at any length
 * @returns 64 lower-case hexadecimal digits
 * @example sha256Hex("abc") // "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
 */
export const sha256Hex = (data: string | Uint8Array): string => hash("sha256", data, "hex");

/**
 * SHA-256 of the RFC 8785 canonical form of a value: equal content has an equal hash on any machine.
 *
 * @param value as `canonicalize` takes it
 * @returns 64 lower-case hexadecimal digits
 * @throws ContractError where `canonicalize` does
 * @example canonicalHash({ b: 1, a: 2 }) === canonicalHash({ a: 2, b: 1 }) // true
 */
export const canonicalHash = (value: unknown): string => sha256Hex(canonicalize(value));
