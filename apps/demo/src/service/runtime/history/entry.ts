/** What the history is kept as: one entry for each thing that happened, and one a minute for how everything was. */
import { z } from "zod";

const bucket = z.int().min(0);
const height = z.int().min(0);
const nodeId = z.string().min(1).max(128);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const branchSchema = z.strictObject({
  tip_hash: hash,
  tip_height: height,
  chainwork: z.string().max(128).nullable(),
  fork_height: height.nullable(),
  nodes: z.array(
    z.strictObject({
      node_id: nodeId,
      height,
      software: z.string().max(1_024).nullable(),
      is_watched: z.boolean(),
    }),
  ),
});

const minuteSchema = z.strictObject({
  kind: z.literal("minute"),
  bucket,
  /** Places in the lists of the words; null where nothing is known. */
  state: z.int().min(0).nullable(),
  score: z.number().min(0).max(1).nullable(),
  advisory: z.int().min(0).nullable(),
  nodes: z.array(
    z.strictObject({
      node_id: nodeId,
      height: height.nullable(),
      level: z.int().min(0).nullable(),
    }),
  ),
});
const blockSchema = z.strictObject({
  kind: z.literal("block"),
  bucket,
  hash,
  algorithm: z.string().max(64).nullable(),
});
const reorgSchema = z.strictObject({
  kind: z.literal("reorg"),
  at_ms: z.int().min(0),
  node_id: nodeId,
  depth: height,
  fork_height: height,
});
const changeSchema = z.strictObject({
  kind: z.literal("change"),
  at_ms: z.int().min(0),
  branches: z.array(branchSchema),
});

/** Schema of an entry. */
export const historyEntrySchema = z.discriminatedUnion("kind", [
  minuteSchema,
  blockSchema,
  reorgSchema,
  changeSchema,
]);

/** One entry. */
export type HistoryEntry = Readonly<z.output<typeof historyEntrySchema>>;
