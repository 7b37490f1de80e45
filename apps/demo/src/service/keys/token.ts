/** Tokens of API keys: `shd_<key id>_<256 random bits>`; only a hash is stored. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Bytes of a key's id and of its secret. */
const ID_BYTES = 6;
const SECRET_BYTES = 32;

const TOKEN = /^shd_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** Pattern of a key's id. */
export const KEY_ID = /^[0-9a-f]{12}$/;

/** A new token, its key's id and what is stored of it. */
export type NewToken = Readonly<{ id: string; token: string; hash: string }>;

/**
 * Makes a token.
 *
 * @param random cryptographically random bytes
 */
export function createToken(random: (bytes: number) => Uint8Array): NewToken {
  const id = Buffer.from(random(ID_BYTES)).toString("hex");
  const token = `shd_${id}_${Buffer.from(random(SECRET_BYTES)).toString("base64url")}`;
  return { id, token, hash: hashOf(token) };
}

/** The key's id in a token; undefined for what is no token. */
export const idOfToken = (bearer: string): string | undefined => TOKEN.exec(bearer)?.[1];

/** SHA-256 of a token: it is as random as its hash, so that no slower function would protect it better. */
const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Whether a token has a hash, in a time that shows nothing of either. */
export const isTokenOf = (bearer: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(bearer), "hex"), Buffer.from(hash, "hex"));
