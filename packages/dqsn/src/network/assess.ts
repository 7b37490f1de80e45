/** Level and score of a network from the votes of its channels, each kept within what the other means (design section 4.2: level). */
import { type AdvisoryLevel, type Channel, CHANNELS, SCALE } from "@dgb-shield/contract";
import { fromMicros } from "../internal/micros.js";
import { quorumOf, scoreWithin, toLevel } from "./advisory.js";

/** Score of a channel, 0–1, and the number of signals behind it. */
export type ChannelRisk = Readonly<{ score: number; signals: number }>;

/** Risk of the network: each channel, and the worst of them. */
export type NetworkRisk = Readonly<{
  score: number;
  channels: Readonly<Record<Channel, ChannelRisk>>;
}>;

/** Risk with its level, and the quorum that the level was held against. */
export type Assessment = NetworkRisk & Readonly<{ level: AdvisoryLevel; quorum: number }>;

/** The inputs of an assessment. */
export type Findings = Readonly<{
  channels: NetworkRisk["channels"];
  live: number;
  critical: number;
  /** An expected node is silent, or the clock is not trusted. */
  silent: boolean;
}>;

/** The votes of one channel. */
type VoteCount = Readonly<{
  /** Integer of 10⁻⁶. */
  score: () => number;
  isElevated: () => boolean;
}>;

/** The votes of all operators, by place in `CHANNELS`. */
export type CountedVotes = Readonly<{
  channelVotes: readonly VoteCount[];
  signals: readonly number[];
  liveOperators: number;
  critical: Readonly<{ size: number }>;
}>;

/**
 * Assesses counted votes, in a time that does not depend on their number.
 *
 * @param silent whether an expected node is silent, or the clock is not trusted
 */
export function assessNetwork(
  votes: CountedVotes,
  silent: boolean,
  globalQuorum: number | undefined,
): Assessment {
  const channels = perChannel((_, index) =>
    Object.freeze({
      score: fromMicros(votes.channelVotes[index]?.score() ?? 0),
      signals: votes.signals[index] ?? 0,
    }),
  );
  const { liveOperators: live, critical } = votes;
  return assess({ channels, live, critical: critical.size, silent }, globalQuorum);
}

/** Gives the level of that assessment alone, without searching for a median. */
export function levelOf(
  { channelVotes, liveOperators, critical }: CountedVotes,
  silent: boolean,
  globalQuorum: number | undefined,
): AdvisoryLevel {
  const isElevated = channelVotes.some((votes) => votes.isElevated());
  return toLevel(
    {
      score: isElevated ? SCALE.elevated : 0,
      critical_reporters: critical.size,
      live_reporters: liveOperators,
      silent: silent && !isElevated,
    },
    { global_quorum: quorumOf(liveOperators, globalQuorum) },
  );
}

/** Assesses the scores of channels: level and score, each kept within what the other means. */
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

/** Caps an uncorroborated alarm in its channel too, so that no reader of channels is misled. */
const capped = (channels: NetworkRisk["channels"]): NetworkRisk["channels"] =>
  perChannel((channel) =>
    Object.freeze({
      ...channels[channel],
      score: Math.min(channels[channel].score, scoreWithin("CRITICAL_LOCAL", 1)),
    }),
  );

/** Makes a value for each channel from its name and its place in `CHANNELS`. */
export const perChannel = <T>(
  make: (channel: Channel, index: number) => T,
): Readonly<Record<Channel, T>> =>
  Object.freeze({
    consensus: make("consensus", 0),
    mempool: make("mempool", 1),
    wallet: make("wallet", 2),
    infra: make("infra", 3),
  });
