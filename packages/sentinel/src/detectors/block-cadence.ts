/** Detector `block_cadence`: blocks that come steadily too fast or too slow (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "../chains/parameters.js";
import type { Detector, DetectorFinding } from "../detector.js";
import {
  averageRunLength,
  logLikelihoodRatio,
  type Shift,
  thresholdOf,
} from "../internal/cusum.js";
import { type BlockHeader, headersOf } from "../observation.js";
import { isNotable, MAX_SEVERITY_YEARS, severityOfReturnPeriod, significant } from "../severity.js";

/** Mean spacings that the two sides are tuned to, as shares of the target: 12.5 s and 18 s of 15 s. */
const SHIFTS = [
  { name: "fast", ratio: 5 / 6 },
  { name: "slow", ratio: 6 / 5 },
] as const satisfies readonly Shift[];

/** A header's time may lie behind its parent's; what is more than this is the miner's clock. */
const MIN_GAP_SPACINGS = -2;

/** A longer gap is a stall and not a cadence. */
const MAX_EXCESS_SPACINGS = 9;

const sideSchema = z.strictObject({
  /** Evidence, in nats: the CUSUM. */
  sum: z.number().min(0),
  /** Blocks and seconds since the sum last left zero: the shift's likeliest beginning. */
  blocks: z.int().min(0),
  seconds: z.number(),
  since_height: heightSchema,
  /** Height at which the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type Side = z.infer<typeof sideSchema>;

const lastSchema = z.strictObject({ hash: z.string(), height: heightSchema, time_s: z.uint32() });

const stateSchema = z.strictObject({
  last: lastSchema.nullable(),
  fast: sideSchema,
  slow: sideSchema,
});
type CadenceState = z.infer<typeof stateSchema>;

/**
 * Finds a mean spacing that has shifted, by two one-sided CUSUMs of the log-likelihood ratio of
 * exponential spacings, tuned to 5/6 and 6/5 of the target. Severity follows from the average run length
 * between false alarms at the sum reached (Wald's approximation, halved because there are two sides):
 * `elevated` at one false alarm a year, a sum of 11.2 nats with 15 s. At 12.5 s the sum grows by 0.0157
 * a block, so that the incident's pace is found after some 640 blocks (2.2 hours) in the median.
 *
 * A finding opens at 0.25, is not reported below that while it is open, and ends when the sum has fallen
 * to where it means nothing (severity 0). Sums are held at the highest severity. n blocks seen at once
 * count as n with the time that they took together; that time is bounded by −2 and n + 9 spacings, so
 * that no single stall and no single wrong clock is a cadence.
 */
export const blockCadence: Detector<CadenceState> = {
  name: "block_cadence",
  stateSchema,
  initial: () => ({ last: null, fast: emptySide(0), slow: emptySide(0) }),
  reduce(previous, observation, chain) {
    const state = headersOf(observation).reduce(
      (reached, header) => advance(reached, header, chain),
      previous,
    );
    const { height } = observation.tip;
    const findings = SHIFTS.flatMap((shift) => findingsOf(shift, state[shift.name], height, chain));
    return { state, findings };
  },
};

function advance(state: CadenceState, header: BlockHeader, chain: ChainParameters): CadenceState {
  const { hash, height, time_s } = header;
  const last = { hash, height, time_s };
  if (state.last === null || isOffChain(state.last, header)) return { ...state, last };
  const blocks = height - state.last.height;
  if (blocks === 0) return state;
  const seconds = boundedSeconds(time_s - state.last.time_s, blocks, chain);
  const [fast, slow] = SHIFTS.map((shift) =>
    advanceSide(shift, state[shift.name], { blocks, seconds, height }, chain),
  ) as [Side, Side];
  return { last, fast, slow };
}

/** Whether a header does not stand on the last one, as after a reorganisation: no spacing to measure. */
function isOffChain(last: z.infer<typeof lastSchema>, header: BlockHeader): boolean {
  if (header.height <= last.height) return header.hash !== last.hash;
  return header.height === last.height + 1 && header.previous_hash !== last.hash;
}

function boundedSeconds(seconds: number, blocks: number, chain: ChainParameters): number {
  const least = MIN_GAP_SPACINGS * chain.spacing_seconds;
  const most = (blocks + MAX_EXCESS_SPACINGS) * chain.spacing_seconds;
  return Math.min(most, Math.max(least, seconds));
}

type Step = { blocks: number; seconds: number; height: number };

function advanceSide(shift: Shift, side: Side, step: Step, chain: ChainParameters): Side {
  const spacings = step.seconds / chain.spacing_seconds;
  const sum = side.sum + logLikelihoodRatio(shift, step.blocks, spacings);
  if (sum <= 0) return emptySide(step.height);
  const highest = thresholdOf(shift, 2 * blocksPerYear(chain) * MAX_SEVERITY_YEARS);
  const grown = {
    ...side,
    sum: Math.min(sum, highest),
    blocks: side.blocks + step.blocks,
    seconds: side.seconds + step.seconds,
  };
  return { ...grown, raised_at: raisedAt(shift, grown, step.height, chain) };
}

function raisedAt(shift: Shift, side: Side, height: number, chain: ChainParameters): number | null {
  const severity = severityOfSum(shift, side.sum, chain);
  if (side.raised_at === null) return isNotable(severity) ? height : null;
  return severity > 0 ? side.raised_at : null;
}

/** Both sides can raise a false alarm, so each may have half of them. */
const falseAlarmYears = (shift: Shift, sum: number, chain: ChainParameters): number =>
  averageRunLength(shift, sum) / (2 * blocksPerYear(chain));

const severityOfSum = (shift: Shift, sum: number, chain: ChainParameters): number =>
  severityOfReturnPeriod(falseAlarmYears(shift, sum, chain));

function findingsOf(
  shift: Shift,
  side: Side,
  height: number,
  chain: ChainParameters,
): DetectorFinding[] {
  if (side.raised_at === null) return [];
  const mean = significant(side.seconds / side.blocks);
  return [
    {
      finding_id: `block_cadence:${shift.name}:${side.raised_at}`,
      severity: Math.max(SCALE.elevated, severityOfSum(shift, side.sum, chain)),
      summary: `blocks come too ${shift.name}: every ${mean} s over ${side.blocks} blocks, not ${chain.spacing_seconds} s`,
      height,
      latched: false,
      evidence: {
        mean_spacing_seconds: mean,
        spacing_seconds: chain.spacing_seconds,
        blocks: side.blocks,
        since_height: side.since_height,
        false_alarm_years: significant(falseAlarmYears(shift, side.sum, chain)),
      },
    },
  ];
}

const emptySide = (height: number): Side => ({
  sum: 0,
  blocks: 0,
  seconds: 0,
  since_height: height,
  raised_at: null,
});
