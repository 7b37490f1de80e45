/** Schema of what a node remembers of its inputs: counts in a bounded window (design, section 6). */
import { heightSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";

/** Parts of the window; the oldest goes as a whole. */
export const MAX_BUCKETS = 12;
/** Most payments that are remembered in order to count each once. */
export const MAX_SEEN = 256;
/** Largest count; more is as bad. */
const MAX_COUNT = 2 ** 40;

const countSchema = z.int().min(0).max(MAX_COUNT);

const bucketSchema = z.strictObject({
  /** The node's time when it begins. */
  at_ms: timeMsSchema,
  refused_payments: countSchema,
  spikes: countSchema,
  freezes: countSchema,
  rpc_calls: countSchema,
  rpc_refused: countSchema,
  rpc_unauthorized: countSchema,
});
/** Counts of one part of the window. */
export type Bucket = Readonly<z.infer<typeof bucketSchema>>;
/** What is counted. */
export type Counter = Exclude<keyof Bucket, "at_ms">;
/** Numbers to add. */
export type Counts = Readonly<Partial<Record<Counter, number>>>;

/** Types of the events that are made of inputs. */
export const INPUT_TYPES = Object.freeze([
  "withdrawal_spike",
  "peers_lost",
  "mempool_flood",
  "height_stalled",
  "rpc_abuse",
] as const);
/** One of `INPUT_TYPES`. */
export type InputType = (typeof INPUT_TYPES)[number];

/** What a node remembers of its inputs. */
export const inputsMemorySchema = z.strictObject({
  /** Oldest first. */
  buckets: z.array(bucketSchema).max(MAX_BUCKETS),
  /** Payments that were counted, oldest first. */
  seen: z
    .array(z.strictObject({ key: z.string().regex(/^[0-9a-f]{32}$/), at_ms: timeMsSchema }))
    .max(MAX_SEEN),
  /** The latest height, since when it is that, and when it was last reported. */
  height: z
    .strictObject({ height: heightSchema, since_ms: timeMsSchema, at_ms: timeMsSchema })
    .nullable(),
  /** By the wall clock, since when what each event of these types reports has lasted. */
  since: z.partialRecord(z.enum(INPUT_TYPES), timeMsSchema),
});
/** What a node remembers of its inputs. */
export type InputsMemory = Readonly<z.infer<typeof inputsMemorySchema>>;

/** Nothing noted yet. */
export const EMPTY_INPUTS: InputsMemory = Object.freeze({
  buckets: [],
  seen: [],
  height: null,
  since: {},
});

/** Changes every time by the node's clock, where that is accepted anew. */
export const redated = (inputs: InputsMemory, change: (atMs: number) => number): InputsMemory => ({
  ...inputs,
  buckets: inputs.buckets.map((bucket) => ({ ...bucket, at_ms: change(bucket.at_ms) })),
  seen: inputs.seen.map((one) => ({ ...one, at_ms: change(one.at_ms) })),
  height:
    inputs.height === null
      ? null
      : {
          ...inputs.height,
          since_ms: change(inputs.height.since_ms),
          at_ms: change(inputs.height.at_ms),
        },
});
