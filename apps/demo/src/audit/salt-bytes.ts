/** Salts as bytes: 32 each, zeros for none. */
import { randomBytes } from "node:crypto";
import { HASH_BYTES, hashesIn } from "./hash-file.js";

/** Bytes of a salt. */
export const SALT_BYTES = HASH_BYTES;
const NONE = "0".repeat(2 * SALT_BYTES);

/** Salts as bytes, one after the other. */
export const bytesOfSalts = (salts: readonly (string | null)[]): Buffer =>
  Buffer.from(salts.map((salt) => salt ?? NONE).join(""), "hex");

/** Salts out of bytes. */
export const saltsIn = (bytes: Buffer): (string | null)[] =>
  hashesIn(bytes).map((salt) => (salt === NONE ? null : salt));

/** A new salt, as 64 hexadecimal digits. */
export const randomSalt = (): string => randomBytes(SALT_BYTES).toString("hex");
