/** Bounds of what this layer is handed, and private, plain copies within them. */
import { copyUntrusted as copyBounded, type PlainBounds, type Result } from "@dgb-shield/contract";

const MAX_ENTRIES = 128;

/** Of a context or a policy. */
export const CONTEXT_BOUNDS: PlainBounds = Object.freeze({
  maxDepth: 4,
  maxEntries: MAX_ENTRIES,
});

/** Of a record, which holds a context. */
export const RECORD_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 5, maxEntries: MAX_ENTRIES });

/** Of what an approval binds to: more destinations than a transaction has room for. */
export const BINDING_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 3, maxEntries: 16_384 });

/** A private copy of a context or a policy; see contract. */
export const copyUntrusted = (value: unknown): Result<unknown, "not_plain"> =>
  copyBounded(value, CONTEXT_BOUNDS);
