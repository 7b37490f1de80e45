/** The answers of a raw recording that are read, field by field. */
import { hash256Schema, heightSchema, PATTERNS, parseOwn, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { errorText } from "../internal/error-text.js";
import {
  type BlockHeader,
  chainTipSchema,
  MAX_TIPS,
  MAX_WARNINGS,
  type NodeInfo,
  type Observation,
  type Peer,
} from "../observation/observation.js";
import { peerGroupOf } from "../observation/peer-group.js";
import { RecordingError } from "./error.js";
import { type RawLine } from "./raw-lines.js";

const NO_PARENT = "0".repeat(64);

/** Base units of a coin. */
const COIN = 100_000_000;

/** How much of one answer is read. */
const RESULT_BOUNDS = { maxDepth: 16, maxEntries: MAX_TIPS } as const;

const warningsSchema = z.union([z.string(), z.array(z.string())]).optional();

const infoSchema = z.object({
  chain: wordSchema.optional(),
  blocks: z.int().optional(),
  headers: z.int().optional(),
  bestblockhash: hash256Schema.optional(),
  initialblockdownload: z.boolean(),
  chainwork: hash256Schema.optional(),
  pruned: z.boolean().optional(),
  pruneheight: heightSchema.optional(),
  difficulties: z.record(z.string(), z.number()).optional(),
  warnings: warningsSchema,
});
/** `getblockchaininfo`. */
export type ChainInfo = z.infer<typeof infoSchema>;

const headerSchema = z.object({
  hash: hash256Schema,
  height: heightSchema,
  version: z.int32(),
  time: z.uint32(),
  previousblockhash: hash256Schema.optional(),
  confirmations: z.int().optional(),
});

const tipsSchema = z.array(z.object(chainTipSchema.omit({ chainwork: true }).shape));

const feeSchema = z.number().min(0);

const mempoolSchema = z.object({
  size: z.int().min(0),
  bytes: z.int().min(0),
  loaded: z.boolean().optional(),
  maxmempool: z.int().min(0).optional(),
  mempoolminfee: feeSchema.optional(),
  total_fee: feeSchema.optional(),
  unbroadcastcount: z.int().min(0).optional(),
});

const peersSchema = z.array(
  z.object({
    addr: z.string().optional(),
    network: z.string().optional(),
    inbound: z.boolean(),
    startingheight: z.int().optional(),
    synced_headers: z.int().optional(),
    synced_blocks: z.int().optional(),
    connection_type: z.string().optional(),
    subver: z.string().optional(),
    timeoffset: z.int().optional(),
  }),
);

const networkSchema = z.object({
  subversion: z.string(),
  protocolversion: z.int().min(0).optional(),
  networkactive: z.boolean().optional(),
  timeoffset: z.int().optional(),
  warnings: warningsSchema,
});

/**
 * The result of an answer, as a schema has it.
 *
 * @throws RecordingError `invalid_record`
 */
export function resultOf<T>({ result, method, line }: RawLine, schema: z.ZodType<T>): T {
  const read = parseOwn(schema, result, RESULT_BOUNDS);
  if (read.ok) return read.value;
  const text = errorText(schema, result, read.path);
  const what = `${method ?? "answer"} at /result${read.path}: ${text}`;
  throw new RecordingError("invalid_record", line, what);
}

/** Reads `getblockchaininfo`. */
export const infoOf = (raw: RawLine): ChainInfo => resultOf(raw, infoSchema);

/** Reads a header of `getblockheader` or `getblock`, and its confirmations. */
export function headerOf(raw: RawLine): { header: BlockHeader; confirmations: number | undefined } {
  const { hash, height, version, time, previousblockhash, confirmations } = resultOf(
    raw,
    headerSchema,
  );
  const previous_hash = previousblockhash ?? NO_PARENT;
  return { header: { hash, previous_hash, height, version, time_s: time }, confirmations };
}

/** Reads `getchaintips`. */
export const tipsOf = (raw: RawLine): Observation["tips"] => resultOf(raw, tipsSchema);

/** Reads `getmempoolinfo`. */
export function mempoolOf(raw: RawLine): Observation["mempool"] {
  const info = resultOf(raw, mempoolSchema);
  const { mempoolminfee, total_fee } = info;
  return {
    count: info.size,
    bytes: info.bytes,
    ...(mempoolminfee !== undefined && { fee_floor: baseUnits(mempoolminfee) }),
    ...(info.loaded !== undefined && { loaded: info.loaded }),
    ...(info.maxmempool !== undefined && { max_bytes: info.maxmempool }),
    ...(total_fee !== undefined && { total_fee: baseUnits(total_fee) }),
    ...(info.unbroadcastcount !== undefined && { unbroadcast: info.unbroadcastcount }),
  };
}

/** Base units of an amount in coins, as an RPC answer has it. */
export const baseUnits = (coins: number): number => Math.round(coins * COIN);

/** Reads `getpeerinfo`. */
export const peersOf = (raw: RawLine): Peer[] =>
  resultOf(raw, peersSchema).map((peer) => {
    const { addr, network, inbound, startingheight, synced_blocks } = peer;
    const { connection_type, subver, timeoffset } = peer;
    return {
      group: peerGroupOf(addr ?? "", network),
      inbound,
      height: knownHeight(peer.synced_headers) ?? null,
      ...(knownHeight(startingheight) !== undefined && { starting_height: startingheight }),
      ...(synced_blocks !== undefined && { synced_blocks: knownHeight(synced_blocks) ?? null }),
      ...(connection_type !== undefined && { connection_type: cut(connection_type, 64) }),
      ...(network !== undefined && { network: cut(network, 32) }),
      ...(subver !== undefined && { software: cut(subver, 256) }),
      ...(timeoffset !== undefined && { time_offset_s: timeoffset }),
    };
  });

/** Of a height that a node gives as −1 while it has none. */
const knownHeight = (height: number | undefined): number | undefined =>
  height === undefined || height < 0 ? undefined : height;

/** Reads `getnetworkinfo`. */
export function nodeOf(raw: RawLine): { node: NodeInfo; warnings: string[] | undefined } {
  const { subversion, protocolversion, networkactive, timeoffset, warnings } = resultOf(
    raw,
    networkSchema,
  );
  const node = {
    software: cut(subversion, 256),
    ...(protocolversion !== undefined && { protocol: protocolversion }),
    ...(networkactive !== undefined && { network_active: networkactive }),
    ...(timeoffset !== undefined && { time_offset_s: timeoffset }),
  };
  return { node, warnings: warnings === undefined ? undefined : warningsOf(warnings) };
}

/** Warnings, which are one text or, from Core 28 on, a list. */
const warningsOf = (given: string | readonly string[]): string[] =>
  (typeof given === "string" ? [given] : given)
    .filter((text) => text !== "")
    .slice(0, MAX_WARNINGS)
    .map((text) => cut(text, 512));

/** Fields of `getblockchaininfo` besides the tip. */
export function chainFieldsOf(info: ChainInfo): Partial<Observation> {
  const { headers, chainwork, pruned, pruneheight, warnings } = info;
  const difficulties = Object.entries(info.difficulties ?? {}).filter(
    ([name, difficulty]) => difficulty > 0 && PATTERNS.word.test(name),
  );
  const best = knownHeight(headers);
  return {
    ...(best !== undefined && { best_header_height: best }),
    ...(chainwork !== undefined && { chainwork }),
    ...(pruned === true && pruneheight !== undefined && { pruned_below: pruneheight }),
    ...(warnings !== undefined && { warnings: warningsOf(warnings) }),
    ...(difficulties.length > 0 && { difficulties: Object.fromEntries(difficulties) }),
  };
}

const cut = (text: string, most: number): string => text.slice(0, most).toWellFormed();
