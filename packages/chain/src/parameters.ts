/** What a chain promises of itself, as data: spacing, algorithms and their heights (design: layer 1). */
import { heightSchema, wordSchema } from "@dgb-shield/contract";
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
export type Algorithm = z.infer<typeof algorithmSchema>;

/** Parameters of a chain. */
export const chainParametersSchema = sealed(
  z.strictObject({
    /** `digibyte`, `digibyte_regtest`, … */
    name: wordSchema,
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
     * Connections that a node of this chain opens by itself and keeps. Absent: nobody can say how many
     * peers a node has, as on a regtest.
     */
    outbound_peers: z.int().min(1).max(1_000).optional(),
  }),
);
export type ChainParameters = z.infer<typeof chainParametersSchema>;

/** A frozen copy of a chain's parameters. Each field is its own, absent ones too: none is read through a prototype. */
export const copyOfChain = ({
  name,
  spacing_seconds,
  algorithms,
  stale_rate,
  rate_variance,
  retarget_blocks,
  algorithm_shares,
  outbound_peers,
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
 * @returns undefined for bits that the chain does not know: an anomaly too, never to be ignored
 * @example algorithmOf(digibyte, 0x00000400)?.name // "groestl"
 */
export const algorithmOf = (chain: ChainParameters, version: number): Algorithm | undefined =>
  chain.algorithms.find(({ bits }) => bits === algorithmBits(version));

/** Whether a block at `height` may use `algorithm`; false for a height that is no integer. */
export const isActiveAt = (algorithm: Algorithm, height: number): boolean =>
  Number.isSafeInteger(height) &&
  height >= algorithm.active_from &&
  (algorithm.retired_at === null || height < algorithm.retired_at);

/**
 * Blocks that the chain makes in a year at its target spacing.
 *
 * @example blocksPerYear(digibyte) // 2103840
 */
export const blocksPerYear = (chain: ChainParameters): number =>
  SECONDS_PER_YEAR / chain.spacing_seconds;
