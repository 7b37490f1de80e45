/** Detector `block_stall`: no block for too long, as the tail of a Poisson process (design: layer 1). */
import { hash256Schema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { LONGEST_POLL_MS } from "../clock/clock-state.js";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import type { WatchedObservation } from "../observation/observation.js";
import { isNotable, severityOfReturnPeriod, significant } from "../stats/severity.js";

const stateSchema = z.strictObject({
  tip_hash: hash256Schema.nullable(),
  /** When the tip came, as well as that is known, and the last observation, on the running time `most_ms`. */
  since_ms: z.int(),
  observed_ms: z.int(),
});
type StallState = z.infer<typeof stateSchema>;

/**
 * Finds a chain that stands still. Were the rate of blocks constant, a year of N blocks would show
 * N·exp(−t/spacing) gaps longer than t. It varies (hash rate comes and goes, difficulty follows late):
 * with v = `rate_variance` and a gamma-distributed rate a gap is longer than t with the probability
 * (1 + v·t/spacing)^(−1/v) (Lomax), which is exp(−t/spacing) at v = 0. Severity follows from how rare
 * that is. DigiByte (15 s, v = 0.032): 0.25 after 278 s, 0.60 after 463 s, 0.90 after 693 s. False
 * alarms: one a year at `elevated`, one in a million years at `critical`.
 *
 * The gap is counted from the header's time, but not from before the last observation that showed
 * another tip, nor from after the first that showed this one: a miner's clock cannot hide a stall. It
 * grows by the running time `most_ms`, so that no earlier reading of the observer's clock hides a stall.
 * The finding ends with the next block.
 */
export const blockStall: Detector<StallState> = defineDetector({
  name: "block_stall",
  stateSchema,
  initial: () => ({ tip_hash: null, since_ms: 0, observed_ms: 0 }),
  reduce(previous, observation, chain) {
    const state = advance(previous, observation);
    return { state, findings: findingsOf(state, observation, chain) };
  },
});

function advance(state: StallState, observation: Timed<WatchedObservation>): StallState {
  const { tip, times } = observation;
  const observed_ms = times.most_ms;
  if (tip.hash === state.tip_hash) return { ...state, observed_ms };
  const since_ms = observed_ms - gapAtFirstSight(state, observation);
  return { tip_hash: tip.hash, since_ms, observed_ms };
}

/** How old the tip is when it is seen first: by its header, but not older than the last observation of another. */
function gapAtFirstSight(
  { tip_hash, observed_ms }: StallState,
  { tip, at_ms, times, clock }: Timed<WatchedObservation>,
): number {
  const most = tip_hash === null ? Infinity : times.most_ms - observed_ms;
  const byHeader = Math.min(most, Math.max(0, at_ms - tip.time_s * 1_000));
  // A clock that is not trusted cannot show that the tip is young.
  return clock === "trusted" ? byHeader : Math.max(byHeader, Math.min(most, LONGEST_POLL_MS));
}

function findingsOf(
  state: StallState,
  { tip, times }: Timed<WatchedObservation>,
  chain: ChainParameters,
): DetectorFinding[] {
  const gapSeconds = (times.most_ms - state.since_ms) / 1_000;
  // The common case, decided without a logarithm: more than a third of all gaps are longer.
  if (gapSeconds < chain.spacing_seconds) return [];
  const perYear = blocksPerYear(chain) * tailOf(gapSeconds / chain.spacing_seconds, chain);
  const severity = severityOfReturnPeriod(1 / perYear);
  // [FINDING block_stall] an honest chain has so long a gap at most once a year
  if (!isNotable(severity)) return [];
  return [
    {
      finding_id: `block_stall:${tip.height}`,
      severity,
      summary: `no block for ${Math.floor(gapSeconds)} s at height ${tip.height}`,
      height: tip.height,
      latched: false,
      evidence: {
        gap_seconds: gapSeconds,
        spacing_seconds: chain.spacing_seconds,
        expected_per_year: significant(perYear),
        tip_hash: tip.hash,
        tip_time_s: tip.time_s,
      },
    },
  ];
}

/** Share of the gaps that are longer than so many spacings. */
function tailOf(spacings: number, { rate_variance = 0 }: ChainParameters): number {
  if (rate_variance === 0) return Math.exp(-spacings);
  return Math.exp(-Math.log1p(rate_variance * spacings) / rate_variance);
}
