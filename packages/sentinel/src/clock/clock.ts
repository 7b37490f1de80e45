/** Advances the observer's clock: how far it is trusted, and how much time lies between observations. */
import {
  acceptedClock,
  advanceClock,
  type CheckedTime,
  type ClockAnchor,
  type InvalidTime,
  type TimeReading,
} from "@dgb-shield/contract";
import {
  type ClockState,
  emptyClock,
  LONGEST_POLL_MS,
  MAX_UNCONFIRMED,
  type Times,
} from "./clock-state.js";

/** How long the clock must go on after a longer step forward until that step is accepted. */
const CONFIRMATION_MS = 600_000;

/** Most that a step counts while the clock is behind: any stall or silence of a day is at its worst. */
const DAY_MS = 86_400_000;

/** What is known of the monotonic clock; lost with the process. */
export type LiveClock = Readonly<{
  anchor: ClockAnchor | undefined;
  monotonic_ms: number | undefined;
}>;

/** A clock at one moment. */
export type Clock = Readonly<{ state: ClockState; live: LiveClock }>;

/** No monotonic reading yet. */
export const NO_LIVE_CLOCK: LiveClock = Object.freeze({
  anchor: undefined,
  monotonic_ms: undefined,
});

/** A reading as an observation or a caller gives it. */
export const readingOf = (now_ms: number, monotonic_ms: number | undefined): TimeReading =>
  monotonic_ms === undefined ? now_ms : { now_ms, monotonic_ms };

/**
 * Takes a reading of the clock in.
 *
 * - Both clocks known: all times go on by what the monotonic clock measured.
 * - The wall clock alone: a step forward counts at once for what grows, and for what runs off when it is
 *   an ordinary time between two observations, or has been confirmed by ten more minutes.
 * - A step back counts as the usual time between two observations for what grows, and as none for the rest.
 *
 * @returns the clock, or why the reading gives no time; never throws
 */
export function advance(before: Clock, reading: TimeReading): Clock | InvalidTime {
  const { state, live } = before;
  const known = state.time_ms === 0 ? undefined : { time_ms: state.time_ms, anchor: live.anchor };
  const checked = advanceClock(known, reading);
  if (!checked.ok) return checked;
  const monotonic_ms = monotonicOf(reading);
  const next = known === undefined ? firstState(checked) : nextState(before, checked, monotonic_ms);
  return { state: next, live: { anchor: checked.clock.anchor, monotonic_ms } };
}

/**
 * The clock after an operator accepted the wall clock as right. What runs is not moved by it, so nothing
 * that is held ends by it.
 */
export function accept(before: Clock, reading: TimeReading): Clock | InvalidTime {
  const accepted = acceptedClock(reading);
  if (!accepted.ok) return accepted;
  const { time_ms, anchor } = accepted.clock;
  const { state, live } = before;
  const monotonic_ms = monotonicOf(reading);
  const measured = measuredMs(live, monotonic_ms);
  const passed: Passed = {
    most: Math.ceil(measured ?? state.interval_ms),
    least: Math.floor(measured ?? 0),
  };
  const times = state.time_ms === 0 ? allAt(time_ms) : later(state.times, passed, passed.least);
  return {
    live: { anchor, monotonic_ms },
    state: {
      ...state,
      time_ms,
      wall_ms: time_ms,
      status: "trusted",
      since_ms: time_ms,
      times,
      mark: { wall_ms: time_ms, most_ms: times.most_ms, least_ms: times.least_ms },
      unconfirmed: [],
    },
  };
}

/** Milliseconds that have passed, at most and at least. */
type Passed = Readonly<{ most: number; least: number }>;

function firstState({ wall_ms, time_ms }: CheckedTime): ClockState {
  const mark = { wall_ms, most_ms: wall_ms, least_ms: wall_ms };
  const times = allAt(wall_ms);
  return { ...emptyClock(), time_ms, wall_ms, since_ms: wall_ms, times, mark };
}

function nextState(
  { state, live }: Clock,
  checked: CheckedTime,
  monotonicMs: number | undefined,
): ClockState {
  const { status, wall_ms, time_ms } = checked;
  const isTrusted = status === "trusted";
  const confirmed = isTrusted ? confirmedMs(state, wall_ms) : 0;
  const measured = measuredMs(live, monotonicMs);
  const passed =
    measured === undefined
      ? passedByWall(state, checked, confirmed)
      : { most: Math.ceil(measured), least: Math.floor(measured) + confirmed };
  const times = later(state.times, passed, heldMs(state, status, passed));
  const isMarked = isTrusted && wall_ms >= state.mark.wall_ms;
  const ordinary = measured ?? wall_ms - state.wall_ms;
  const isOrdinary = status === state.status && ordinary >= 0 && ordinary <= LONGEST_POLL_MS;
  return {
    time_ms,
    wall_ms,
    status,
    since_ms: status === state.status ? state.since_ms : wall_ms,
    times,
    mark: isMarked
      ? { wall_ms, most_ms: times.most_ms, least_ms: times.least_ms }
      : { ...state.mark, least_ms: state.mark.least_ms + confirmed },
    interval_ms: isOrdinary ? Math.ceil(ordinary) : state.interval_ms,
    unconfirmed: unconfirmedAfter(state, checked, measured === undefined ? confirmed : undefined),
  };
}

/** What runs off: nothing while the clock is behind, and no more than one poll when it is trusted again. */
function heldMs(state: ClockState, status: ClockState["status"], { least }: Passed): number {
  if (status === "behind") return 0;
  return state.status === "behind" ? Math.min(least, state.interval_ms) : least;
}

/** What passed by the wall clock alone. */
function passedByWall(
  state: ClockState,
  { status, wall_ms, time_ms }: CheckedTime,
  confirmed: number,
): Passed {
  const { mark, times, interval_ms } = state;
  if (status === "behind") {
    const step = wall_ms - state.wall_ms;
    // The step back itself: how much time it hides is not known.
    if (state.status !== "behind" || step < 0) return { most: interval_ms, least: 0 };
    return { most: Math.min(step, DAY_MS), least: step <= LONGEST_POLL_MS ? step : 0 };
  }
  if (status === "ahead") {
    const step = time_ms - state.time_ms;
    return { most: step, least: step };
  }
  const most = Math.max(0, mark.most_ms + (wall_ms - mark.wall_ms) - times.most_ms);
  const step = stepOf(state, wall_ms);
  return { most, least: confirmed + (step <= LONGEST_POLL_MS ? step : 0) };
}

/** The step forward since the last trusted reading, less what has been counted of it. */
const stepOf = ({ mark, times }: ClockState, wallMs: number): number =>
  Math.max(0, mark.least_ms + (wallMs - mark.wall_ms) - times.least_ms);

const confirmedMs = ({ unconfirmed }: ClockState, wallMs: number): number =>
  // The common case: nothing waits.
  unconfirmed.length === 0
    ? 0
    : unconfirmed
        .filter((step) => isConfirmed(step, wallMs))
        .reduce((sum, { step_ms }) => sum + step_ms, 0);

const isConfirmed = ({ wall_ms }: Readonly<{ wall_ms: number }>, wallMs: number): boolean =>
  wallMs >= wall_ms + CONFIRMATION_MS;

/** Steps that still wait: a clock that went back has refuted those that lie ahead of it. */
function unconfirmedAfter(
  state: ClockState,
  { status, wall_ms }: CheckedTime,
  confirmed: number | undefined,
): ClockState["unconfirmed"] {
  const { unconfirmed } = state;
  if (status === "behind") return unconfirmed.filter((step) => step.wall_ms <= wall_ms);
  if (status === "ahead") return unconfirmed;
  const waiting =
    unconfirmed.length === 0
      ? unconfirmed
      : unconfirmed.filter((step) => !isConfirmed(step, wall_ms));
  const step_ms = confirmed === undefined ? 0 : stepOf(state, wall_ms);
  if (step_ms <= LONGEST_POLL_MS) return waiting;
  return [...waiting, { wall_ms, step_ms }].slice(-MAX_UNCONFIRMED);
}

const measuredMs = (
  { monotonic_ms: before }: LiveClock,
  now: number | undefined,
): number | undefined =>
  before === undefined || now === undefined || now < before ? undefined : now - before;

const monotonicOf = (reading: TimeReading): number | undefined =>
  typeof reading === "number" ? undefined : reading.monotonic_ms;

const allAt = (ms: number): Times => ({ most_ms: ms, least_ms: ms, held_ms: ms });

const later = (
  { most_ms, least_ms, held_ms }: Times,
  { most, least }: Passed,
  held: number,
): Times => ({
  most_ms: most_ms + most,
  least_ms: least_ms + least,
  held_ms: held_ms + held,
});
