/** Private, plain copies of what this layer is handed, with the layer's own bounds. */
import { type Read, readPlain as readBounded } from "@dgb-shield/contract";

const MAX_ENTRIES = 128;
const CONTEXT = Object.freeze({ max_depth: 4, max_entries: MAX_ENTRIES });
/** A record holds a context. */
const RECORD = Object.freeze({ max_depth: 5, max_entries: MAX_ENTRIES });

/** A context or a policy; see `readPlain` of contract. */
export const readPlain = (value: unknown): Read<unknown> => readBounded(value, CONTEXT);

/** A record of a decision. */
export const readPlainRecord = (value: unknown): Read<unknown> => readBounded(value, RECORD);
