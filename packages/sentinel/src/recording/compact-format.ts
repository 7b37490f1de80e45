/** The compact format: its header, its lines, and the fields that a line may omit. */
import { hash256Schema, idSchema, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  type BlockHeader,
  blockHeaderSchema,
  type ChainTip,
  chainTipSchema,
  MAX_BLOCKS,
  MAX_TIPS,
  type Observation,
  observationSchema,
} from "../observation/observation.js";
import { sealed } from "../internal/frozen.js";
import { LABEL } from "./labelled.js";

/** Name of the format. */
export const COMPACT_FORMAT = "dgb-shield-recording";

/** Version of the format. */
export const COMPACT_VERSION = 1;

const provenance = z.string().min(1).max(1_024);

/** First line of a compact recording. */
export const recordingHeaderSchema = sealed(
  z.strictObject({
    format: z.literal(COMPACT_FORMAT),
    version: z.literal(COMPACT_VERSION),
    /** Name of the chain, as in `ChainParameters`. */
    chain: wordSchema,
    node_id: idSchema,
    /** Where it comes from. */
    source: provenance,
    license: provenance.optional(),
    /** Notes for a reader. */
    notes: provenance.optional(),
    /** Lines that follow: a recording that was cut is found out. */
    observations: z.int().min(1),
  }),
);
/** The first line of a recording: chain, node and provenance. */
export type RecordingHeader = z.infer<typeof recordingHeaderSchema>;

/** hash, previous hash, height, version, time in seconds. */
const blockRowSchema = z.tuple([
  hash256Schema,
  hash256Schema,
  blockHeaderSchema.shape.height,
  blockHeaderSchema.shape.version,
  blockHeaderSchema.shape.time_s,
]);
type BlockRow = z.infer<typeof blockRowSchema>;

/** hash, height, branch length, status. */
const tipRowSchema = z.tuple([
  hash256Schema,
  chainTipSchema.shape.height,
  chainTipSchema.shape.branchlen,
  chainTipSchema.shape.status,
]);
type TipRow = z.infer<typeof tipRowSchema>;

/** Transactions, bytes, and the fee floor where it is known. */
const mempoolRowSchema = z.union([
  z.tuple([z.int().min(0), z.int().min(0)]),
  z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]),
]);
export type MempoolRow = z.infer<typeof mempoolRowSchema>;

const { shape } = observationSchema;

/** A line: an observation, without what follows from the line before (`omittedFields`). */
export const compactLineSchema = z.strictObject({
  label: z.string().regex(LABEL),
  at_ms: shape.at_ms,
  monotonic_ms: shape.monotonic_ms,
  syncing: z.literal(true).optional(),
  reachable: z.literal(false).optional(),
  tip: blockRowSchema.nullable().optional(),
  blocks: z.array(blockRowSchema).max(MAX_BLOCKS).optional(),
  tips: z.array(tipRowSchema).max(MAX_TIPS).optional(),
  mempool: mempoolRowSchema.nullable().optional(),
  difficulties: shape.difficulties,
  peers: shape.peers,
  signatures: shape.signatures,
  unavailable: shape.unavailable,
});
export type CompactLine = z.infer<typeof compactLineSchema>;

/** Values of fields that a line omits. */
export type OmittedFields = Pick<Observation, "tip" | "tips" | "mempool">;

/**
 * The values of `tip`, `tips` and `mempool` where a line omits them: the tip is the last of its blocks or
 * the tip before; the tips are those before with the active one moved to the tip; the mempool is as before.
 *
 * @param before undefined for the first line
 */
export function omittedFields(
  before: OmittedFields | undefined,
  blocks: readonly BlockHeader[],
): OmittedFields {
  const tip = blocks.at(-1) ?? before?.tip ?? null;
  const [first, ...others] = before?.tips ?? [];
  if (tip === null || (first !== undefined && first.status !== "active")) {
    return { tip, tips: before?.tips ?? [], mempool: before?.mempool ?? null };
  }
  const active: ChainTip = { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" };
  return { tip, tips: [active, ...others], mempool: before?.mempool ?? null };
}

/** A header as a row. */
export const blockRow = (header: BlockHeader): BlockRow => [
  header.hash,
  header.previous_hash,
  header.height,
  header.version,
  header.time_s,
];

/** A row as a header. */
export const blockOf = ([hash, previous_hash, height, version, time_s]: BlockRow): BlockHeader => ({
  hash,
  previous_hash,
  height,
  version,
  time_s,
});

/** A mempool as a row. */
export const mempoolRow = ({
  count,
  bytes,
  fee_floor,
}: NonNullable<Observation["mempool"]>): MempoolRow =>
  fee_floor === undefined ? [count, bytes] : [count, bytes, fee_floor];

/** A row as a mempool. */
export const mempoolOf = ([count, bytes, fee_floor]: MempoolRow): Observation["mempool"] =>
  fee_floor === undefined ? { count, bytes } : { count, bytes, fee_floor };

/** The fields that never follow from the line before: a line has them itself, or they are absent. */
export function extrasOf(given: Extras): Extras {
  const { monotonic_ms, difficulties, peers, signatures, unavailable } = given;
  return {
    ...(monotonic_ms !== undefined && { monotonic_ms }),
    ...(difficulties !== undefined && { difficulties }),
    ...(peers !== undefined && { peers }),
    ...(signatures !== undefined && { signatures }),
    ...(unavailable !== undefined && { unavailable }),
  };
}
type Extras = {
  [
    Key in "monotonic_ms" | "difficulties" | "peers" | "signatures" | "unavailable"
  ]?: Observation[Key];
};

/** A chain tip as a row. */
export const tipRow = ({ hash, height, branchlen, status }: ChainTip): TipRow => [
  hash,
  height,
  branchlen,
  status,
];

/** A row as a chain tip. */
export const tipOf = ([hash, height, branchlen, status]: TipRow): ChainTip => ({
  hash,
  height,
  branchlen,
  status,
});
