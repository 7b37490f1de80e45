/** Private, plain copies of what this layer is handed, with the layer's own bounds. */
import { type Read, readPlain as readBounded } from "@dgb-shield/contract";

const BOUNDS = Object.freeze({ max_depth: 4, max_entries: 128 });

/** See `readPlain` of contract. */
export const readPlain = (value: unknown): Read<unknown> => readBounded(value, BOUNDS);
