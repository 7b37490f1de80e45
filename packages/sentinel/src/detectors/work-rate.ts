/** Detector `work_rate`: work an hour against that of the last days (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { isCatchingUp } from "../observation/catching-up.js";
import type { Observation, WatchedObservation } from "../observation/observation.js";
import { raisedAfter } from "../stats/hysteresis.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";
import {
  dailyBaselineSchema,
  deviationIn,
  EMPTY_DAILY_BASELINE,
  offUsual,
  type SpreadBounds,
  withDailySample,
} from "../stats/daily-baseline.js";
import { lengthMs, NO_WINDOW, windowRate, windowSchema, withWork } from "./work-window.js";

/** Anyone can rent hash rate for a fee, and any miner can leave: alone it is never more than `elevated`. */
const MAX_ALONE = 0.59;

/** Windows that overlap by five minutes count as three of an hour. */
const LOOKS_PER_YEAR = 3 * 8_766;

/**
 * Return period from which a finding opens: severity 0.40, 5.1 deviations. Real deviations are not normal: miners come
 * for an hour and go, so that a return period of a year is reached several times a month where they do.
 */
const OPENING_YEARS = 20;

/** The most that is stated: more adds no evidence, and Infinity is no JSON. */
const MAX_YEARS = 1e9;

/** Least spread (mean deviation, nats) of DigiByte's work an hour: hash rates that wander, and chance. */
const LEAST_SPREAD = 0.08;

/** And the most that is believed: where honest hash rate swings by more, that is found. */
const MOST_SPREAD = 0.15;

const stateSchema = z.strictObject({
  window: windowSchema,
  usual: dailyBaselineSchema,
  /** The logarithm of the work of the last window over what is usual; null while that is not known. */
  off: z.number().nullable(),
  /** Height at which the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type RateState = z.infer<typeof stateSchema>;

/** What an earlier version stored: it knew no days of the week. */
const formerSchema = z.strictObject({
  ...stateSchema.shape,
  usual: dailyBaselineSchema.omit({ days: true, today: true }),
});

/**
 * Finds hash rate that was rented or has fled: the work of the last hour (60 spacings on a slow chain) against
 * that of the same hour of the last days. Logarithms are taken to be normal about what is usual (a centre for
 * each hour of the day, moved by what the same day of the week was off in the last weeks) with the deviation learnt
 * over a week: its mean is held between 0.08 and 0.15 nats on DigiByte, and with 1/√n of n blocks a window on a slow
 * chain. Of 3·8,766 looks a year, either way, at most 2·26,298·½·exp(−z²/2) are z deviations off (Chernoff's bound):
 * severity follows from that, at most 0.59. Miners who come for an hour make tails that are heavier: a finding opens
 * only at once in 20 years, z = 5.1 and 0.40. DigiByte: from 1.7 times as much work or 0.60 where it swings least, 2.6
 * or 0.38 where most: rates × 3 and × 0.5 are found within two hours on a quiet chain.
 *
 * Work is the node's `chainwork`. Without it, blocks times the geometric mean of the node's `difficulties`, which
 * DigiByte's own work of a block is close to. What is read first is kept to, until it has been missing for a
 * day. Nothing is judged in the first day, nor while the node catches up. The first weekend of a chain whose
 * miners rest on weekends is a finding, later ones are usual. A finding is not reported below 0.25 while open, and ends
 * at severity 0: with time the new rate is the usual one.
 */
export const workRate: Detector<RateState> = defineDetector({
  name: "work_rate",
  stateSchema,
  initial: () => ({ window: NO_WINDOW, usual: EMPTY_DAILY_BASELINE, off: null, raised_at: null }),
  upgrade(stored) {
    const read = formerSchema.safeParse(stored);
    if (!read.success) return undefined;
    return { ...read.data, usual: { ...EMPTY_DAILY_BASELINE, ...read.data.usual } };
  },
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain);
    // [FINDING work_rate] the work of an hour is so far off that of the last days at most once a year
    if (state.raised_at === null) return { state, findings: [] };
    return { state, findings: [findingOf(state, state.raised_at, observation, chain)] };
  },
  hasEvidence: ({ chainwork, difficulties }: Observation) =>
    chainwork !== undefined || difficulties !== undefined,
});

function advance(
  state: RateState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): RateState {
  if (isCatchingUp(observation)) return state;
  const window = withWork(state.window, observation, chain);
  if (window === state.window) return state;
  const bounds = boundsOf(chain);
  const at_ms = observation.times.least_ms;
  const value = windowRate(window, chain);
  // Another kind of evidence is in another unit.
  const known = window.kind === state.window.kind ? state.usual : EMPTY_DAILY_BASELINE;
  if (value === undefined) return { ...state, window, usual: known };
  const off = offUsual(known, { value, at_ms }, lengthMs(chain)) ?? null;
  const years = off === null ? 0 : yearsOf(off / deviationIn(known, bounds));
  const isQuiet = state.raised_at === null && years < OPENING_YEARS;
  const raised_at = isQuiet ? null : raisedAfter(state.raised_at, years, observation.tip.height);
  return { window, usual: withDailySample(known, { value, at_ms }, bounds), off, raised_at };
}

/** Chance alone spreads the counts of n blocks by 1/√n; its mean deviation is 0.8 of that. */
function boundsOf({ spacing_seconds }: ChainParameters): SpreadBounds {
  const blocks = Math.max(60, 3_600 / spacing_seconds);
  const chance = Math.sqrt(2 / Math.PI / blocks);
  const extra = Math.max(0, chance ** 2 - 2 / Math.PI / 240);
  return {
    least: Math.hypot(LEAST_SPREAD, Math.sqrt(extra)),
    most: Math.hypot(MOST_SPREAD, Math.sqrt(extra)),
  };
}

const yearsOf = (deviations: number): number =>
  Math.min(MAX_YEARS, Math.exp(deviations ** 2 / 2) / LOOKS_PER_YEAR);

function findingOf(
  { off, usual, window }: RateState,
  raised_at: number,
  { tip }: WatchedObservation,
  chain: ChainParameters,
): DetectorFinding {
  const ratio = significant(Math.exp(off ?? 0));
  const years = yearsOf((off ?? 0) / deviationIn(usual, boundsOf(chain)));
  return {
    finding_id: `work_rate:${raised_at}`,
    severity: Math.min(MAX_ALONE, Math.max(SCALE.elevated, severityOfReturnPeriod(years))),
    summary: `the work of the last hour is ${ratio} times that of the last days`,
    height: tip.height,
    latched: false,
    evidence: {
      ratio,
      evidence: window.kind ?? "none",
      usual_spread: significant(usual.spread),
      false_alarm_years: significant(years),
    },
  };
}
