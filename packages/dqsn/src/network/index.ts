/** The live network state: what comes in, what is seen, and when (DQSN v2, section 2). */
import {
  acceptedClock,
  type CheckedTime,
  type InvalidTime,
  type NetworkView,
  type TimeReading,
} from "@dgb-shield/contract";
import { type Acceptance, type ClockAcceptance, readAcceptance } from "./clock-acceptance.js";
import { scoreWithin } from "./advisory.js";
import { DqsnConfigError } from "../errors.js";
import { factsOf, rejectedSignal, type RejectedSignal, signalToEnvelope } from "./ingest.js";
import { LiveState } from "./live/live-state.js";
import type { MuteTarget } from "./muting.js";
import { type NetworkConfig, parseConfig } from "./config.js";
import { assessNetwork } from "./assess.js";
import { type NetworkSnapshot, snapshotOf } from "./snapshot.js";

/**
 * What `ingest` answers. `ahead_ms` is there where the signal's date is further ahead of the clock than
 * `max_future_ms`: the reporter's clock or this one is wrong.
 */
export type IngestResult = Readonly<{ accepted: true; ahead_ms?: number }> | RejectedSignal;

/** The live network state. Its time is the latest trusted one of a change, and never goes back by itself. */
export type NetworkState = Readonly<{
  /**
   * Takes in one v2 signal. The caller has established who sent it, and that the sender may report for this
   * node, operator and source. Never throws.
   *
   * The date of the signal is held against the wall clock of the reading, its lifetime counts in the state's
   * own time. So no earlier reading makes a signal too old. A date ahead of the clock counts from now: such a
   * signal is accepted, expires like one without a date, and outranks nothing that is worse.
   *
   * Answers `DQSN_ERROR_CLOCK_INVALID` for a reading that gives no time, then what `signalToEnvelope` refuses,
   * `DQSN_ERROR_SIGNAL_INVALID` `/observed_at` for seconds in place of milliseconds,
   * `DQSN_ERROR_SIGNAL_EXPIRED`, `DQSN_ERROR_STATE_FULL`; a refused signal changes nothing.
   *
   * @param signal anything; what `signalToEnvelope` has accepted is not checked again
   * @param reading the clock of the reader now, not the time at which a message was stored
   */
  ingest: (signal: unknown, reading: TimeReading) => IngestResult;
  /**
   * The network view at a reading. It stores nothing, the reading included. While the clock is not trusted,
   * `clock` says so and the level is at least UNKNOWN.
   *
   * @throws DqsnConfigError `invalid_time` when the reading gives no time
   */
  view: (reading: TimeReading) => NetworkView;
  /**
   * Leaves a reporter out of level, score, quorum and silence; the digest still covers it. A muted node of
   * one operator is another one than a node of that id elsewhere, and an operator another than a node.
   *
   * @param reading when; absent, the time of the last change. The level that was in force then is held.
   * @throws DqsnConfigError `invalid_reporter`, `too_many_muted` (10,000), `invalid_time`
   */
  mute: (reporter: MuteTarget, reading?: TimeReading) => void;
  /** Lets a muted reporter count again; see `mute`. */
  unmute: (reporter: MuteTarget, reading?: TimeReading) => void;
  /**
   * Makes the wall clock right by the order of an operator, forward and back. What lies in its future counts
   * from now; what expired by it goes; the level in force is held for `hold_ms`. It is recorded in snapshots,
   * the last 16 times.
   *
   * @param acceptance who, an identifier, and why, 1–1,000 characters
   * @returns the record
   * @throws DqsnConfigError `invalid_acceptance`, `invalid_time`
   */
  acceptClock: (acceptance: Acceptance, reading: TimeReading) => ClockAcceptance;
  /** All of it at its last change as plain JSON data, for `restoreNetworkState`; equal states give equal snapshots. */
  snapshot: () => NetworkSnapshot;
}>;

/**
 * Creates a live network state. A signal costs the same whatever is held. The digests of any two machines
 * that took in the same dated signals agree, in whatever order they came, while no bound is reached; so
 * do their views but for the hold, which rests on when signals came.
 *
 * @param config see `NetworkConfig`
 * @throws DqsnConfigError `invalid_config`
 * @example
 * const network = createNetworkState();
 * const nowMs = 1_782_664_805_000;
 * network.ingest({ node_id: "a", source: "adn", type: "lockdown", severity: 0.9 }, nowMs);
 * network.view(nowMs).level // "CRITICAL_LOCAL"
 */
export const createNetworkState = (config: NetworkConfig = {}): NetworkState =>
  networkOn(new LiveState(parseConfig(config)));

/** The live network state on a state. */
export const networkOn = (state: LiveState): NetworkState =>
  Object.freeze({
    ingest: (signal: unknown, reading: TimeReading) => ingest(state, signal, reading),
    view: (reading: TimeReading) => view(state, reading),
    mute: (reporter: MuteTarget, reading?: TimeReading) => {
      state.changeMuting(state.muting.adding(reporter), timeOfChange(state, reading));
    },
    unmute: (reporter: MuteTarget, reading?: TimeReading) => {
      state.changeMuting(state.muting.removing(reporter), timeOfChange(state, reading));
    },
    acceptClock: (acceptance: Acceptance, reading: TimeReading) =>
      acceptClock(state, readAcceptance(acceptance), reading),
    snapshot: () => snapshotOf(state),
  });

function ingest(state: LiveState, input: unknown, reading: TimeReading): IngestResult {
  // [REFUSE] without a time nothing could expire
  const checked = state.check(reading);
  if (!checked.ok) return rejectedSignal("DQSN_ERROR_CLOCK_INVALID", "", checked.detail);

  // [REFUSE] not a valid v2 signal, or not valid as v3
  const accepted = factsOf(input) === undefined ? signalToEnvelope(input) : input;
  const facts = factsOf(accepted);
  if (facts === undefined) return accepted as RejectedSignal;

  const refusal = state.take(facts, checked);
  if (refusal !== undefined) return refusal;
  const aheadMs = facts.observed_at === undefined ? 0 : facts.observed_at - checked.wall_ms;
  return aheadMs > state.settings.max_future_ms ? { accepted: true, ahead_ms: aheadMs } : ACCEPTED;
}

const ACCEPTED: IngestResult = Object.freeze({ accepted: true });

function view(state: LiveState, reading: TimeReading): NetworkView {
  const checked = checkedTime(state, reading);
  state.moveTo(checked.time_ms);
  const { signalIndex, settings, nowMs } = state;
  const { operatorVotes, silence, tree } = signalIndex;
  // [UNKNOWN at least] a clock that is not trusted cannot tell how old anything is
  const isSilent = signalIndex.isSilent || checked.status !== "trusted";
  const picture = assessNetwork(signalIndex, isSilent, settings.global_quorum);
  const level = state.inForce(picture.level, checked);
  return {
    as_of_ms: nowMs,
    clock: checked.status,
    level,
    score: scoreWithin(level, picture.score),
    channels: picture.channels,
    live_operators: operatorVotes.liveOperators,
    critical_operators: operatorVotes.critical.names(),
    critical_operators_count: operatorVotes.critical.size,
    silent_reporters: silence.names(),
    silent_reporters_count: silence.size,
    quorum: picture.quorum,
    digest: tree.digest(),
  };
}

function acceptClock(
  state: LiveState,
  acceptance: Acceptance,
  reading: TimeReading,
): ClockAcceptance {
  const checked = checkedTime(state, reading);
  const accepted = acceptedClock(reading);
  if (!accepted.ok) throw invalidTime(accepted);
  return { ...state.accept(acceptance, accepted.clock, checked) };
}

/** No reading means the time of the last change. */
const timeOfChange = (state: LiveState, reading: TimeReading | undefined) =>
  reading === undefined ? undefined : checkedTime(state, reading);

function checkedTime(state: LiveState, reading: TimeReading): CheckedTime {
  const checked = state.check(reading);
  if (checked.ok) return checked;
  throw invalidTime(checked);
}

const invalidTime = ({ detail }: InvalidTime): DqsnConfigError =>
  new DqsnConfigError("invalid_time", "", detail);
