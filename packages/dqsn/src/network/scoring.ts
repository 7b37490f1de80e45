/** The scoring engine: one score per channel, the worst of them for the network (DQSN v2, section 2). */
import {
  type AdvisoryLevel,
  type Channel,
  CHANNELS,
  SCALE,
  SIGNAL_SOURCES,
  type SignalSource,
  type SignalV2,
} from "@dgb-shield/contract";
import { isQuorum, quorumOf, scoreWithin, toLevel } from "./advisory.js";
import type { AggregatedSignals } from "./aggregator.js";
import { channelOf } from "./channels.js";
import { fromMicros, weightToMicros } from "../internal/micros.js";
import { ownOf } from "../internal/own.js";
import { operatorKeyOf, worstSeverities } from "./severities.js";
import { type Vote, weightedMean, weightedMedian } from "./weighting.js";

/** How the votes of a channel become one score. */
export const SCORINGS = Object.freeze(["weighted_median", "weighted_mean"] as const);
export type Scoring = (typeof SCORINGS)[number];

/** Options of scoring; absent fields take their defaults. `createNetworkState` refuses malformed ones. */
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

/** Score of a channel, 0–1, and the number of signals behind it. */
export type ChannelRisk = Readonly<{ score: number; signals: number }>;

/** Risk of the network: each channel, and the worst of them. */
export type NetworkRisk = Readonly<{
  score: number;
  channels: Readonly<Record<Channel, ChannelRisk>>;
}>;

/** Risk with its level, and the quorum that it was held against. */
export type Assessment = NetworkRisk & Readonly<{ level: AdvisoryLevel; quorum: number }>;

/** What a level and a score are made of. */
export type Findings = Readonly<{
  channels: NetworkRisk["channels"];
  live: number;
  critical: number;
  /** An expected report is missing, or the clock is not trusted. */
  silent: boolean;
}>;

/** Weight of a source. */
export const DEFAULT_WEIGHT = 1;
/** Heaviest weight. */
const MAX_WEIGHT = 1_000;
/** Most weight of one operator in a channel. */
export const DEFAULT_MAX_OPERATOR_WEIGHT = 1;

/**
 * The risk of an aggregated network, its operators counted as its reporters (DQSN v2, section 5). In
 * each channel an operator has one vote: its worst severity there, with the greatest weight of its
 * sources there, capped. The score is kept within what its level means, see `scoreWithin`.
 *
 * @returns the worst case, a score of 1 in every channel, for malformed options: a scoring that is none, a
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

/** The rules that options say; undefined for malformed options. */
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

/** The level and the score of what was found, each kept within what the other means. */
export function assess(findings: Findings, globalQuorum: number | undefined): Assessment {
  const { channels, live, critical, silent } = findings;
  const quorum = quorumOf(live, globalQuorum);
  const worst = Math.max(...CHANNELS.map((channel) => channels[channel].score));
  const level = toLevel(
    {
      score: worst,
      critical_reporters: critical,
      live_reporters: live,
      silent: silent && worst < SCALE.elevated,
    },
    { global_quorum: quorum },
  );
  return {
    level,
    quorum,
    score: scoreWithin(level, worst),
    channels: level === "CRITICAL_LOCAL" ? capped(channels) : channels,
  };
}

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

/** An uncorroborated alarm is capped in its channel too, so that no reader of channels is misled. */
const capped = (channels: NetworkRisk["channels"]): NetworkRisk["channels"] =>
  perChannel((channel) =>
    Object.freeze({
      ...channels[channel],
      score: Math.min(channels[channel].score, scoreWithin("CRITICAL_LOCAL", 1)),
    }),
  );

/** One vote per operator, of the weight of its heaviest source. */
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

/** A value for each channel; `make` gets its name and its place in `CHANNELS`. */
export const perChannel = <T>(
  make: (channel: Channel, index: number) => T,
): Readonly<Record<Channel, T>> =>
  Object.freeze({
    consensus: make("consensus", 0),
    mempool: make("mempool", 1),
    wallet: make("wallet", 2),
    infra: make("infra", 3),
  });
