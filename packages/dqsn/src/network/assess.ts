/** The picture that the memory gives, in a time that does not depend on what it holds (DQSN v2, section 2). */
import { type AdvisoryLevel, SCALE } from "@dgb-shield/contract";
import { quorumOf, toLevel } from "./advisory.js";
import { fromMicros } from "../internal/micros.js";
import type { Memory } from "./live/signal-index.js";
import { assess, type Assessment, perChannel } from "./scoring.js";

/** Level, score, channels and quorum. `silent`: an expected report is missing, or the clock is not trusted. */
export function pictureOf(
  { ballots }: Memory,
  silent: boolean,
  globalQuorum: number | undefined,
): Assessment {
  const channels = perChannel((_, index) =>
    Object.freeze({
      score: fromMicros(ballots.tallies[index]?.score() ?? 0),
      signals: ballots.signals[index] ?? 0,
    }),
  );
  const { liveOperators: live, critical } = ballots;
  return assess({ channels, live, critical: critical.size, silent }, globalQuorum);
}

/** The level of that picture alone, without looking for a median. */
export function levelOf({ ballots, isSilent }: Memory, globalQuorum?: number): AdvisoryLevel {
  const isElevated = ballots.tallies.some((tally) => tally.isElevated());
  return toLevel(
    {
      score: isElevated ? SCALE.elevated : 0,
      critical_reporters: ballots.critical.size,
      live_reporters: ballots.liveOperators,
      silent: isSilent && !isElevated,
    },
    { global_quorum: quorumOf(ballots.liveOperators, globalQuorum) },
  );
}
