/** Detector `block_cadence`: blocks that come steadily too fast or too slow (design: layer 1). */
import { heightSchema, type JsonValue, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { paced } from "./pace.js";
import { NO_PACE, paceSchema } from "./pace-state.js";
import { raisedAfter } from "../stats/hysteresis.js";
import { nextStatistic, yearsOf } from "../stats/shiryaev-roberts.js";
import type { WatchedObservation } from "../observation/observation.js";
import { MAX_SEVERITY_YEARS, severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * What the two sides seek: the mean spacing as a share of the target (12.5 s and 18 s of 15 s), and
 * their shares of the false alarms. Blocks that come too fast are those of unknown hash rate:
 * they get more.
 */
const SIDES = [
  { name: "fast", ratio: 5 / 6, share: 0.9 },
  { name: "slow", ratio: 6 / 5, share: 0.1 },
] as const;
type Shift = (typeof SIDES)[number];

/** Where difficulty follows later than this, honest hash rate that grows or goes is a cadence of its own. */
const MAX_RETARGET_BLOCKS = 144;

const sideSchema = z.strictObject({
  /** Evidence: the Shiryaev–Roberts statistic, in blocks. */
  statistic: z.number().min(0),
  /** The logarithm of the likelihood ratio since it was last 0: there the shift is likeliest to begin. */
  sum: z.number().min(0),
  /** Blocks and seconds since then. */
  blocks: z.int().min(0),
  seconds: z.number(),
  since_height: heightSchema,
  /** Height at which the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type Side = z.infer<typeof sideSchema>;

const stateSchema = z.strictObject({
  pace: paceSchema,
  fast: sideSchema,
  slow: sideSchema,
  /** Both sides before the last step, which blocks that come late can still change. */
  before: z.strictObject({ fast: sideSchema, slow: sideSchema }),
});
type CadenceState = z.infer<typeof stateSchema>;

/** What an earlier version stored: the last header, whose time it measured by. */
const oldStateSchema = z.strictObject({
  last: z.strictObject({ hash: z.string(), height: heightSchema, time_s: z.uint32() }).nullable(),
  fast: sideSchema,
  slow: sideSchema,
});

/**
 * Finds a mean spacing that has shifted, by two Shiryaev–Roberts statistics R of exponential spacings,
 * tuned to r = 5/6 and 6/5 of the target. n blocks that took s spacings have the likelihood ratio
 * r^−n·exp(−s·(1/r − 1)). An honest chain of N blocks a year lets share·R reach A blocks once in A / N
 * years or less often (`yearsOf`; no approximation), shares being 0.9 and 0.1: severity follows from
 * that. False alarms: one a year at `elevated`, both sides together. At 12.5 s instead of 15 s the
 * evidence grows by 0.0157 nats a block: `elevated` after some 530 blocks in the median.
 *
 * s is measured by when blocks arrive (`paced`): miners' clocks have no part in it. A delay of delivery is counted
 * once, at the end; it does not add up. Where arrivals are not known, as in lists of headers, s is that of the
 * median of 11 headers, which fewer than six wrong clocks among them cannot move by much. No gap counts
 * as more than n + 9 spacings of a slow pace: one stall is no cadence.
 *
 * A finding opens at 0.25, is not reported below that while it is open, and ends when the evidence has
 * fallen back to baseline (severity 0). Evidence is held at the highest severity. It does not run where
 * difficulty follows only after more than 144 blocks, as on Bitcoin and Litecoin: `slow_chain` does.
 */
export const blockCadence: Detector<CadenceState> = defineDetector({
  name: "block_cadence",
  stateSchema,
  initial: () => begin({ fast: emptySide(), slow: emptySide() }),
  upgrade(stored: JsonValue) {
    const old = oldStateSchema.safeParse(stored);
    return old.success ? begin(old.data) : undefined;
  },
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain);
    // [FINDING block_cadence] the pace is off the target by more than an honest chain's once a year
    if (state.fast.raised_at === null && state.slow.raised_at === null) {
      return { state, findings: [] };
    }
    const { height } = observation.tip;
    const findings = SIDES.flatMap((shift) => findingsOf(shift, state[shift.name], height, chain));
    return { state, findings };
  },
  appliesTo: ({ retarget_blocks = 0 }) => retarget_blocks <= MAX_RETARGET_BLOCKS,
});

function advance(
  state: CadenceState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): CadenceState {
  const { pace, steps, replaces } = paced(state.pace, observation, chain);
  if (pace === state.pace) return state;
  if (steps.length === 0) return { ...state, pace };
  let before: CadenceState["before"] = replaces ? state.before : state;
  let { fast, slow } = before;
  const { height } = observation.tip;
  for (const { blocks, fast_s, slow_s } of steps) {
    before = { fast, slow };
    fast = advanceSide(SIDES[0], fast, { blocks, seconds: fast_s, height }, chain);
    slow = advanceSide(SIDES[1], slow, { blocks, seconds: slow_s, height }, chain);
  }
  return { pace, fast, slow, before };
}

type Step = Readonly<{ blocks: number; seconds: number; height: number }>;

function advanceSide(shift: Shift, side: Side, step: Step, chain: ChainParameters): Side {
  const { blocks, seconds, height } = step;
  const spacings = seconds / chain.spacing_seconds;
  const logarithm = -blocks * Math.log(shift.ratio) - spacings * (1 / shift.ratio - 1);
  const likelihoodRatio = Math.exp(logarithm);
  const ceiling = (MAX_SEVERITY_YEARS * blocksPerYear(chain)) / shift.share;
  const statistic = nextStatistic(side.statistic, { likelihoodRatio, steps: blocks, ceiling });
  const sum = Math.max(0, side.sum + logarithm);
  const years = yearsOf(statistic, shift.share, blocksPerYear(chain));
  const isNew = sum === 0;
  return {
    statistic,
    sum,
    blocks: isNew ? 0 : side.blocks + blocks,
    seconds: isNew ? 0 : side.seconds + seconds,
    since_height: isNew ? height : side.since_height,
    raised_at: raisedAfter(side.raised_at, years, height),
  };
}

function findingsOf(
  shift: Shift,
  side: Side,
  height: number,
  chain: ChainParameters,
): DetectorFinding[] {
  if (side.raised_at === null) return [];
  const years = yearsOf(side.statistic, shift.share, blocksPerYear(chain));
  const mean = significant(side.seconds / side.blocks);
  return [
    {
      finding_id: `block_cadence:${shift.name}:${side.raised_at}`,
      severity: Math.max(SCALE.elevated, severityOfReturnPeriod(years)),
      summary: `blocks come too ${shift.name}: every ${mean} s over ${side.blocks} blocks, not ${chain.spacing_seconds} s`,
      height,
      latched: false,
      evidence: {
        mean_spacing_seconds: mean,
        spacing_seconds: chain.spacing_seconds,
        blocks: side.blocks,
        since_height: side.since_height,
        false_alarm_years: significant(years),
      },
    },
  ];
}

const begin = ({ fast, slow }: CadenceState["before"]): CadenceState => ({
  pace: NO_PACE,
  fast,
  slow,
  before: { fast, slow },
});

const emptySide = (): Side => ({
  statistic: 0,
  sum: 0,
  blocks: 0,
  seconds: 0,
  since_height: 0,
  raised_at: null,
});
