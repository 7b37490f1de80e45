/** The live network picture: what comes in, what is seen, and when (DQSN v2, section 2). */
import type { AdvisoryLevel, NetworkView, TimeReading } from "@dgb-shield/contract";
import { scoreWithin } from "./advisory.js";
import { DqsnConfigError } from "./errors.js";
import {
  type AcceptedSignal,
  factsOf,
  refused,
  type RefusedSignal,
  signalToEnvelope,
} from "./ingest.js";
import { isTime, Timeline } from "./live/timeline.js";
import type { Reporter } from "./muting.js";
import { type NetworkConfig, networkSettings } from "./network-config.js";
import { pictureOf } from "./picture.js";
import { type NetworkSnapshot, snapshotOf } from "./snapshot.js";

/** What `ingest` answers. */
export type IngestResult = Readonly<{ accepted: true }> | RefusedSignal;

/** The live network picture. Its time is the latest `nowMs` that it was given, and never goes back. */
export type LiveNetwork = Readonly<{
  /**
   * Takes in one v2 signal. Who sent it, and that it may speak for this node and operator, has been
   * established by the caller. Never throws. A `nowMs` before the picture's time is taken for that
   * time: no alarm is lost to a clock that steps back.
   *
   * @param signal anything; what `signalToEnvelope` refuses is refused. What it has accepted is not
   * checked again.
   * @param nowMs milliseconds since 1970-01-01T00:00:00Z
   */
  ingest: (signal: unknown, reading: TimeReading) => IngestResult;
  /**
   * The picture at `nowMs`. Looking changes nothing that a later look shows. A `nowMs` before the
   * picture's time is answered as of that time, as silence at least: a clock that steps back
   * cannot tell how old anything is.
   *
   * @throws DqsnConfigError `invalid_time` when `nowMs` is not a time
   */
  view: (reading: TimeReading) => NetworkView;
  /**
   * Leaves a reporter out of score and level, its silence included; the digest still covers it.
   *
   * @param nowMs when; absent, the picture's time. The level that was in force then is held.
   * @throws DqsnConfigError `invalid_reporter`, `invalid_time`
   */
  mute: (reporter: Reporter, nowMs?: number) => void;
  /** Lets a muted reporter count again; see `mute`. */
  unmute: (reporter: Reporter, nowMs?: number) => void;
  /** All of it as plain JSON data, for `restoreNetworkState`; equal states give equal snapshots. */
  snapshot: () => NetworkSnapshot;
}>;

/**
 * Creates a live network picture. A signal costs the same whatever the picture holds. Views at one
 * `nowMs` agree on any two machines that saw the same signals, in any order, but for the hold, which
 * rests on when they came; their digests always do.
 *
 * @param config see `NetworkConfig`
 * @throws DqsnConfigError `invalid_config`
 * @example
 * const network = createNetworkState();
 * network.ingest({ node_id: "a", source: "adn", type: "lockdown", severity: 0.9 }, 1_000);
 * network.view(1_000).level // "CRITICAL_LOCAL"
 */
export const createNetworkState = (config: NetworkConfig = {}): LiveNetwork =>
  networkOn(new Timeline(networkSettings(config)));

/** The live network picture on a timeline. */
export const networkOn = (timeline: Timeline): LiveNetwork =>
  Object.freeze({
    ingest: (signal: unknown, reading: TimeReading) => ingest(timeline, signal, wallMsOf(reading)),
    view: (reading: TimeReading) => view(timeline, wallMsOf(reading)),
    mute: (reporter: Reporter, nowMs?: number) => {
      timeline.changeMuting((muting) => muting.add(reporter), checkedTime(nowMs));
    },
    unmute: (reporter: Reporter, nowMs?: number) => {
      timeline.changeMuting((muting) => muting.remove(reporter), checkedTime(nowMs));
    },
    snapshot: () => snapshotOf(timeline),
  });

const wallMsOf = (reading: TimeReading): number =>
  typeof reading === "number" ? reading : reading.now_ms;

function ingest(timeline: Timeline, input: unknown, nowMs: number): IngestResult {
  // [REFUSE] without a time nothing could expire
  if (!isTime(nowMs)) return refused("DQSN_ERROR_CLOCK_INVALID", "");

  // [REFUSE] not a valid v2 signal, or not valid as v3
  const facts = factsOf(input) ?? accept(input);
  if ("accepted" in facts) return facts;

  return timeline.take(facts, nowMs) ?? ACCEPTED;
}

const ACCEPTED: IngestResult = Object.freeze({ accepted: true });

function accept(input: unknown) {
  const result: AcceptedSignal | RefusedSignal = signalToEnvelope(input);
  if (!result.accepted) return result;
  return factsOf(result) ?? refused("DQSN_ERROR_SIGNAL_INVALID", "");
}

function view(timeline: Timeline, nowMs: number): NetworkView {
  const isBehind = checkedTime(nowMs) !== undefined && nowMs < timeline.nowMs;
  timeline.advance(nowMs);
  const { memory, settings } = timeline;
  const silent = memory.isSilent || isBehind;
  const picture = pictureOf(memory, silent, settings.global_quorum);
  const level: AdvisoryLevel = timeline.hold.inForce(picture.level, timeline.nowMs);
  return {
    as_of_ms: timeline.nowMs,
    clock: isBehind ? "behind" : "trusted",
    level,
    score: scoreWithin(level, picture.score),
    channels: picture.channels,
    live_operators: memory.ballots.liveOperators,
    critical_operators: memory.ballots.critical.names().slice(0, MAX_NAMES),
    critical_operators_count: memory.ballots.critical.size,
    silent_reporters: memory.silent().slice(0, MAX_NAMES),
    silent_reporters_count: memory.silent().length,
    quorum: picture.quorum,
    digest: memory.tree.digest(),
  };
}

/** Most names in a view. */
const MAX_NAMES = 32;

function checkedTime(nowMs: number | undefined): number | undefined {
  if (nowMs === undefined || isTime(nowMs)) return nowMs;
  throw new DqsnConfigError("invalid_time", "", "nowMs is not a time");
}
