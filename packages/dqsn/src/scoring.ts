/** The scoring engine: one score per channel, the worst of them for the network (DQSN v2, section 2). */
import {
  type AdvisoryLevel,
  type Channel,
  CHANNELS,
  SCALE,
  type SignalSource,
} from "@dgb-shield/contract";
import { quorumOf, scoreWithin, toLevel } from "./advisory.js";
import type { NetworkState } from "./aggregator.js";
import { channelOf } from "./channels.js";
import { fromMicros, toMicros } from "./internal/micros.js";
import { criticalOperators, type Report, worstSeverities } from "./reporters.js";
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

/** Risk with its level and what that rests on. */
export type Assessment = NetworkRisk &
  Readonly<{
    level: AdvisoryLevel;
    live_operators: number;
    critical_operators: readonly string[];
    quorum: number;
  }>;

const DEFAULT_WEIGHT = 1;
const DEFAULT_MAX_OPERATOR_WEIGHT = 1;

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
  const reports = state.signals.map((signal) => ({ operator: signal.node_id, signal }));
  const { score, channels } = assess(reports, state.silent, options);
  return { score, channels };
}

/**
 * Assesses live reports.
 *
 * @param reports at most one per node, source and type
 * @param silent whether somebody who should have spoken did not
 */
export function assess(
  reports: readonly Report[],
  silent: boolean,
  options: ScoringOptions,
): Assessment {
  const severities = worstSeverities(reports);
  const critical = criticalOperators(severities);
  const quorum = quorumOf(severities.size, options.global_quorum);
  const channels = scoreChannels(reports, options);
  const worst = Math.max(...CHANNELS.map((channel) => channels[channel].score));
  const level = toLevel(
    {
      score: worst,
      critical_reporters: critical.length,
      silent: silent && worst < SCALE.elevated,
    },
    { global_quorum: quorum },
  );
  return {
    level,
    score: scoreWithin(level, worst),
    channels: level === "CRITICAL_LOCAL" ? capped(channels) : channels,
    live_operators: severities.size,
    critical_operators: critical,
    quorum,
  };
}

function scoreChannels(
  reports: readonly Report[],
  options: ScoringOptions,
): NetworkRisk["channels"] {
  const grouped = perChannel((): Report[] => []);
  for (const report of reports) grouped[channelOf(report.signal)].push(report);
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

/** One vote per operator; each of its reporters, a node's source, adds that source's weight. */
function votesOf(reports: readonly Report[], options: ScoringOptions): Vote[] {
  const reporters = new Map<string, Map<string, number>>();
  for (const { operator, signal } of reports) {
    const own = reporters.get(operator) ?? new Map<string, number>();
    const weight = toMicros(options.weights?.[signal.source] ?? DEFAULT_WEIGHT);
    reporters.set(operator, own.set(`${signal.source} ${signal.node_id}`, weight));
  }
  const cap = toMicros(options.max_operator_weight ?? DEFAULT_MAX_OPERATOR_WEIGHT);
  return [...worstSeverities(reports)].map(([operator, severity]) => {
    const weights = [...(reporters.get(operator)?.values() ?? [])];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { severity, weight: Math.min(cap, total) };
  });
}

const perChannel = <T>(make: (channel: Channel) => T): Readonly<Record<Channel, T>> =>
  Object.freeze({
    consensus: make("consensus"),
    mempool: make("mempool"),
    wallet: make("wallet"),
    infra: make("infra"),
  });
