/** Chains and observations for tests: plain data with hashes that name their branch and height. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digibyteRegtest } from "@dgb-shield/chain";
import { createRandom } from "@dgb-shield/testkit/random";
import {
  type BlockHeader,
  type ChainTip,
  type Detector,
  type DetectorFinding,
  type LabelledObservation,
  type Observation,
  openRecording,
  type Timed,
  type WatchedObservation,
} from "../../src/index.js";

export const NODE = "node-a";
export const START_S = 1_790_000_000;
const SCRYPT = 0x20000002;
export const GROESTL = 0x20000402;

const RECORDING = join(import.meta.dirname, "../../recordings/digibyte-core-8.22-regtest.jsonl");

/** Lines of the DigiByte Core recording, in its compact form. */
export const recordingLines = (): string[] => readFileSync(RECORDING, "utf8").split("\n");

/** Observations of the DigiByte Core recording. */
export const recording = (): LabelledObservation[] => [
  ...openRecording(recordingLines(), { node_id: "unused" }).observations,
];

/** Hash of a block: its branch (one hexadecimal digit, first and last, as a real hash differs in its last digits) and height. */
export const hashOf = (height: number, branch = "a"): string =>
  branch + height.toString(16).padStart(62, "0") + branch;

/** A header of branch `a`, 15 s after the one below. */
export function header(height: number, fields: Partial<BlockHeader> = {}): BlockHeader {
  return {
    hash: hashOf(height),
    previous_hash: hashOf(Math.max(0, height - 1)),
    height,
    version: SCRYPT,
    time_s: START_S + height * 15,
    ...fields,
  };
}

/** Headers `from`–`to` of branch `branch`, the first of which stands on branch `on`. */
export const branchOf = (branch: string, from: number, to: number, on = branch): BlockHeader[] =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    header(from + i, {
      hash: hashOf(from + i, branch),
      previous_hash: hashOf(from + i - 1, i === 0 ? on : branch),
    }),
  );

/** An observation at the time of its last block, which is its tip. */
export function observation(
  blocks: BlockHeader[],
  fields: Partial<WatchedObservation> = {},
): WatchedObservation {
  const tip = fields.tip ?? blocks.at(-1)!;
  return {
    node_id: NODE,
    at_ms: tip.time_s * 1_000,
    syncing: false,
    reachable: true,
    tip,
    blocks,
    tips: [],
    mempool: null,
    ...fields,
  };
}

/** `getchaintips` of a chain with one active tip and side branches. */
export const chainTips = (tip: BlockHeader, ...sides: ChainTip[]): ChainTip[] => [
  { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" },
  ...sides,
];

/** An observation as a detector gets it where the clock was never wrong. */
export const timed = <T extends Observation>(one: T): Timed<T> => ({
  ...one,
  times: { most_ms: one.at_ms, least_ms: one.at_ms, held_ms: one.at_ms },
  clock: "trusted",
});

/** Findings of a detector after each of some observations. */
export function run(
  detector: Detector,
  observations: readonly WatchedObservation[],
  chain = digibyteRegtest,
): DetectorFinding[][] {
  let state = detector.initial();
  return observations.map((one) => {
    const reduced = detector.reduce(JSON.parse(JSON.stringify(state)), timed(one), chain);
    state = reduced.state;
    return reduced.findings;
  });
}

/** Half of the step between two numbers of the testkit's generator: added, none of them is 0. */
const HALF_STEP = 2 ** -33;

/** A seeded generator of numbers in (0, 1), neither included. */
export function randomNumbers(seed: number): () => number {
  const { next } = createRandom(seed);
  return () => next() + HALF_STEP;
}
