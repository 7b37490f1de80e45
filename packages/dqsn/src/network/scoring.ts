/** The scoring engine: one score per channel, the worst of them for the network (design section 4.2: scoring). */
import { SIGNAL_SOURCES, type SignalSource, type SignalV2 } from "@dgb-shield/contract";
import { isQuorum } from "./advisory.js";
import type { AggregatedSignals } from "./aggregator.js";
import { assess, type NetworkRisk, perChannel } from "./assess.js";
import { channelOf } from "./channels.js";
import { fromMicros, weightToMicros } from "../internal/micros.js";
import { ownOf } from "../internal/own.js";
import { operatorKeyOf, worstSeverities } from "./severities.js";

/** The methods that turn the votes of a channel into one score. */
export const SCORINGS = Object.freeze(["weighted_median", "weighted_mean"] as const);
/** A scoring method. */
export type Scoring = (typeof SCORINGS)[number];

/** Options of scoring; absent fields take their defaults. `createNetworkState` rejects malformed ones. */
export type ScoringOptions = Readonly<{
  /**
   * `weighted_median` (default): no coalition with less than half the weight of a channel can push
   * its score outside the range of the other votes. `weighted_mean`: rounded up to 10⁻⁶.
   */
  scoring?: Scoring | undefined;
  /**
   * Weight of a source, above 0 and at most 1,000 (1). An operator has that of the heaviest source from which
   * it reports in a channel: neither its nodes nor its sources add up.
   */
  weights?: Readonly<Partial<Record<SignalSource, number | undefined>>> | undefined;
  /** Most weight that one operator can have in a channel (1). */
  max_operator_weight?: number | undefined;
  /** Critical operators needed for CRITICAL_GLOBAL (the larger of 2 and a tenth of the live ones). */
  global_quorum?: number | undefined;
}>;

/** Weight of a source. */
export const DEFAULT_WEIGHT = 1;
/** Heaviest weight; with `max_live_signals` all sums of weights are exact. */
export const MAX_WEIGHT = 1_000;
/** Most weight of one operator in a channel. */
export const DEFAULT_MAX_OPERATOR_WEIGHT = 1;

/**
 * Computes the risk of aggregated signals. In each channel an operator has one vote: its worst severity there, with the greatest weight of its
 * sources there, capped. The score is kept within what its level means, see `scoreWithin`.
 *
 * @param state the result of `aggregate`
 * @param options see `ScoringOptions`
 * @returns each channel and the worst of them; the worst case, a score of 1 in every channel, for malformed options: a scoring that is none, a
 * weight or cap that is not above 0 and at most 1,000, a quorum that is not an integer from 1
 * @example calculateNetworkRisk(aggregate([])).score // 0.25
 */
export function calculateNetworkRisk(
  state: AggregatedSignals,
  options: ScoringOptions = {},
): NetworkRisk {
  const rules = rulesOf(options);
  const signals = ownOf(state, "signals") ?? [];
  if (rules === undefined) return worstRisk(signals);
  const { score, channels } = assess(
    {
      channels: scoreChannels(signals, rules),
      live: ownOf(state, "live_reporters") ?? NaN,
      critical: ownOf(state, "critical_reporters") ?? NaN,
      silent: ownOf(state, "silent") !== false,
    },
    rules.globalQuorum,
  );
  return { score, channels };
}

/** Scoring options that are well formed. */
type Rules = Readonly<{
  combine: (votes: readonly Vote[]) => number;
  weightOf: (source: SignalSource) => number;
  globalQuorum: number | undefined;
}>;

/** Reads the options; undefined for malformed ones. */
function rulesOf(options: ScoringOptions): Rules | undefined {
  const scoring = ownOf(options, "scoring") ?? "weighted_median";
  const globalQuorum = ownOf(options, "global_quorum");
  const cap = ownOf(options, "max_operator_weight") ?? DEFAULT_MAX_OPERATOR_WEIGHT;
  const given = ownOf(options, "weights");
  const weights = new Map<string, number>(
    SIGNAL_SOURCES.map((source) => [source, ownOf(given, source) ?? DEFAULT_WEIGHT]),
  );
  const isSound =
    SCORINGS.includes(scoring) &&
    [cap, ...weights.values()].every(isWeight) &&
    (globalQuorum === undefined || isQuorum(globalQuorum));
  if (!isSound) return undefined;
  return {
    combine: scoring === "weighted_mean" ? weightedMean : weightedMedian,
    weightOf: (source) => weightToMicros(Math.min(cap, weights.get(source) ?? MAX_WEIGHT)),
    globalQuorum,
  };
}

const isWeight = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && value <= MAX_WEIGHT;

const worstRisk = (signals: readonly SignalV2[]): NetworkRisk => ({
  score: 1,
  channels: perChannel((channel) =>
    Object.freeze({
      score: 1,
      signals: signals.filter((signal) => channelOf(signal) === channel).length,
    }),
  ),
});

function scoreChannels(signals: readonly SignalV2[], rules: Rules): NetworkRisk["channels"] {
  const grouped = perChannel((): SignalV2[] => []);
  for (const signal of signals) grouped[channelOf(signal)].push(signal);
  return perChannel((channel) =>
    Object.freeze({
      score: fromMicros(rules.combine(votesOf(grouped[channel], rules))),
      signals: grouped[channel].length,
    }),
  );
}

/** Collects one vote per operator, of the weight of its heaviest source. */
function votesOf(signals: readonly SignalV2[], { weightOf }: Rules): Vote[] {
  const weights = new Map<string, number>();
  for (const signal of signals) {
    const key = operatorKeyOf(signal);
    weights.set(key, Math.max(weights.get(key) ?? 0, weightOf(signal.source)));
  }
  return [...worstSeverities(signals)].map(([key, severity]) => ({
    severity,
    weight: weights.get(key) ?? 0,
  }));
}

/** The vote of one operator in a channel: its worst severity and its weight, both in 10⁻⁶. */
export type Vote = Readonly<{ severity: number; weight: number }>;

/**
 * Computes the upper weighted median: the highest severity that at least half the weight reaches. Less
 * than half the weight pushes it neither above nor below all other votes; an even split gives the worse
 * half.
 *
 * @param votes in any order
 * @returns a severity in 10⁻⁶; 0 for no votes
 */
export function weightedMedian(votes: readonly Vote[]): number {
  const total = votes.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const { severity, weight } of [...votes].sort((a, b) => b.severity - a.severity)) {
    reached += weight;
    if (2 * reached >= total) return severity;
  }
  return 0;
}

/**
 * Computes the weighted mean, rounded up.
 *
 * @param votes in any order
 * @returns a severity in 10⁻⁶; 0 for no votes
 */
export function weightedMean(votes: readonly Vote[]): number {
  let weights = 0n;
  let sum = 0n;
  for (const { severity, weight } of votes) {
    weights += BigInt(weight);
    sum += BigInt(severity) * BigInt(weight);
  }
  return weights === 0n ? 0 : Number((sum + weights - 1n) / weights);
}
