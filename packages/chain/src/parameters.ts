/** The schema of a chain's parameters, and what follows from them: algorithms by version and height. */
import { hash256Schema, heightSchema, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { deepFrozen, sealed } from "./internal/frozen.js";

/** Seconds of a Julian year. */
const SECONDS_PER_YEAR = 31_557_600;

const ALGORITHM_MASK = 0x0f00;
const ALGORITHM_SHIFT = 8;

/** A mining algorithm of a multi-algorithm chain. */
export const algorithmSchema = sealed(
  z.strictObject({
    name: wordSchema,
    /** Its bits in a block's version: `(version & 0x0F00) >> 8`. */
    bits: z.int().min(0).max(15),
    /** First height at which a block may use it. */
    active_from: heightSchema,
    /** First height at which a block may no longer use it; null while it is in use. */
    retired_at: heightSchema.nullable(),
  }),
);
/** A mining algorithm of a chain, with its bits and heights. */
export type Algorithm = z.infer<typeof algorithmSchema>;

/** Where a parameter was read, such as `DigiByte Core 8.22 chainparams.cpp`. */
const sourceSchema = z.string().min(1).max(128);

const VERSION = /^\d{1,4}(\.\d{1,4}){0,2}$/;

/** One byte in front of a Base58Check payload. */
const versionByteSchema = z.int().min(0).max(255);

/** How a chain writes addresses. */
export const addressFormatSchema = sealed(
  z.strictObject({
    /** Version byte of a Base58Check address of a public key hash. */
    p2pkh_version: versionByteSchema,
    /** Version bytes of a Base58Check address of a script hash: the one that wallets make first, then older ones. */
    p2sh_versions: z.array(versionByteSchema).min(1).max(4),
    /** Human-readable part of Bech32 and Bech32m addresses. */
    hrp: z.string().regex(/^[a-z]{1,16}$/),
    source: sourceSchema,
  }),
);
/** How a chain's addresses are written. */
export type AddressFormat = z.infer<typeof addressFormatSchema>;

/** One change of the consensus rules: an entry of the calendar. */
export const consensusChangeSchema = sealed(
  z.strictObject({
    name: wordSchema,
    /** First height at which the new rules hold. */
    height: heightSchema,
    /** What changes, in one line. */
    summary: z.string().min(1).max(256),
    /** First version of the node software that enforces it; null where that is not known. */
    from_version: z.string().regex(VERSION).nullable(),
    source: sourceSchema,
  }),
);
/** A change of the consensus rules at a height. */
export type ConsensusChange = z.infer<typeof consensusChangeSchema>;

/** A subsidy that halves. */
const subsidySchema = z.strictObject({
  /** Base units that the first blocks may create. */
  initial: z.int().min(1),
  /** Blocks after which it is half as much, rounded down. */
  halving_blocks: z.int().min(1),
  source: sourceSchema,
});

const shapeChangesSchema = z.strictObject({
  algorithm: wordSchema,
  /** Seconds between two changes; they lie at its multiples, by the time of the header. */
  interval_seconds: z.int().min(3_600),
  /** Seconds until its miners have followed, at most. */
  settle_seconds: z.int().min(0).max(86_400),
  source: sourceSchema,
});

/** Parameters of a chain. Optional fields are absent where the sources do not give them. */
export const chainParametersSchema = sealed(
  z.strictObject({
    /** `digibyte`, `digibyte_regtest`, … */
    name: wordSchema,
    /** Name of the network in `chain` of `getblockchaininfo`, such as `main`. */
    network: wordSchema.optional(),
    /** Target time between blocks, in seconds. */
    spacing_seconds: z.number().positive().max(86_400),
    /** Its mining algorithms; none where the version bits do not name one. */
    algorithms: z.array(algorithmSchema),
    /** Probability that a block of the honest chain is orphaned. */
    stale_rate: z.number().gt(0).lt(1),
    /**
     * How much the honest rate of blocks varies about its target: variance over squared mean. Hash rate
     * comes and goes, and difficulty follows late. Absent: 0, a rate that never varies.
     */
    rate_variance: z.number().min(0).max(1).optional(),
    /** Blocks over which difficulty follows the hash rate. Absent: a few, or none at all. */
    retarget_blocks: z.int().min(1).max(1_000_000).optional(),
    /**
     * `equal`: the retarget gives each active algorithm the same share of the blocks. Absent: nothing is
     * known of shares, as on a regtest.
     */
    algorithm_shares: z.literal("equal").optional(),
    /**
     * Connections that a node of this chain opens by itself and keeps. Absent: not known, as on a
     * regtest.
     */
    outbound_peers: z.int().min(1).max(1_000).optional(),
    /** Most bytes of a block, without witnesses. Absent: not known. */
    max_block_bytes: z.int().min(1_000).max(1_000_000_000).optional(),
    /** What a block may create; absent where it is not certain. */
    subsidy: subsidySchema.optional(),
    /** An algorithm that its miners must follow to a new shape, at each multiple of an interval since 1970. */
    shape_changes: shapeChangesSchema.optional(),
    /** Hash of the first block, and where it was read. */
    genesis: z.strictObject({ hash: hash256Schema, source: sourceSchema }).optional(),
    addresses: addressFormatSchema.optional(),
    /** Calendar of consensus changes, ascending by height. Absent: none is on record here. */
    consensus_changes: z.array(consensusChangeSchema).max(256).optional(),
  }),
);
/** The parameters of one chain. */
export type ChainParameters = z.infer<typeof chainParametersSchema>;

/**
 * Copies and freezes a chain's parameters. Each field is the copy's own, absent ones too: none is read through
 * a prototype.
 *
 * @param chain parameters that `chainParametersSchema` accepts
 */
export const copyOfChain = ({
  name,
  spacing_seconds,
  algorithms,
  stale_rate,
  rate_variance,
  retarget_blocks,
  algorithm_shares,
  outbound_peers,
  network,
  max_block_bytes,
  subsidy,
  shape_changes,
  genesis,
  addresses,
  consensus_changes,
}: ChainParameters): ChainParameters =>
  deepFrozen({
    name,
    spacing_seconds,
    algorithms: algorithms.map((one) => ({ ...one })),
    stale_rate,
    rate_variance,
    retarget_blocks,
    algorithm_shares,
    outbound_peers,
    network,
    max_block_bytes,
    subsidy: subsidy && { ...subsidy },
    shape_changes: shape_changes && { ...shape_changes },
    genesis: genesis && { ...genesis },
    addresses: addresses && { ...addresses, p2sh_versions: [...addresses.p2sh_versions] },
    consensus_changes: consensus_changes?.map((one) => ({ ...one })),
  });

/**
 * The bits of a block version that name its algorithm.
 *
 * @param version a block's version, as a signed 32-bit integer
 * @returns 0 to 15; NaN, which is no algorithm's, for what is no integer
 * @example algorithmBits(0x20000402) // 4
 */
export const algorithmBits = (version: number): number =>
  Number.isSafeInteger(version) ? (version & ALGORITHM_MASK) >> ALGORITHM_SHIFT : NaN;

/**
 * The algorithm that a block version names.
 *
 * @param chain whose algorithms are looked through
 * @param version a block's version, as a signed 32-bit integer
 * @returns undefined for bits that the chain's table does not have: an anomaly too
 * @example algorithmOf(digibyte, 0x00000400)?.name // "groestl"
 */
export const algorithmOf = (chain: ChainParameters, version: number): Algorithm | undefined =>
  chain.algorithms.find(({ bits }) => bits === algorithmBits(version));

/**
 * Whether a block at a height may use an algorithm.
 *
 * @param algorithm an entry of a chain's `algorithms`
 * @param height of the block; what is no integer is no height
 * @example isActiveAt({ name: "groestl", bits: 4, active_from: 0, retired_at: 9_112_320 }, 23_751_096) // false
 */
export const isActiveAt = (algorithm: Algorithm, height: number): boolean =>
  Number.isSafeInteger(height) &&
  height >= algorithm.active_from &&
  (algorithm.retired_at === null || height < algorithm.retired_at);

/**
 * Blocks that the chain makes in a year of 31,557,600 s at its target spacing.
 *
 * @param chain whose spacing counts
 * @returns blocks a year, not rounded
 * @example blocksPerYear(digibyte) // 2103840
 */
export const blocksPerYear = (chain: ChainParameters): number =>
  SECONDS_PER_YEAR / chain.spacing_seconds;
