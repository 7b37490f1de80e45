/** Bounds of what this layer is handed, and private, plain copies within them. */
import { type PlainBounds, type Read, readPlain as readBounded } from "@dgb-shield/contract";

const MAX_ENTRIES = 128;

/** Of a context or a policy. */
export const CONTEXT_BOUNDS: PlainBounds = Object.freeze({
  max_depth: 4,
  max_entries: MAX_ENTRIES,
});

/** Of a record, which holds a context. */
export const RECORD_BOUNDS: PlainBounds = Object.freeze({ max_depth: 5, max_entries: MAX_ENTRIES });

/** Of what an approval binds to: more destinations than a transaction has room for. */
export const BINDING_BOUNDS: PlainBounds = Object.freeze({ max_depth: 3, max_entries: 16_384 });

/** A private copy of a context or a policy; see `readPlain` of contract. */
export const readPlain = (value: unknown): Read<unknown> => readBounded(value, CONTEXT_BOUNDS);
