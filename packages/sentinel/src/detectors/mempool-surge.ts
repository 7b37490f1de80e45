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
import { isNews, NO_PEAK, peakSchema, withPeak } from "../stats/peak.js";
import { raisedAfter } from "../stats/hysteresis.js";
import type { WatchedObservation } from "../observation/observation.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * What is measured, with the amount below which a change is noise: it is added before the logarithm
 * is taken. Transactions; bytes, of five usual transactions; base units for 1,000 virtual bytes, the
 * default `minrelaytxfee` of Bitcoin Core.
 */
const SERIES = [
  { name: "count", offset: 5 },
  { name: "bytes", offset: 1_250 },
  { name: "fee_floor", offset: 1_000 },
] as const;
type SeriesName = (typeof SERIES)[number]["name"];

/** Offsets of the form that was stored before. */
const FORMER_OFFSETS: Readonly<Record<SeriesName, number>> = {
  count: 1,
  bytes: 250,
  fee_floor: 1_000,
};

/**
 * Below these nothing is a surge, whatever is usual. A quarter of a block: the next block takes it in with room
 * to spare, and no fee floor rises. 200 transactions of a usual size are a twentieth of a block: one service
 * that pays its customers is fewer, or one transaction of many outputs.
 */
const FLOOR = { block_share: 0.25, count: 200, max_block_bytes: 1_000_000 } as const;

/** How far back a baseline reaches: a night is part of what is usual. */
const MEMORY_MS = 86_400_000;

/** Lower bound of the spread, in nats: an assumption, since no honest record has been published. */
const LEAST_SPREAD = 0.25;

/** A mempool can be filled for a fee: alone it is never more than `elevated`. */
const MAX_ALONE = 0.59;

const seriesSchema = z.strictObject({ baseline: baselineSchema, peak: peakSchema });

const stateSchema = z.strictObject({
  count: seriesSchema,
  bytes: seriesSchema,
  fee_floor: seriesSchema,
  /** Height of the tip when the finding that is open was raised. */
  raised_at: heightSchema.nullable(),
});
type SurgeState = z.infer<typeof stateSchema>;

/** What an earlier version stored. */
const formerSchema = z.strictObject({
  count: baselineSchema,
  bytes: baselineSchema,
  fee_floor: baselineSchema,
  raised_at: heightSchema.nullable(),
});

/**
 * Finds a mempool whose transactions, bytes or fee floor lie far above a running baseline (a centre and
 * a spread b of the logarithm over a day, sampled once a spacing, each sample clipped), above a floor (200
 * transactions, a quarter of a block; a fee floor counts where the bytes do) and above twice the most of the last
 * two weeks (`stats/peak.ts`), which batches that come each day are part of. Deviations are taken to be
 * Laplace-distributed: of N samples a year, over three series, 3·N·½·exp(−x/b) lie x above the centre;
 * severity follows from that return period, at most 0.59. b is learnt and at least 0.25, so that on
 * DigiByte a steady mempool of 20 is `elevated` at 42 times its size. False alarms: one a year at
 * `elevated`, as far as real tails are no heavier than the spread learnt, and one for each batch that is
 * more than twice as large as any in two weeks.
 *
 * Nothing is judged before 32 samples, nor while the node loads its mempool after a start, nor at the first look
 * after one. A finding opens at 0.25, is not reported below that while it is open, and ends when it is back to
 * baseline (severity 0) or below the floor. A surge that lasts for days becomes usual.
 */
export const mempoolSurge: Detector<SurgeState> = defineDetector({
  name: "mempool_surge",
  stateSchema,
  initial: () => ({
    count: { baseline: EMPTY_BASELINE, peak: NO_PEAK },
    bytes: { baseline: EMPTY_BASELINE, peak: NO_PEAK },
    fee_floor: { baseline: EMPTY_BASELINE, peak: NO_PEAK },
    raised_at: null,
  }),
  upgrade(stored) {
    const read = formerSchema.safeParse(stored);
    if (!read.success) return undefined;
    const series = SERIES.map((one) => [one.name, upgraded(read.data[one.name], one)] as const);
    const state = { ...Object.fromEntries(series), raised_at: read.data.raised_at };
    return state as SurgeState;
  },
  reduce(previous, observation, chain) {
    const { tip, times } = observation;
    const rule = {
      leastSpread: LEAST_SPREAD,
      intervalMs: chain.spacing_seconds * 1_000,
      memoryMs: MEMORY_MS,
    };
    const measured = measure(previous, observation, { rule, chain });
    const worst = Math.max(0, ...measured.map(({ deviation }) => deviation));
    const years = 1 / perYear(worst, chain);
    const raised_at = raisedAfter(previous.raised_at, years, tip.height);
    const at_ms = times.least_ms;
    const isOpen = raised_at !== null;
    const { count, bytes, fee_floor } = previous;
    const state: SurgeState = { count, bytes, fee_floor, raised_at };
    for (const { name, value } of measured) {
      const baseline = withSample(previous[name].baseline, { value, at_ms }, rule);
      const peak = withPeak(previous[name].peak, { value, at_ms }, baseline.centre, isOpen);
      state[name] = { baseline, peak };
    }
    // [FINDING mempool_surge] the mempool is so far above its baseline at most once a year
    if (raised_at === null) return { state, findings: [] };
    const severity = severityOfReturnPeriod(years);
    return { state, findings: [findingOf({ raised_at, severity, measured }, observation)] };
  },
  // A mempool that is being loaded, or that was just emptied by a start, shows nothing of the network.
  hasEvidence: ({ mempool, restarted }) =>
    mempool !== null && mempool.loaded !== false && restarted !== true,
});

const upgraded = (
  baseline: z.infer<typeof baselineSchema>,
  { name, offset }: (typeof SERIES)[number],
): SurgeState["count"] => {
  const usual = Math.max(0, Math.exp(baseline.centre) - FORMER_OFFSETS[name]);
  return { baseline: { ...baseline, centre: Math.log(usual + offset) }, peak: NO_PEAK };
};

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
  { rule, chain }: Readonly<{ rule: BaselineRule; chain: ChainParameters }>,
): Measured[] {
  const isLarge = isAboveFloor(mempool, chain);
  const measured: Measured[] = [];
  for (const { name, offset } of SERIES) {
    const seen = mempool?.[name];
    if (seen === undefined) continue;
    const value = Math.log(seen + offset);
    const { baseline, peak } = state[name];
    const isJudged = isLarge[name] && (state.raised_at !== null || isNews(peak, value));
    const deviation = isJudged ? deviationOf(baseline, value, rule) : 0;
    measured.push({ name, seen, value, usual: Math.exp(baseline.centre) - offset, deviation });
  }
  return measured;
}

/** Which series are above their floor; the fee floor of a mempool that is not full is the operator's. */
function isAboveFloor(
  mempool: WatchedObservation["mempool"],
  { max_block_bytes = FLOOR.max_block_bytes }: ChainParameters,
): Readonly<Record<SeriesName, boolean>> {
  const bytes = (mempool?.bytes ?? 0) >= FLOOR.block_share * max_block_bytes;
  return { count: (mempool?.count ?? 0) >= FLOOR.count, bytes, fee_floor: bytes };
}

const perYear = (deviation: number, chain: ChainParameters): number =>
  SERIES.length * blocksPerYear(chain) * tailAbove(deviation);

type Surge = { raised_at: number; severity: number; measured: Measured[] };

function findingOf(
  { raised_at, severity, measured }: Surge,
  { tip, mempool }: WatchedObservation,
): DetectorFinding {
  const [worst] = measured.toSorted((a, b) => b.deviation - a.deviation);
  const series = measured.map(({ name, seen, usual, deviation }) => [
    name,
    { seen, usual: Math.max(0, significant(usual)), spreads: significant(deviation) },
  ]);
  const max_bytes = mempool?.max_bytes;
  return {
    finding_id: `mempool_surge:${raised_at}`,
    severity: Math.min(MAX_ALONE, Math.max(SCALE.elevated, severity)),
    summary: `the mempool's ${worst?.name ?? "size"} is ${worst?.seen ?? 0}, far above what is usual`,
    height: tip.height,
    latched: false,
    evidence: {
      ...(Object.fromEntries(series) as DetectorFinding["evidence"]),
      ...(max_bytes !== undefined && { max_bytes }),
    },
  };
}
