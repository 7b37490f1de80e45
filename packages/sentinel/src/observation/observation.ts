/** The state of one node at one moment, as its RPC answers give it: the only input of the detectors. */
import {
  checkTimeMs,
  hash256Schema,
  heightSchema,
  idSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { RPC_FAILURE_KINDS } from "@dgb-shield/chain";
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

/** Most blocks of which one observation gives the coinbase. */
export const MAX_BLOCK_DETAILS = 4_096;

/** Most branches that fell out of the chain in one observation. */
export const MAX_DROPPED_BRANCHES = 8;

/** Most transactions that one observation names of such a branch; all are counted. */
export const MAX_DROPPED_NAMED = 64;

/** Most double spends of one observation. */
export const MAX_DOUBLE_SPENDS = 64;

/** Most warnings of a node in one observation. */
export const MAX_WARNINGS = 16;

/** Versions of the observation model: 1 has the fields of a node's chain alone, 2 those of its sources too. */
export const OBSERVATION_VERSION = 2;

/** What became of the tip that was shown before. */
export const LAST_TIP_STATUSES = Object.freeze(["active", "lost", "unknown"] as const);

/** Signature schemes. */
export const SIGNATURE_SCHEMES = Object.freeze(["ecdsa", "schnorr"] as const);

/** Kinds of evidence that an observation can lack. */
export const UNAVAILABLE_KINDS = Object.freeze([
  "block",
  "tips",
  "mempool",
  "difficulties",
  "peers",
  "signatures",
  "prevouts",
  "branch",
] as const);

/** Why evidence is lacking. */
export const UNAVAILABLE_REASONS = Object.freeze([
  "pruned",
  "failed",
  "unsupported",
  "too_deep",
] as const);

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
    /** Chainwork of the tip; absent where it was not requested. */
    chainwork: hash256Schema.optional(),
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
  /** Whether it is whole: false while the node loads it after a start. */
  loaded: z.boolean().optional(),
  /** Most bytes that it holds (`maxmempool`). */
  max_bytes: z.int().min(0).optional(),
  /** Fees of all its transactions, in base units. */
  total_fee: z.int().min(0).optional(),
  /** Transactions that no peer has requested yet. */
  unbroadcast: z.int().min(0).optional(),
});

/** Text of a node: of a bounded length, as it came. */
const textSchema = (most: number) => z.string().max(most);

/** One peer of the node. */
export const peerSchema = z.strictObject({
  /** Its network group, as `peerGroupOf` makes it of an address. */
  group: idSchema,
  inbound: z.boolean(),
  /** Height of the best header that it is known to have; null where that is not known. */
  height: heightSchema.nullable(),
  /** Height that it stated when it connected (`startingheight`). */
  starting_height: heightSchema.optional(),
  /** Last block that it has in common with the node (`synced_blocks`). */
  synced_blocks: heightSchema.nullable().optional(),
  /** `connection_type` of the entry, such as `outbound-full-relay` or `block-relay-only`. */
  connection_type: textSchema(64).optional(),
  /** `network` of the entry, such as `ipv4` or `onion`. */
  network: textSchema(32).optional(),
  /** Its software as it names itself (`subver`). */
  software: textSchema(256).optional(),
  /** Seconds that its clock is ahead of the node's (`timeoffset`). */
  time_offset_s: z.int().optional(),
});
/** One peer of the node. */
export type Peer = z.infer<typeof peerSchema>;

/** One signature of a transaction that is new. */
export const signatureSchema = z.strictObject({
  /** Its r: 32 bytes, big-endian, as lower-case hex. */
  r: hash256Schema,
  /** The public key that it verifies under, as hex, or another name that stands for that key alone. */
  key: idSchema,
  /** Its s, as r; absent where it is not known. */
  s: hash256Schema.optional(),
  /** Absent: `ecdsa`. */
  scheme: z.enum(SIGNATURE_SCHEMES).optional(),
  /** The transaction that it is in. */
  txid: hash256Schema.optional(),
});
/** One signature of a transaction. */
export type Signature = z.infer<typeof signatureSchema>;

/** Requested evidence that is missing. */
export const unavailableSchema = z.strictObject({
  what: z.enum(UNAVAILABLE_KINDS),
  /**
   * `pruned`: the node has thrown it away; `failed`: it answered with an error, or not at all; `unsupported`: its
   * version does not have it; `too_deep`: there is more of it than is read.
   */
  reason: z.enum(UNAVAILABLE_REASONS),
  /** Of a block; null otherwise. */
  height: heightSchema.nullable(),
});
/** Evidence that was requested and is not available. */
export type Unavailable = z.infer<typeof unavailableSchema>;

/** Chainwork as a node gives it: 32 bytes, big-endian, as lower-case hex. It is read and never computed. */
const chainworkSchema = hash256Schema;

/** The chain that a node is on, by its own statement. */
const nodeChainSchema = z.strictObject({
  /** `chain` of `getblockchaininfo`: `main`, `test`, `regtest`, `signet`, … */
  network: wordSchema.optional(),
  genesis_hash: hash256Schema.optional(),
});

/** The node's software and settings, which seldom change. */
const nodeInfoSchema = z.strictObject({
  /** `subversion` of `getnetworkinfo`, such as `/DigiByte:9.26.5/`. */
  software: textSchema(256),
  /** `protocolversion`. */
  protocol: z.int().min(0).optional(),
  /** Whether it talks to peers at all (`networkactive`). */
  network_active: z.boolean().optional(),
  /** Connections that it opens by its configuration; absent: those of the chain's parameters. */
  outbound_target: z.int().min(0).max(1_000).optional(),
  /** Seconds that its peers' clocks are ahead of its own, in the median (`timeoffset`). */
  time_offset_s: z.int().optional(),
});
/** The node's software and settings. */
export type NodeInfo = z.infer<typeof nodeInfoSchema>;

/** The last call of a poll that failed. */
const failureSchema = z.strictObject({
  kind: z.enum(RPC_FAILURE_KINDS),
  /** HTTP status, or code of the RPC error; null where there is none. */
  code: z.int().nullable(),
});
/** Why a poll failed. */
export type Failure = z.infer<typeof failureSchema>;

/** Where the tip of the last observation is now. */
const lastTipSchema = z.strictObject({
  hash: hash256Schema,
  height: heightSchema,
  /** `lost`: the node states −1 confirmations; `unknown`: it has no such block. */
  status: z.enum(LAST_TIP_STATUSES),
  /** Last block that its branch shares with the active chain; null where that is not known. */
  fork_height: heightSchema.nullable(),
});

/** What a block's coinbase pays, and the fees of its transactions, in base units. */
export const blockDetailSchema = sealed(
  z.strictObject({
    hash: hash256Schema,
    height: heightSchema,
    coinbase_value: z.int().min(0),
    fees: z.int().min(0),
  }),
);
/** What a block's coinbase pays. */
export type BlockDetail = z.infer<typeof blockDetailSchema>;

/** A branch that fell out of the active chain, and those of its transactions that are in no new block. */
export const droppedSchema = sealed(
  z.strictObject({
    /** The tip of the branch, as it was shown. */
    lost_tip: hash256Schema,
    /** Last block that it shares with the active chain. */
    fork_height: heightSchema,
    /** Blocks of the branch above it, and how many of them were read. */
    blocks: z.int().min(1),
    blocks_read: z.int().min(0),
    /** Blocks of the active chain above it that were not read: what is in them counts as dropped. */
    new_blocks_unread: z.int().min(0),
    /** Transactions that are in no new block; coinbases, which every lost block has, are left out. */
    count: z.int().min(0),
    /** The first of them, in the order of the branch. */
    txids: z.array(hash256Schema).max(MAX_DROPPED_NAMED),
  }),
);
/** A branch that fell out of the active chain. */
export type Dropped = z.infer<typeof droppedSchema>;

/** An outpoint that a transaction of a lost branch spends, and another one of the active chain, too. */
export const doubleSpendSchema = sealed(
  z.strictObject({
    /** The outpoint; the first one where there are several. */
    spent_txid: hash256Schema,
    spent_vout: z.uint32(),
    /** The transaction that fell out, and the confirmations that it had. */
    lost_txid: hash256Schema,
    confirmations: z.int().min(1),
    /** The one in its place. */
    new_txid: hash256Schema,
    new_height: heightSchema,
    lost_tip: hash256Schema,
    fork_height: heightSchema,
    /** What the first one paid to the scripts that get less by the second one, in base units. */
    paid: z.int().min(0),
    /** How much less they get. */
    withdrawn: z.int().min(0),
    /** How much more other scripts get, and those that the first one did not pay. */
    redirected: z.int().min(0),
  }),
);
/** Two transactions that spend one outpoint. */
export type DoubleSpend = z.infer<typeof doubleSpendSchema>;

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
      /**
       * Every block of its active chain that was not shown before, ascending: from the last tip on, or from where its
       * branch forked off. One that is missing is a finding.
       */
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
      /** Version of this model; absent: 1, which has none of the fields below. */
      version: z.literal([1, OBSERVATION_VERSION]).optional(),
      /** Which chain the node is on. */
      chain: nodeChainSchema.optional(),
      node: nodeInfoSchema.optional(),
      /** Why the poll failed; of a node that did not answer, or whose answers are incomplete. */
      failure: failureSchema.optional(),
      /** Whether the node still loads its chain after a start (RPC error −28): it has no tip to show yet. */
      warming_up: z.boolean().optional(),
      /** Whether it was started since the last observation: its mempool and its peers are new. */
      restarted: z.boolean().optional(),
      /** Whether its answers could not be read as one moment. */
      torn: z.boolean().optional(),
      /** Whether further new blocks follow in the next observation: its tip is the last one that is shown. */
      more: z.boolean().optional(),
      /** Height of the best header that it has (`headers`). */
      best_header_height: heightSchema.optional(),
      /** Chainwork of its tip. */
      chainwork: chainworkSchema.optional(),
      /** Where the tip of the observation before is now. */
      last_tip: lastTipSchema.optional(),
      /** The node's own clock, in seconds since 1970. */
      node_time_s: z.uint32().optional(),
      /** Lowest height whose block it still has; absent where nothing was pruned. */
      pruned_below: heightSchema.optional(),
      /** Its warnings, as they came. */
      warnings: z.array(textSchema(512)).max(MAX_WARNINGS).optional(),
      /** Coinbases of the new blocks; absent where blocks were not read. */
      details: z.array(blockDetailSchema).max(MAX_BLOCK_DETAILS).optional(),
      /** Branches that fell out of the chain, once the new blocks up to the tip were read. */
      dropped: z.array(droppedSchema).max(MAX_DROPPED_BRANCHES).optional(),
      /** Double spends that new blocks show; absent where transactions were not read. */
      double_spends: z.array(doubleSpendSchema).max(MAX_DOUBLE_SPENDS).optional(),
    })
    .refine(
      ({ tip, reachable, syncing, warming_up, failure }) =>
        tip !== null ||
        !reachable ||
        syncing ||
        warming_up === true ||
        failure?.kind === "overloaded",
      {
        path: ["tip"],
        error:
          "null, but a node that answers and is neither syncing, warming up nor overloaded has a tip",
      },
    )
    .refine(({ blocks }) => isAscending(blocks), {
      path: ["blocks"],
      error: "heights do not ascend: sort the blocks, each height once",
    }),
);
/** What is read of one node at one moment. */
export type Observation = z.infer<typeof observationSchema>;

/** An observation of a node that answers and is neither syncing nor warming up: it has a tip. */
export type WatchedObservation = Observation & { tip: BlockHeader };

/**
 * The headers that an observation shows: its new blocks, and its tip where that is not among them.
 *
 * @returns ascending by height
 */
export function headersOf({ blocks, tip }: WatchedObservation): readonly BlockHeader[] {
  return blocks.at(-1)?.hash === tip.hash ? blocks : [...blocks, tip];
}

/** Whether an observation is of a node that answers and is neither syncing nor warming up. */
export const isWatched = (observation: Observation): observation is WatchedObservation =>
  observation.reachable &&
  !observation.syncing &&
  observation.warming_up !== true &&
  observation.tip !== null;

/** Whether an observation is of a node that is too busy to answer: it runs, and shows nothing. */
export const isOverloaded = ({ failure, tip }: Observation): boolean =>
  tip === null && failure?.kind === "overloaded";

/** Whether each block is higher than the one before. */
export function isAscending(blocks: readonly BlockHeader[]): boolean {
  return blocks.every(({ height }, i) => i === 0 || height > (blocks[i - 1]?.height ?? height));
}
