/** The scoring engine: one score per channel, the worst of them for the network (DQSN v2, section 2). */
import {
  type AdvisoryLevel,
  type Channel,
  CHANNELS,
  SCALE,
  type SignalSource,
  type SignalV2,
} from "@dgb-shield/contract";
import { quorumOf, scoreWithin, toLevel } from "./advisory.js";
import type { NetworkState } from "./aggregator.js";
import { channelOf } from "./channels.js";
import { fromMicros, toMicros } from "./internal/micros.js";
import { worstSeverities } from "./reporters.js";
import { type Vote, weightedMean, weightedMedian } from "./weighting.js";

/** How the votes of a channel become one score. */
export const SCORINGS = ["weighted_median", "weighted_mean"] as const;
export type Scoring = (typeof SCORINGS)[number];

/** Options of scoring; absent fields take their defaults. */
export type ScoringOptions = Readonly<{
  /**
   * `weighted_median` (default): no coalition with less than half the weight of a channel can push
   * its score outside the range of the other votes. `weighted_mean`: rounded up to 10⁻⁶.
   */
  scoring?: Scoring | undefined;
  /** Weight of a source, above 0 and at most 1,000 (1). */
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
  /** Somebody who should have spoken did not. */
  silent: boolean;
}>;

/** Weight of a source. */
export const DEFAULT_WEIGHT = 1;
/** Most weight of one operator in a channel. */
export const DEFAULT_MAX_OPERATOR_WEIGHT = 1;

/**
 * The risk of an aggregated network, its nodes counted as its reporters (DQSN v2, section 5). In
 * each channel a reporter has one vote: its worst severity there, with the summed weight of its
 * sources, capped. The score is kept within what its level means, see `scoreWithin`.
 *
 * @example calculateNetworkRisk(aggregate([])).score // 0.25
 */
export function calculateNetworkRisk(
  state: NetworkState,
  options: ScoringOptions = {},
): NetworkRisk {
  const { score, channels } = assess(
    {
      channels: scoreChannels(state.signals, options),
      live: state.live_reporters,
      critical: state.critical_reporters,
      silent: state.silent,
    },
    options.global_quorum,
  );
  return { score, channels };
}

/** The level and the score of what was found, each kept within what the other means. */
export function assess(findings: Findings, globalQuorum: number | undefined): Assessment {
  const { channels, live, critical, silent } = findings;
  const quorum = quorumOf(live, globalQuorum);
  const worst = Math.max(...CHANNELS.map((channel) => channels[channel].score));
  const level = toLevel(
    {
      score: worst,
      critical_reporters: critical,
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

function scoreChannels(
  signals: readonly SignalV2[],
  options: ScoringOptions,
): NetworkRisk["channels"] {
  const grouped = perChannel((): SignalV2[] => []);
  for (const signal of signals) grouped[channelOf(signal)].push(signal);
  const combine = options.scoring === "weighted_mean" ? weightedMean : weightedMedian;
  return perChannel((channel) =>
    Object.freeze({
      score: fromMicros(combine(votesOf(grouped[channel], options))),
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

/** One vote per node; each of its reporters, a source, adds that source's weight. */
function votesOf(signals: readonly SignalV2[], options: ScoringOptions): Vote[] {
  const sources = new Map<string, Set<SignalSource>>();
  for (const { node_id, source } of signals) {
    sources.set(node_id, (sources.get(node_id) ?? new Set()).add(source));
  }
  const weightOf = (source: SignalSource) => toMicros(options.weights?.[source] ?? DEFAULT_WEIGHT);
  const cap = toMicros(options.max_operator_weight ?? DEFAULT_MAX_OPERATOR_WEIGHT);
  return [...worstSeverities(signals)].map(([nodeId, severity]) => {
    const weights = [...(sources.get(nodeId) ?? [])].map(weightOf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { severity, weight: Math.min(cap, total) };
  });
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
