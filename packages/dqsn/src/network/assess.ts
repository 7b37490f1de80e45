/** The picture that the signalIndex gives, in a time that does not depend on what it holds (DQSN v2, section 2). */
import { type AdvisoryLevel, SCALE } from "@dgb-shield/contract";
import { quorumOf, toLevel } from "./advisory.js";
import { fromMicros } from "../internal/micros.js";
import type { SignalIndex } from "./live/signal-index.js";
import { assess, type Assessment, perChannel } from "./scoring.js";

/** Level, score, channels and quorum. `silent`: an expected report is missing, or the clock is not trusted. */
export function assessNetwork(
  { operatorVotes }: SignalIndex,
  silent: boolean,
  globalQuorum: number | undefined,
): Assessment {
  const channels = perChannel((_, index) =>
    Object.freeze({
      score: fromMicros(operatorVotes.channelVotes[index]?.score() ?? 0),
      signals: operatorVotes.signals[index] ?? 0,
    }),
  );
  const { liveOperators: live, critical } = operatorVotes;
  return assess({ channels, live, critical: critical.size, silent }, globalQuorum);
}

/** The level of that picture alone, without looking for a median. */
export function levelOf(
  { operatorVotes, isSilent }: SignalIndex,
  globalQuorum?: number,
): AdvisoryLevel {
  const isElevated = operatorVotes.channelVotes.some((votes) => votes.isElevated());
  return toLevel(
    {
      score: isElevated ? SCALE.elevated : 0,
      critical_reporters: operatorVotes.critical.size,
      live_reporters: operatorVotes.liveOperators,
      silent: isSilent && !isElevated,
    },
    { global_quorum: quorumOf(operatorVotes.liveOperators, globalQuorum) },
  );
}
