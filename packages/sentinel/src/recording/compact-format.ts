/** The compact format: its header, and the rows that stand for headers, chain tips and mempools. */
import { hash256Schema, idSchema, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { sealed } from "../internal/frozen.js";
import {
  type BlockHeader,
  blockHeaderSchema,
  type ChainTip,
  chainTipSchema,
  type Observation,
  observedAtSchema,
} from "../observation/observation.js";

/** Name of the format. */
export const COMPACT_FORMAT = "dgb-shield-recording";

/** Version of the format that is written; 1, which has fewer fields, is read too. */
export const COMPACT_VERSION = 2;

const provenance = z.string().min(1).max(1_024);

/** First line of a compact recording. */
export const recordingHeaderSchema = sealed(
  z.strictObject({
    format: z.literal(COMPACT_FORMAT),
    version: z.literal([1, COMPACT_VERSION]),
    /** Name of the chain, as in `ChainParameters`. */
    chain: wordSchema,
    /** `chain` of `getblockchaininfo`, where it was recorded. From version 2 on. */
    network: wordSchema.optional(),
    /** Hash of the chain's first block, where it was recorded. From version 2 on. */
    genesis_hash: hash256Schema.optional(),
    node_id: idSchema,
    /** Where it comes from. */
    source: provenance,
    license: provenance.optional(),
    /** Notes for a reader. */
    notes: provenance.optional(),
    /** Version of the node's software as it names itself, at the start. From version 2 on. */
    software: z.string().max(256).optional(),
    /** When it began, in milliseconds since 1970. From version 2 on. */
    started_at_ms: observedAtSchema.optional(),
    /**
     * Lines that follow: a recording that was cut is found out. Absent in one that was written while it was made
     * (from version 2 on): it ends with its last whole line.
     */
    observations: z.int().min(1).optional(),
  }),
);
/** The first line of a recording: chain, node and provenance. */
export type RecordingHeader = z.infer<typeof recordingHeaderSchema>;

/** hash, previous hash, height, version, time in seconds. */
export const blockRowSchema = z.tuple([
  hash256Schema,
  hash256Schema,
  blockHeaderSchema.shape.height,
  blockHeaderSchema.shape.version,
  blockHeaderSchema.shape.time_s,
]);
type BlockRow = z.infer<typeof blockRowSchema>;

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

const TIP_CELLS = [
  hash256Schema,
  chainTipSchema.shape.height,
  chainTipSchema.shape.branchlen,
  chainTipSchema.shape.status,
] as const;

/** hash, height, branch length, status, and the chainwork where it is known. */
export const tipRowSchema = z.union([z.tuple(TIP_CELLS), z.tuple([...TIP_CELLS, hash256Schema])]);
type TipRow = z.infer<typeof tipRowSchema>;

/** A chain tip as a row. */
export const tipRow = ({ hash, height, branchlen, status, chainwork }: ChainTip): TipRow =>
  chainwork === undefined
    ? [hash, height, branchlen, status]
    : [hash, height, branchlen, status, chainwork];

/** A row as a chain tip. */
export const tipOf = ([hash, height, branchlen, status, chainwork]: TipRow): ChainTip => ({
  hash,
  height,
  branchlen,
  status,
  ...(chainwork !== undefined && { chainwork }),
});

type Mempool = NonNullable<Observation["mempool"]>;

const count = z.int().min(0);
const cell = count.nullable();

/**
 * Transactions, bytes, fee floor, whether it is loaded, most bytes, fees, transactions not broadcast yet: null
 * where one is not known, and none after the last one that is.
 */
export const mempoolRowSchema = z.union([
  z.tuple([count, count]),
  z.tuple([count, count, cell]),
  z.tuple([count, count, cell, z.boolean().nullable()]),
  z.tuple([count, count, cell, z.boolean().nullable(), cell]),
  z.tuple([count, count, cell, z.boolean().nullable(), cell, cell]),
  z.tuple([count, count, cell, z.boolean().nullable(), cell, cell, cell]),
]);
type MempoolRow = z.infer<typeof mempoolRowSchema>;

/** A mempool as a row. */
export function mempoolRow(mempool: Mempool): MempoolRow {
  const { fee_floor, loaded, max_bytes, total_fee, unbroadcast } = mempool;
  const known = [fee_floor, loaded, max_bytes, total_fee, unbroadcast];
  const length = known.findLastIndex((value) => value !== undefined) + 1;
  const cells = known.slice(0, length).map((value) => value ?? null);
  return [mempool.count, mempool.bytes, ...cells] as MempoolRow;
}

/** A row as a mempool. */
export function mempoolOf(row: MempoolRow): Mempool {
  const [transactions, bytes, fee_floor, loaded, max_bytes, total_fee, unbroadcast] = row;
  return {
    count: transactions,
    bytes,
    ...(isKnown(fee_floor) && { fee_floor }),
    ...(isKnown(loaded) && { loaded }),
    ...(isKnown(max_bytes) && { max_bytes }),
    ...(isKnown(total_fee) && { total_fee }),
    ...(isKnown(unbroadcast) && { unbroadcast }),
  };
}

const isKnown = <T>(value: T | null | undefined): value is T =>
  value !== null && value !== undefined;
