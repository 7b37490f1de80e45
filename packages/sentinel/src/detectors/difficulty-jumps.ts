/** Jumps of an algorithm's difficulty off its running baseline, for `algo_share`. */
import { heightSchema, SCALE, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import type { DetectorFinding, Timed } from "./detector.js";
import type { WatchedObservation } from "../observation/observation.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";
import {
  baselineSchema,
  type BaselineRule,
  deviationOf,
  EMPTY_BASELINE,
  withSample,
} from "../stats/baseline.js";
import { deepFrozen } from "../internal/frozen.js";
import { raisedAfter } from "../stats/hysteresis.js";

/**
 * Lower bound of the spread of a difficulty's logarithm, in nats: its mean deviation on a simulated
 * honest chain of DigiByte, whose MultiShield moves each difficulty by steps of 4 % (standard deviation 0.36;
 * of a million blocks the farthest was 1.64 off). Honest hash rates that swing more give a wider spread.
 */
const LEAST_SPREAD = 0.28;

/** Standard deviations in a mean deviation of a normal distribution. */
const DEVIATIONS_IN_SPREAD = Math.sqrt(Math.PI / 2);

/** Anyone can rent hash rate for a fee: a jump alone is never more than `elevated`. */
const MAX_ALONE = 0.59;

/** Part of the false alarms of `algo_share` that jumps may raise. */
const JUMP_PART = 0.1;

/** Most algorithms whose difficulty is followed. */
const MAX_ALGORITHMS = 16;

const jumpSchema = z.strictObject({
  algorithm: wordSchema,
  baseline: baselineSchema,
  difficulty: z.number().positive(),
  /** Spreads off the centre, either way. */
  deviation: z.number(),
});

/** Difficulties as they are and as they use to be; where the finding that is open was raised. */
export const jumpsSchema = z.strictObject({
  algorithms: z.array(jumpSchema),
  raised_at: heightSchema.nullable(),
});
export type Jumps = z.infer<typeof jumpsSchema>;

/** Before the first difficulty. */
export const NO_JUMPS: Jumps = deepFrozen({ algorithms: [], raised_at: null });

/** Difficulties after an observation; as they were where it carries none. */
export function withDifficulties(
  { algorithms, raised_at }: Jumps,
  { difficulties, times, tip }: Timed<WatchedObservation>,
  chain: ChainParameters,
): Jumps {
  if (difficulties === undefined) return { algorithms, raised_at };
  const rule: BaselineRule = {
    leastSpread: LEAST_SPREAD,
    intervalMs: chain.spacing_seconds * 1_000,
  };
  const names = Object.keys(difficulties).sort().slice(0, MAX_ALGORITHMS);
  const jumps = names.flatMap((algorithm) => {
    const difficulty = difficulties[algorithm];
    if (difficulty === undefined) return [];
    const value = Math.log(difficulty);
    const known = algorithms.find((one) => one.algorithm === algorithm);
    const before = known?.baseline ?? EMPTY_BASELINE;
    const deviation = deviationOf(before, value, rule);
    return [
      {
        algorithm,
        baseline: withSample(before, { value, at_ms: times.least_ms }, rule),
        difficulty,
        deviation,
      },
    ];
  });
  const years = yearsOfJumps(jumps, chain);
  return { algorithms: jumps, raised_at: raisedAfter(raised_at, years, tip.height) };
}

/**
 * The finding of a difficulty that has jumped. Logarithms of difficulties are taken to be normal: of N
 * samples a year of each of A algorithms, either way, at most 2·A·N·½·exp(−z²/2) lie z standard deviations
 * off the centre (Chernoff's bound), with the spread learnt and at least 0.28; of the years between them a
 * tenth is what `algo_share` leaves to jumps. At most 0.59. DigiByte: elevated from 8.5 times as much, or as
 * little.
 */
export function difficultyJump(
  { algorithms, raised_at }: Jumps,
  height: number,
  chain: ChainParameters,
): DetectorFinding | null {
  const [worst] = algorithms.toSorted((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  if (raised_at === null || worst === undefined) return null;
  const { algorithm, difficulty, deviation, baseline } = worst;
  const years = yearsOfJumps(algorithms, chain);
  return {
    finding_id: `algo_share:difficulty:${raised_at}`,
    severity: Math.min(MAX_ALONE, Math.max(SCALE.elevated, severityOfReturnPeriod(years))),
    summary: `the difficulty of ${algorithm} has jumped to ${significant(difficulty)}`,
    height,
    latched: false,
    evidence: {
      algorithm,
      difficulty: significant(difficulty),
      usual_difficulty: significant(Math.exp(baseline.centre)),
      spreads: significant(deviation),
      false_alarm_years: significant(years),
    },
  };
}

function yearsOfJumps(jumps: Jumps["algorithms"], chain: ChainParameters): number {
  const farthest = Math.max(0, ...jumps.map(({ deviation }) => Math.abs(deviation)));
  const deviations = farthest / DEVIATIONS_IN_SPREAD;
  const tail = Math.exp(-(deviations ** 2) / 2) / 2;
  return JUMP_PART / (2 * Math.max(1, jumps.length) * blocksPerYear(chain) * tail);
}
