/** The state of one node at one moment, as its RPC answers give it: the only input of the detectors. */
import {
  checkTimeMs,
  hash256Schema,
  heightSchema,
  idSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { sealed, sealedEnum } from "../internal/frozen.js";

/** Most new blocks in one observation: about six days of DigiByte. */
export const MAX_BLOCKS = 35_000;

/** Most chain tips in one observation. */
export const MAX_TIPS = 100_000;

/** Most peers in one observation. */
export const MAX_PEERS = 1_024;

/** Most signatures in one observation. */
export const MAX_SIGNATURES = 65_536;

/** Most entries of missing evidence in one observation. */
export const MAX_UNAVAILABLE = 64;

/** Kinds of evidence that an observation can lack. */
export const UNAVAILABLE_KINDS = Object.freeze([
  "block",
  "tips",
  "mempool",
  "difficulties",
  "peers",
  "signatures",
] as const);

/** Why evidence is lacking. */
export const UNAVAILABLE_REASONS = Object.freeze(["pruned", "failed"] as const);

/** States of a chain tip, as `getchaintips` names them. */
export const TIP_STATUSES = Object.freeze([
  "active",
  "valid-fork",
  "valid-headers",
  "headers-only",
  "invalid",
  "unknown",
] as const);

/** A time of the observer's clock: milliseconds, from 2009 until before 2101. */
export const observedAtSchema = z.number().refine((value) => checkTimeMs(value) === undefined, {
  error: ({ input }) => checkTimeMs(input)?.detail ?? "not a time",
});

/** A block header, as far as the detectors need it. */
export const blockHeaderSchema = sealed(
  z.strictObject({
    hash: hash256Schema,
    /** 64 zeros for the first block. */
    previous_hash: hash256Schema,
    height: heightSchema,
    /** Signed 32-bit; its bits 8–11 name the algorithm on a multi-algorithm chain. */
    version: z.int32(),
    /** The header's own time, in seconds since 1970: set by the miner, not when it came. */
    time_s: z.uint32(),
  }),
);
/** A block header as a node reports it. */
export type BlockHeader = z.infer<typeof blockHeaderSchema>;

/** One entry of `getchaintips`. */
export const chainTipSchema = sealed(
  z.strictObject({
    hash: hash256Schema,
    height: heightSchema,
    /** Blocks between the fork point and this tip; 0 for the active one. */
    branchlen: z.int().min(0),
    status: sealedEnum(z.enum(TIP_STATUSES)),
  }),
);
/** An end of a branch as a node reports it. */
export type ChainTip = z.infer<typeof chainTipSchema>;

/** The mempool at one moment. */
const mempoolSchema = z.strictObject({
  /** Transactions. */
  count: z.int().min(0),
  bytes: z.int().min(0),
  /** Least fee that it takes, in base units for 1,000 virtual bytes; absent where not requested. */
  fee_floor: z.int().min(0).optional(),
});

/** One peer of the node. */
export const peerSchema = z.strictObject({
  /** Its network group, as `peerGroupOf` makes it of an address. */
  group: idSchema,
  inbound: z.boolean(),
  /** Height of the best header that it is known to have; null where that is not known. */
  height: heightSchema.nullable(),
});
/** One peer of the node. */
export type Peer = z.infer<typeof peerSchema>;

/** One ECDSA signature of a transaction that is new. */
export const signatureSchema = z.strictObject({
  /** Its r: 32 bytes, big-endian, as lower-case hex. */
  r: hash256Schema,
  /** The public key that it verifies under, as hex, or another name that stands for that key alone. */
  key: idSchema,
});
/** One ECDSA signature of a transaction. */
export type Signature = z.infer<typeof signatureSchema>;

/** Requested evidence that is missing. */
export const unavailableSchema = z.strictObject({
  what: z.enum(UNAVAILABLE_KINDS),
  /** `pruned`: the node has thrown it away; `failed`: it answered with an error, or not at all. */
  reason: z.enum(UNAVAILABLE_REASONS),
  /** Of a block; null otherwise. */
  height: heightSchema.nullable(),
});
/** Evidence that was requested and is not available. */
export type Unavailable = z.infer<typeof unavailableSchema>;

/** One observation of one node. */
export const observationSchema = sealed(
  z
    .strictObject({
      node_id: idSchema,
      /** Time of the observer's clock, in milliseconds since 1970. */
      at_ms: observedAtSchema,
      /**
       * The observer's monotonic clock at the same moment: milliseconds since any fixed point of the process,
       * never going back. With it a wrong wall clock is recognised; absent where it is not known.
       */
      monotonic_ms: z.number().optional(),
      /** Whether the node is in its initial block download. */
      syncing: z.boolean(),
      /** Whether the node answered. */
      reachable: z.boolean(),
      /** Tip of its active chain; required of a node that answers and is not syncing. */
      tip: blockHeaderSchema.nullable(),
      /** Blocks of its active chain that were not seen before, ascending; there may be gaps. */
      blocks: z.array(blockHeaderSchema).max(MAX_BLOCKS),
      /** All its chain tips; empty where not requested. */
      tips: z.array(chainTipSchema).max(MAX_TIPS),
      /** Its mempool; null where not requested. */
      mempool: mempoolSchema.nullable(),
      /** Difficulty of the next block of each algorithm, by its name; absent where not requested. */
      difficulties: z.record(wordSchema, z.number().positive()).optional(),
      /** Its peers; absent where not requested. */
      peers: z.array(peerSchema).max(MAX_PEERS).optional(),
      /** Signatures of transactions that are new; absent where none were read. */
      signatures: z.array(signatureSchema).max(MAX_SIGNATURES).optional(),
      /** Requested evidence that is missing. */
      unavailable: z.array(unavailableSchema).max(MAX_UNAVAILABLE).optional(),
    })
    .refine(({ tip, reachable, syncing }) => tip !== null || !reachable || syncing, {
      path: ["tip"],
      error: "null, but a node that answers and is not syncing has a tip",
    })
    .refine(({ blocks }) => isAscending(blocks), {
      path: ["blocks"],
      error: "heights do not ascend: sort the blocks, each height once",
    }),
);
/** What is read of one node at one moment. */
export type Observation = z.infer<typeof observationSchema>;

/** An observation of a node that answers and is not syncing: it has a tip. */
export type WatchedObservation = Observation & { tip: BlockHeader };

/**
 * The headers that an observation shows: its new blocks, and its tip where that is not among them.
 *
 * @returns ascending by height
 */
export function headersOf({ blocks, tip }: WatchedObservation): readonly BlockHeader[] {
  return blocks.at(-1)?.hash === tip.hash ? blocks : [...blocks, tip];
}

/** Whether an observation is of a node that answers and is not syncing. */
export const isWatched = (observation: Observation): observation is WatchedObservation =>
  observation.reachable && !observation.syncing && observation.tip !== null;

/** Whether each block is higher than the one before. */
export function isAscending(blocks: readonly BlockHeader[]): boolean {
  return blocks.every(({ height }, i) => i === 0 || height > (blocks[i - 1]?.height ?? height));
}
