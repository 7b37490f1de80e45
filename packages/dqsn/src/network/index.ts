/** The live network state: takes signals in, gives views, mutes and accepts clocks (design section 4.2). */
import type { NamedTypes } from "./live/critical-types.js";
import {
  acceptedClock,
  type CheckedTime,
  type InvalidTime,
  type NetworkView,
  type TimeReading,
} from "@dgb-shield/contract";
import { type Acceptance, type ClockAcceptance, readAcceptance } from "./clock-history.js";
import { DqsnConfigError } from "../errors.js";
import { readSignal, rejectedSignal, type RejectedSignal } from "./ingest.js";
import { LiveState } from "./live/live-state.js";
import type { MuteTarget } from "./muting.js";
import { type NetworkConfig, parseConfig } from "./config.js";
import { type NetworkSnapshot, snapshotOf } from "./snapshot.js";
import { takeView } from "./view.js";

/**
 * The answer of `ingest`. `ahead_ms` is present where the signal's date is further ahead of the clock than
 * `max_future_ms`: the node's clock or this one is wrong.
 */
export type IngestResult = Readonly<{ accepted: true; ahead_ms?: number }> | RejectedSignal;

/** The live network state. Its time is the latest trusted one of a change, and never goes back by itself. */
export type NetworkState = Readonly<{
  /**
   * Takes in one v2 signal. The caller has authenticated the sender, and checked that it may report for this
   * node, operator and source. Never throws.
   *
   * The date of the signal is held against the wall clock of the reading, its lifetime counts in the state's
   * own time. So no earlier reading makes a signal too old. A date ahead of the clock counts from now: such a
   * signal is accepted, expires like one without a date, and outranks nothing that is worse.
   *
   * Answers `DQSN_ERROR_CLOCK_INVALID` for a reading that gives no time, then the codes of `signalToEnvelope`,
   * `DQSN_ERROR_SIGNAL_INVALID` `/observed_at` for seconds in place of milliseconds,
   * `DQSN_ERROR_SIGNAL_EXPIRED`, `DQSN_ERROR_STATE_FULL`; a rejected signal changes nothing.
   *
   * @param signal anything; a result of `signalToEnvelope` is not checked again
   * @param reading the clock of the reader now, not the time at which a message was stored
   */
  ingest: (signal: unknown, reading: TimeReading) => IngestResult;
  /**
   * The network view at a reading. It stores nothing, the reading included. While the clock is not trusted,
   * `clock` states so and the level is at least UNKNOWN.
   *
   * @throws DqsnConfigError `invalid_time` when the reading gives no time
   */
  view: (reading: TimeReading) => NetworkView;
  /**
   * The types of the counted signals at or above 0.60, as of the latest view or change: the first 32 in UTF-16 order, and how many there are.
   * They tell an incident from another one of the same operators.
   */
  criticalTypes: () => NamedTypes;
  /**
   * Leaves a node or an operator out of level, score, quorum and silence; the digest still covers it. A node of
   * one operator is distinct from a node of that id elsewhere, and an operator from a node of its name.
   *
   * @param reading when; absent, the time of the last change. The level that was in force then is held.
   * @throws DqsnConfigError `invalid_reporter`, `too_many_muted` (10,000), `invalid_time`
   */
  mute: (target: MuteTarget, reading?: TimeReading) => void;
  /** Lets a muted node or operator count again; see `mute`. */
  unmute: (target: MuteTarget, reading?: TimeReading) => void;
  /**
   * Accepts the wall clock by order of an operator, forward and back. Signals dated in its future count
   * from now; signals expired by it go; the level in force is held for `hold_ms`. It is recorded in snapshots,
   * the last 16 times.
   *
   * @param acceptance who, an identifier, and why, 1–1,000 characters
   * @returns the record
   * @throws DqsnConfigError `invalid_acceptance`, `invalid_time`
   */
  acceptClock: (acceptance: Acceptance, reading: TimeReading) => ClockAcceptance;
  /** Writes the state at its last change as plain JSON data, for `restoreNetworkState`; equal states give equal snapshots. */
  snapshot: () => NetworkSnapshot;
}>;

/**
 * Creates a live network state. The cost of a signal does not depend on the number held. The digests of any two machines
 * that took in the same dated signals agree, in whatever order they came, while no bound is reached; so
 * do their views but for the hold-down, which rests on when signals came.
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

/** Wraps a live state in its public operations. */
export const networkOn = (state: LiveState): NetworkState =>
  Object.freeze({
    ingest: (signal: unknown, reading: TimeReading) => ingest(state, signal, reading),
    view: (reading: TimeReading) => takeView(state, checkedTime(state, reading)),
    criticalTypes: () => state.signalIndex.operatorVotes.criticalTypes.types(),
    mute: (target: MuteTarget, reading?: TimeReading) => {
      state.changeMuting(state.muting.adding(target), timeOfChange(state, reading));
    },
    unmute: (target: MuteTarget, reading?: TimeReading) => {
      state.changeMuting(state.muting.removing(target), timeOfChange(state, reading));
    },
    acceptClock: (acceptance: Acceptance, reading: TimeReading) =>
      acceptClock(state, readAcceptance(acceptance), reading),
    snapshot: () => snapshotOf(state),
  });

function ingest(state: LiveState, input: unknown, reading: TimeReading): IngestResult {
  // [REFUSE DQSN_ERROR_CLOCK_INVALID] without a time nothing could expire
  const checked = state.check(reading);
  if (!checked.ok) return rejectedSignal("DQSN_ERROR_CLOCK_INVALID", "", checked.detail);

  const read = readSignal(input);
  if (!read.ok) return read.rejected;
  const { facts } = read;

  const rejected = state.take(facts, checked);
  if (rejected !== undefined) return rejected;
  const aheadMs = facts.observed_at === undefined ? 0 : facts.observed_at - checked.wall_ms;
  return aheadMs > state.settings.max_future_ms ? { accepted: true, ahead_ms: aheadMs } : ACCEPTED;
}

const ACCEPTED: IngestResult = Object.freeze({ accepted: true });

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

/** The time of a change; without a reading that of the last change. */
const timeOfChange = (state: LiveState, reading: TimeReading | undefined) =>
  reading === undefined ? undefined : checkedTime(state, reading);

function checkedTime(state: LiveState, reading: TimeReading): CheckedTime {
  const checked = state.check(reading);
  if (checked.ok) return checked;
  throw invalidTime(checked);
}

const invalidTime = ({ detail }: InvalidTime): DqsnConfigError =>
  new DqsnConfigError("invalid_time", "", detail);
