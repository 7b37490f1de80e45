/** Reader of a record of stale blocks: `height,hash,header`, as the bitcoin-data/stale-blocks dataset has it. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { BlockHeader, Observation } from "../observation/observation.js";
import { RecordingError } from "./error.js";
import { numberLines } from "./lines.js";

const TITLE = "height,hash,header";

/** 80 bytes: version 4, previous hash 32, merkle root 32, time 4, bits 4, nonce 4; little-endian. */
const RAW_HEADER = /^[0-9a-f]{160}$/;
const PREVIOUS_AT = 8;
const TIME_AT = 136;

/** Time of Bitcoin's first block, in seconds since 1970. */
const GENESIS_S = 1_231_006_505;
const SPACING_S = 600;

const rowSchema = z.tuple([
  z.string().regex(/^\d{1,9}$/),
  hash256Schema,
  z.union([z.literal(""), z.string().regex(RAW_HEADER)]),
]);

/** A block that was not, or did not stay, in the active chain. */
export type StaleBlock = {
  height: number;
  hash: string;
  /** Null where its header is not on record. */
  previous_hash: string | null;
  /** In seconds since 1970; null where its header is not on record. */
  time_s: number | null;
};

/** Stale blocks that stand on one another, ascending; the first stands on the active chain. */
export type StaleBranch = readonly [StaleBlock, ...StaleBlock[]];

/**
 * Reads a record of stale blocks, in any order of lines.
 *
 * @param lines split at line breaks; the first is the title `height,hash,header`
 * @returns ascending by height, then by hash
 * @throws RecordingError `empty`, `foreign_format`, `invalid_record`
 */
export function readStaleBlocks(lines: Iterable<string>): StaleBlock[] {
  const blocks: StaleBlock[] = [];
  for (const { text, line } of numberLines(lines)) {
    if (line > 1) blocks.push(blockOf(text, line));
    else if (text !== TITLE)
      throw new RecordingError("foreign_format", line, `the first line is not ${TITLE}`);
  }
  if (blocks.length === 0) throw new RecordingError("empty", 1, "no stale block");
  return blocks.sort((a, b) => a.height - b.height || (a.hash < b.hash ? -1 : 1));
}

/**
 * Joins stale blocks to branches by their headers. A block whose header is missing is taken to stand on
 * the stale block below it, where there is one: that errs towards deeper reorganisations.
 *
 * @param blocks ascending by height
 */
export function staleBranches(blocks: readonly StaleBlock[]): StaleBranch[] {
  const byTip = new Map<string, StaleBranch>();
  const hashAt = new Map<number, string>();
  for (const block of blocks) {
    const below = byTip.get(block.previous_hash ?? hashAt.get(block.height - 1) ?? "");
    if (below !== undefined) byTip.delete(below.at(-1)?.hash ?? "");
    hashAt.set(block.height, block.hash);
    byTip.set(block.hash, below === undefined ? [block] : [...below, block]);
  }
  return [...byTip.values()];
}

/**
 * Makes the observations of a node that followed each branch until the active chain was one block longer: one
 * for each, with the branch among its chain tips. The record does not contain the active chain: its hashes
 * are made up. Most headers before 2014 are missing and with them their times: all
 * times are those that the heights would have at the target spacing.
 *
 * @param branches in any order
 */
export function* staleObservations(
  branches: readonly StaleBranch[],
  { node_id }: Readonly<{ node_id: string }>,
): Generator<{ branch: StaleBranch | null; observation: Observation }> {
  const ordered = branches.toSorted((a, b) => tipOf(a).height - tipOf(b).height);
  const [first] = ordered;
  if (first === undefined) return;
  for (const branch of [null, ...ordered]) {
    const side = tipOf(branch ?? first);
    const height = branch === null ? first[0].height - 1 : side.height + 1;
    const time_s = GENESIS_S + height * SPACING_S;
    const at_ms = time_s * 1_000;
    const tip = madeUpHeader(height, time_s);
    const active = { hash: tip.hash, height, branchlen: 0, status: "active" as const };
    const { hash } = side;
    const lost = { hash, height: side.height, status: "valid-fork" as const };
    const tips = branch === null ? [active] : [active, { ...lost, branchlen: branch.length }];
    const common = { node_id, at_ms, syncing: false, reachable: true, mempool: null };
    yield { branch, observation: { ...common, tip, blocks: [tip], tips } };
  }
}

const tipOf = (branch: StaleBranch): StaleBlock => branch.at(-1) ?? branch[0];

function blockOf(text: string, line: number): StaleBlock {
  const { success, data } = rowSchema.safeParse(text.split(","));
  if (!success) {
    const detail = `not ${TITLE}: a height, 64 hexadecimal digits, 160 of them or nothing`;
    throw new RecordingError("invalid_record", line, detail);
  }
  const [digits, hash, raw] = data;
  const height = heightSchema.parse(Number(digits));
  if (raw === "") return { height, hash, previous_hash: null, time_s: null };
  const previous_hash = reversed(raw.slice(PREVIOUS_AT, PREVIOUS_AT + 64));
  const time_s = parseInt(reversed(raw.slice(TIME_AT, TIME_AT + 8)), 16);
  return { height, hash, previous_hash, time_s };
}

/** Hex in the other order of bytes. */
const reversed = (hex: string): string => hex.match(/../g)?.reverse().join("") ?? "";

const madeUpHash = (height: number): string => `a${height.toString(16).padStart(63, "0")}`;

const madeUpHeader = (height: number, time_s: number): BlockHeader => ({
  hash: madeUpHash(height),
  previous_hash: madeUpHash(height - 1),
  height,
  version: 0x20000000,
  time_s,
});
