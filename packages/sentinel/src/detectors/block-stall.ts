/** Detector `block_stall`: no block for too long, as the tail of a Poisson process (design: layer 1). */
import { hash256Schema, type JsonValue } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { LONGEST_POLL_MS } from "../clock/clock-state.js";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { isCatchingUp } from "../observation/catching-up.js";
import type { WatchedObservation } from "../observation/observation.js";
import { isNotable, severityOfReturnPeriod, significant } from "../stats/severity.js";

/** A node that was away needs no longer than this to find peers and catch up. */
const RETURN_MS = 600_000;

/** What an earlier version stored. */
const oldStateSchema = z.strictObject({
  tip_hash: hash256Schema.nullable(),
  since_ms: z.int(),
  observed_ms: z.int(),
});

const stateSchema = z.strictObject({
  tip_hash: hash256Schema.nullable(),
  /** When the tip came, as well as that is known, and the last observation, on the running time `most_ms`. */
  since_ms: z.int(),
  observed_ms: z.int(),
  /** The same without the time in which the node was away. */
  watched_since_ms: z.int(),
  /** Up to when time was counted or left out. */
  counted_ms: z.int(),
  /** Whether the node was away at the last observation. */
  is_away: z.boolean(),
  /** Whether a finding is open for this tip: no restart of the node makes it milder. */
  is_raised: z.boolean(),
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
 *
 * Catching up is no stall: time in which the node was away (silent, syncing, warming up, restarting) does not
 * count until it has been back for ten minutes without a block, unless the finding was open before. Of
 * a node that knows headers far above its tip, or whose source has more to show, only the time since its
 * tip last moved counts: one that is stuck there is found like any other stall. A delay of delivery counts as
 * a part of the gap: at 5 s in the mean that is no more than 1 finding a month, at 30 s about six.
 */
export const blockStall: Detector<StallState> = defineDetector({
  name: "block_stall",
  stateSchema,
  initial: () => ({ ...NOTHING_SEEN }),
  upgrade(stored: JsonValue) {
    const old = oldStateSchema.safeParse(stored);
    if (!old.success) return undefined;
    const { tip_hash, since_ms, observed_ms } = old.data;
    const counted = { watched_since_ms: since_ms, counted_ms: observed_ms };
    return { ...NOTHING_SEEN, tip_hash, since_ms, observed_ms, ...counted };
  },
  reduce(previous, observation, chain) {
    const state = advance(previous, observation);
    // The common case, decided without a logarithm: more than a third of all gaps are longer.
    if (observation.times.most_ms - state.since_ms < chain.spacing_seconds * 1_000) {
      return { state, findings: [] };
    }
    const findings = findingsOf(state, observation, chain);
    const is_raised = findings.length > 0;
    return { state: is_raised === state.is_raised ? state : { ...state, is_raised }, findings };
  },
  reduceUnwatched: (state, { times: { most_ms } }) => ({
    state: { ...withoutUntil(state, most_ms), is_away: true },
    findings: null,
  }),
});

const NOTHING_SEEN: StallState = Object.freeze({
  tip_hash: null,
  since_ms: 0,
  observed_ms: 0,
  watched_since_ms: 0,
  counted_ms: 0,
  is_away: false,
  is_raised: false,
});

function advance(state: StallState, observation: Timed<WatchedObservation>): StallState {
  const { tip, times, restarted } = observation;
  const observed_ms = times.most_ms;
  const isBack = state.is_away || restarted === true;
  if (tip.hash === state.tip_hash) {
    // Field by field: a spread costs more than all the rest, at each observation.
    const { since_ms, watched_since_ms, is_raised } = isBack
      ? withoutUntil(state, observed_ms)
      : state;
    return {
      tip_hash: tip.hash,
      since_ms,
      observed_ms,
      watched_since_ms,
      counted_ms: observed_ms,
      is_away: false,
      is_raised,
    };
  }
  // Its age is that of what the node fetches, not of what the chain makes.
  const isBehind = isCatchingUp(observation);
  const since_ms = observed_ms - (isBehind ? 0 : gapAtFirstSight(state, observation));
  const watched_since_ms = isBack ? observed_ms : since_ms;
  return {
    tip_hash: tip.hash,
    since_ms,
    observed_ms,
    watched_since_ms,
    counted_ms: observed_ms,
    is_away: false,
    is_raised: false,
  };
}

/** Leaves out the time in which the node was away; none of an open finding, which no restart makes milder. */
function withoutUntil(state: StallState, most_ms: number): StallState {
  const { watched_since_ms, counted_ms, is_raised } = state;
  const leftOut = is_raised ? 0 : most_ms - counted_ms;
  return { ...state, watched_since_ms: watched_since_ms + leftOut, counted_ms: most_ms };
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

/** How long the chain stood still: with the time in which the node was away only when that cannot be the reason. */
function gapOf(
  { since_ms, watched_since_ms }: StallState,
  observation: Timed<WatchedObservation>,
): number {
  const { most_ms } = observation.times;
  const watched = most_ms - watched_since_ms;
  return watched >= RETURN_MS && !isCatchingUp(observation) ? most_ms - since_ms : watched;
}

function findingsOf(
  state: StallState,
  observation: Timed<WatchedObservation>,
  chain: ChainParameters,
): DetectorFinding[] {
  const { tip, best_header_height } = observation;
  const gapSeconds = gapOf(state, observation) / 1_000;
  const perYear = blocksPerYear(chain) * tailOf(gapSeconds / chain.spacing_seconds, chain);
  const severity = severityOfReturnPeriod(1 / perYear);
  // [FINDING block_stall] an honest chain has so long a gap at most once a year
  if (!isNotable(severity)) return [];
  const isStuck = isCatchingUp(observation);
  const summary = `no block for ${Math.floor(gapSeconds)} s at height ${tip.height}`;
  return [
    {
      finding_id: `block_stall:${tip.height}`,
      severity,
      summary: isStuck ? `${summary}, though the node knows of later ones` : summary,
      height: tip.height,
      latched: false,
      evidence: {
        gap_seconds: gapSeconds,
        spacing_seconds: chain.spacing_seconds,
        expected_per_year: significant(perYear),
        tip_hash: tip.hash,
        tip_time_s: tip.time_s,
        ...(isStuck && best_header_height !== undefined && { best_header_height }),
      },
    },
  ];
}

/** Share of the gaps that are longer than so many spacings. */
function tailOf(spacings: number, { rate_variance = 0 }: ChainParameters): number {
  if (rate_variance === 0) return Math.exp(-spacings);
  return Math.exp(-Math.log1p(rate_variance * spacings) / rate_variance);
}
