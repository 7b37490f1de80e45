/** The lines of a compact recording: an observation without what follows from the one before. */
import { canonicalize } from "@dgb-shield/contract";
import { z } from "zod";
import {
  type BlockHeader,
  type ChainTip,
  MAX_BLOCKS,
  MAX_TIPS,
  type Observation,
  observationSchema,
} from "../observation/observation.js";
import {
  blockOf,
  blockRow,
  blockRowSchema,
  COMPACT_VERSION,
  mempoolOf,
  mempoolRow,
  mempoolRowSchema,
  type RecordingHeader,
  tipOf,
  tipRow,
  tipRowSchema,
} from "./compact-format.js";
import { LABEL } from "./labelled.js";

const { shape } = observationSchema;

/** Fields of one moment: a line has them itself, or they are absent. */
const MOMENTARY = {
  monotonic_ms: shape.monotonic_ms,
  signatures: shape.signatures,
  unavailable: shape.unavailable,
  failure: shape.failure,
  warming_up: shape.warming_up,
  restarted: shape.restarted,
  torn: shape.torn,
  more: shape.more,
  last_tip: shape.last_tip,
  node_time_s: shape.node_time_s,
  details: shape.details,
  dropped: shape.dropped,
  double_spends: shape.double_spends,
} as const;

/** Fields that last: as in the line before where a line omits them, absent where it has null. */
const LASTING = {
  difficulties: shape.difficulties.nullable(),
  peers: shape.peers.nullable(),
  version: shape.version.nullable(),
  chain: shape.chain.nullable(),
  node: shape.node.nullable(),
  best_header_height: shape.best_header_height.nullable(),
  chainwork: shape.chainwork.nullable(),
  pruned_below: shape.pruned_below.nullable(),
  warnings: shape.warnings.nullable(),
} as const;

const momentary = Object.keys(MOMENTARY) as (keyof typeof MOMENTARY)[];
const lasting = Object.keys(LASTING) as (keyof typeof LASTING)[];

const CHAIN_FIELDS = {
  label: z.string().regex(LABEL),
  at_ms: shape.at_ms,
  syncing: z.literal(true).optional(),
  reachable: z.literal(false).optional(),
  tip: blockRowSchema.nullable().optional(),
  blocks: z.array(blockRowSchema).max(MAX_BLOCKS).optional(),
  tips: z.array(tipRowSchema).max(MAX_TIPS).optional(),
  mempool: mempoolRowSchema.nullable().optional(),
} as const;

const lineSchema = z.strictObject({ ...CHAIN_FIELDS, ...MOMENTARY, ...LASTING });
type CompactLine = z.infer<typeof lineSchema>;

/** Version 1: no field lasts but tip, tips and mempool. */
const lineSchemaV1 = z.strictObject({
  ...CHAIN_FIELDS,
  monotonic_ms: shape.monotonic_ms,
  difficulties: shape.difficulties,
  peers: shape.peers,
  signatures: shape.signatures,
  unavailable: shape.unavailable,
});

/** The schema of a line by the version of the header. */
export const lineSchemaOf = (version: RecordingHeader["version"]): z.ZodType<CompactLine> =>
  version === 1 ? lineSchemaV1 : lineSchema;

/**
 * Makes the line of an observation, in the version that is written.
 *
 * @param before undefined for the first line
 */
export function compactLine(
  label: string,
  observation: Observation,
  before: Observation | undefined,
): CompactLine {
  const { at_ms, syncing, reachable, tip, blocks, tips, mempool } = observation;
  const implied = impliedFields(before, blocks, COMPACT_VERSION);
  const line: Record<string, unknown> = {
    label,
    at_ms,
    ...(syncing && { syncing }),
    ...(!reachable && { reachable }),
    ...(blocks.length > 0 && { blocks: blocks.map(blockRow) }),
    ...(!isSame(tip, implied.tip) && { tip: tip && blockRow(tip) }),
    ...(!isSame(tips, implied.tips) && { tips: tips.map(tipRow) }),
    ...(!isSame(mempool, implied.mempool) && { mempool: mempool && mempoolRow(mempool) }),
  };
  for (const key of momentary) {
    if (observation[key] !== undefined) line[key] = observation[key];
  }
  const lasted = lastingFields(before, tip);
  for (const key of lasting) {
    const [value, expected] = [observation[key] ?? null, lasted[key] ?? null];
    if (!isSame(value, expected)) line[key] = value;
  }
  return line as CompactLine;
}

/**
 * Makes the observation of a line.
 *
 * @param before undefined for the first line
 */
export function expandLine(
  line: CompactLine,
  before: Observation | undefined,
  { node_id, version }: Pick<RecordingHeader, "node_id" | "version">,
): Observation {
  const blocks = (line.blocks ?? []).map(blockOf);
  const implied = impliedFields(before, blocks, version);
  const tip = line.tip === undefined ? implied.tip : line.tip && blockOf(line.tip);
  const observation: Record<string, unknown> = {
    node_id,
    at_ms: line.at_ms,
    syncing: line.syncing ?? false,
    reachable: line.reachable ?? true,
    tip,
    blocks,
    tips: line.tips === undefined ? implied.tips : line.tips.map(tipOf),
    mempool: line.mempool === undefined ? implied.mempool : line.mempool && mempoolOf(line.mempool),
  };
  for (const key of momentary) {
    if (line[key] !== undefined) observation[key] = line[key];
  }
  const lasted = version === 1 ? {} : lastingFields(before, tip);
  for (const key of lasting) {
    const value = line[key] === undefined ? lasted[key] : line[key];
    if (value !== undefined && value !== null) observation[key] = value;
  }
  return observation as Observation;
}

type Implied = Pick<Observation, "tip" | "tips" | "mempool">;

/**
 * The values of `tip`, `tips` and `mempool` where a line omits them: the tip is the last of its blocks or
 * the tip before; the tips are those before with the active one moved to the tip; the mempool is as before.
 * In version 1 the active tip follows where there were no tips too.
 */
function impliedFields(
  before: Implied | undefined,
  blocks: readonly BlockHeader[],
  version: RecordingHeader["version"],
): Implied {
  const tip = blocks.at(-1) ?? before?.tip ?? null;
  const [first, ...others] = before?.tips ?? [];
  const hasNone = before !== undefined && first === undefined && version !== 1;
  if (tip === null || hasNone || (first !== undefined && first.status !== "active")) {
    return { tip, tips: before?.tips ?? [], mempool: before?.mempool ?? null };
  }
  const active: ChainTip = { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" };
  return { tip, tips: [active, ...others], mempool: before?.mempool ?? null };
}

/** The fields that last as they were before; the best header goes with the tip. */
function lastingFields(
  before: Observation | undefined,
  tip: Observation["tip"],
): Pick<Observation, keyof typeof LASTING> {
  if (before?.best_header_height === undefined || tip === null) return before ?? {};
  return { ...before, best_header_height: tip.height };
}

const isSame = (a: unknown, b: unknown): boolean => a === b || canonicalize(a) === canonicalize(b);
