/** The last signatures, sixteen characters each, for `nonce_reuse`. */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";
import type { Signature } from "../observation/observation.js";

/** Chunks are written in turn, so that one observation changes one or two: a change of the state is small. */
const CHUNKS = 16;
const CHUNK_SIGNATURES = 60;

/** Characters of one signature: 11 of r (66 bits), 2 of the key (12 bits), 3 of s (18 bits). */
const R_LENGTH = 11;
const KEY_LENGTH = 2;
const LENGTH = 16;

/** Order of secp256k1: of an ECDSA signature s and n − s are one. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** s that is not known. */
const NO_S = "...";

/** A memory of at most 960 signatures, and at least the last 900. */
export const signatureMemorySchema = z.strictObject({
  /** By the number of the chunk. */
  chunks: z.record(z.string().regex(/^([0-9]|1[0-5])$/), z.string().max(CHUNK_SIGNATURES * LENGTH)),
  /** The chunk that is being written. */
  at: z
    .int()
    .min(0)
    .max(CHUNKS - 1),
});
export type SignatureMemory = z.infer<typeof signatureMemorySchema>;

export const NO_SIGNATURES: SignatureMemory = deepFrozen({ chunks: {}, at: 0 });

/** What is remembered beside an r, once for each signature that has it. */
type Index = Map<string, string[]>;

/**
 * Indexes of the memories that were made last; each can be made again from its memory. One that went on to the
 * next memory is no longer the one before's.
 */
const indexes = new WeakMap<SignatureMemory, Index>();

/** How a signature relates to one that has the same r and is no copy of it. */
export type Reuse = "same_key" | "other_key";

/** What a signature is compared by. */
type Remembered = Readonly<{ r: string; rest: string }>;

/**
 * Takes signatures in.
 *
 * @param onReuse called for each that has the r of one before, and is no copy of it
 */
export function withSignatures(
  memory: SignatureMemory,
  signatures: readonly Signature[],
  onReuse: (signature: Signature, reuse: Reuse) => void,
): SignatureMemory {
  if (signatures.length === 0) return memory;
  const index = indexes.get(memory) ?? indexOf(memory);
  indexes.delete(memory);
  const chunks = { ...memory.chunks };
  let { at } = memory;
  for (const signature of signatures) {
    const { r, rest } = rememberedOf(signature);
    const before = index.get(r) ?? [];
    // Its own copy adds nothing.
    if (before.includes(rest)) continue;
    const reuse = reuseOf(before, rest);
    if (reuse !== undefined) onReuse(signature, reuse);
    if ((chunks[at]?.length ?? 0) >= CHUNK_SIGNATURES * LENGTH) {
      at = (at + 1) % CHUNKS;
      forget(index, chunks[at] ?? "");
      chunks[at] = "";
    }
    chunks[at] = (chunks[at] ?? "") + r + rest;
    index.set(r, [...(index.get(r) ?? []), rest]);
  }
  const next = { chunks, at };
  indexes.set(next, index);
  return next;
}

function reuseOf(before: readonly string[], now: string): Reuse | undefined {
  const ofKey = before.filter((one) => one.slice(0, KEY_LENGTH) === now.slice(0, KEY_LENGTH));
  const isKnown = (one: string): boolean => !one.endsWith(NO_S);
  if (isKnown(now) && ofKey.some(isKnown)) return "same_key";
  return ofKey.length < before.length ? "other_key" : undefined;
}

function indexOf({ chunks, at }: SignatureMemory): Index {
  const index: Index = new Map();
  for (let n = 1; n <= CHUNKS; n++) {
    for (const { r, rest } of signaturesOf(chunks[(at + n) % CHUNKS] ?? "")) {
      index.set(r, [...(index.get(r) ?? []), rest]);
    }
  }
  return index;
}

function forget(index: Index, chunk: string): void {
  for (const { r, rest } of signaturesOf(chunk)) {
    const left = (index.get(r) ?? []).filter((one) => one !== rest);
    if (left.length > 0) index.set(r, left);
    else index.delete(r);
  }
}

function* signaturesOf(chunk: string): Generator<Remembered> {
  for (let i = 0; i + LENGTH <= chunk.length; i += LENGTH) {
    yield { r: chunk.slice(i, i + R_LENGTH), rest: chunk.slice(i + R_LENGTH, i + LENGTH) };
  }
}

function rememberedOf({ r, key, s, scheme }: Signature): Remembered {
  const tag = s === undefined ? NO_S : endOf(s, scheme !== "schnorr" && isHigher(s));
  return { r: startOf(r), rest: nameOf(key) + tag };
}

/** Whether n − s is a smaller number than s, and none below 0; compared as text, which is of one length. */
const isHigher = (s: string): boolean => s >= HALF && s <= WHOLE;
const HALF = ((ORDER + 1n) / 2n).toString(16).padStart(64, "0");
const WHOLE = ORDER.toString(16).padStart(64, "0");

/** The first 66 bits: three hexadecimal digits are two characters. */
function startOf(r: string): string {
  let text = "";
  for (let i = 0; i < 18; i += 3) {
    const bits = parseInt(r.slice(i, i + 3), 16);
    text += character(bits >> 6) + character(bits);
  }
  return text.slice(0, R_LENGTH);
}

/** The last 18 bits of s, or of n − s. */
function endOf(s: string, isOther: boolean): string {
  const own = parseInt(s.slice(-5), 16);
  const bits = isOther ? parseInt(WHOLE.slice(-5), 16) - own : own;
  return character(bits >> 12) + character(bits >> 6) + character(bits);
}

/** 12 bits of a key's name (FNV-1a). */
function nameOf(key: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  const bits = (hash >>> 20) ^ hash;
  return character(bits >> 6) + character(bits);
}

const character = (bits: number): string => ALPHABET.charAt(bits & 63);
