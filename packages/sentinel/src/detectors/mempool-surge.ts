/** Detector `mempool_surge`: a mempool far above what it usually is (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding } from "./detector.js";
import {
  baselineSchema,
  type BaselineRule,
  deviationOf,
  EMPTY_BASELINE,
  tailAbove,
  withSample,
} from "../stats/baseline.js";
import { raisedAfter } from "../stats/hysteresis.js";
import type { WatchedObservation } from "../observation/observation.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * What is measured, with the amount below which a change is noise: it is added before the logarithm
 * is taken. Transactions; bytes, of one usual transaction; base units for 1,000 virtual bytes, the
 * default `minrelaytxfee` of Bitcoin Core.
 */
const SERIES = [
  { name: "count", offset: 1 },
  { name: "bytes", offset: 250 },
  { name: "fee_floor", offset: 1_000 },
] as const;
type SeriesName = (typeof SERIES)[number]["name"];

/** Lower bound of the spread, in nats: an assumption, since no honest record has been published. */
const LEAST_SPREAD = 0.25;

/** A mempool can be filled for a fee: alone it is never more than `elevated`. */
const MAX_ALONE = 0.59;

const stateSchema = z.strictObject({
  count: baselineSchema,
  bytes: baselineSchema,
  fee_floor: baselineSchema,
  /** Height of the tip when the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type SurgeState = z.infer<typeof stateSchema>;

/**
 * Finds a mempool whose transactions, bytes or fee floor lie far above a running baseline (a centre and
 * a spread b of the logarithm, sampled once a spacing, each sample clipped). Deviations are taken to be
 * Laplace-distributed: of N samples a year, over three series, 3·N·½·exp(−x/b) lie x above the centre;
 * severity follows from that return period, at most 0.59. b is learnt and at least 0.25, so that on
 * DigiByte a steady mempool is `elevated` at 42 times its usual size. False alarms: one a year at
 * `elevated`, as far as real tails are no heavier than the spread learnt.
 *
 * Nothing is judged before 32 samples. A finding opens at 0.25, is not reported below that while it is
 * open, and ends when it is back to baseline (severity 0). A surge that lasts for days becomes usual.
 */
export const mempoolSurge: Detector<SurgeState> = defineDetector({
  name: "mempool_surge",
  stateSchema,
  initial: () => ({
    count: EMPTY_BASELINE,
    bytes: EMPTY_BASELINE,
    fee_floor: EMPTY_BASELINE,
    raised_at: null,
  }),
  reduce(previous, observation, chain) {
    const { tip, times } = observation;
    const rule = { leastSpread: LEAST_SPREAD, intervalMs: chain.spacing_seconds * 1_000 };
    const measured = measure(previous, observation, rule);
    const worst = Math.max(0, ...measured.map(({ deviation }) => deviation));
    const years = 1 / perYear(worst, chain);
    const raised_at = raisedAfter(previous.raised_at, years, tip.height);
    const sampled = measured.map(({ name, value }) => {
      return [name, withSample(previous[name], { value, at_ms: times.least_ms }, rule)] as const;
    });
    const state = { ...previous, ...Object.fromEntries(sampled), raised_at };
    // [FINDING mempool_surge] the mempool is so far above its baseline at most once a year
    if (raised_at === null) return { state, findings: [] };
    const severity = severityOfReturnPeriod(years);
    const found = findingOf({ raised_at, severity, measured, height: tip.height });
    return { state, findings: [found] };
  },
  hasEvidence: ({ mempool }) => mempool !== null,
});

type Measured = {
  name: SeriesName;
  /** The value that was seen, and its logarithm. */
  seen: number;
  value: number;
  usual: number;
  deviation: number;
};

function measure(
  state: SurgeState,
  { mempool }: WatchedObservation,
  rule: BaselineRule,
): Measured[] {
  return SERIES.flatMap(({ name, offset }) => {
    const seen = mempool?.[name];
    if (seen === undefined) return [];
    const value = Math.log(seen + offset);
    const deviation = deviationOf(state[name], value, rule);
    return [{ name, seen, value, usual: Math.exp(state[name].centre) - offset, deviation }];
  });
}

const perYear = (deviation: number, chain: ChainParameters): number =>
  SERIES.length * blocksPerYear(chain) * tailAbove(deviation);

type Surge = { raised_at: number; severity: number; measured: Measured[]; height: number };

function findingOf({ raised_at, severity, measured, height }: Surge): DetectorFinding {
  const [worst] = measured.toSorted((a, b) => b.deviation - a.deviation);
  const series = measured.map(({ name, seen, usual, deviation }) => [
    name,
    { seen, usual: Math.max(0, significant(usual)), spreads: significant(deviation) },
  ]);
  return {
    finding_id: `mempool_surge:${raised_at}`,
    severity: Math.min(MAX_ALONE, Math.max(SCALE.elevated, severity)),
    summary: `the mempool's ${worst?.name ?? "size"} is ${worst?.seen ?? 0}, far above what is usual`,
    height,
    latched: false,
    evidence: Object.fromEntries(series) as DetectorFinding["evidence"],
  };
}
