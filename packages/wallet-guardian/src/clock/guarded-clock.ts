/** Guards the clock of a guardian: the process's own or its ledger's, compared with a monotonic one (design, section 7: clocks). */
import {
  acceptedClock,
  advanceClock,
  type CheckedTime,
  checkTimeMs,
  type CoreClock,
  type InvalidTime,
} from "@dgb-shield/contract";
import { advanceServerClock, type ServerClock } from "./server-clock.js";
import type { Acceptance, ClockNotice, ClockOwner, LocalTime, Time } from "./time.js";

/** Clocks of the integrator: `clock` gives milliseconds since 1970, `monotonic` milliseconds since any fixed point. */
export type Clocks = Readonly<{ clock: () => number; monotonic?: (() => number) | undefined }>;

/** The start of a call: the readings of the process's clocks, and whether its own clock is trusted. */
export type Start = Readonly<{ local: LocalTime; time: Time }>;

/** The clock fields of the ledger's snapshot. */
export type LedgerTimes = Readonly<{
  /** What the ledger's own clock gives; null where the caller's counts. */
  clock_ms: number | null;
  /** Latest time that the locked scopes have seen. */
  stored_ms: number;
  accepted: Acceptance;
}>;

/** A clock that detects when it cannot be trusted. */
export type GuardedClock = Readonly<{
  /** Reads the process's clocks; `keep: false` for a call that changes nothing. */
  begin(options?: Readonly<{ keep: boolean }>): Start;
  /** Judges the time of a transaction; null: an operator accepted the clock meanwhile, begin again. */
  judge(start: Start, seen: LedgerTimes, options?: Readonly<{ keep: boolean }>): Time | null;
  /** Takes the clock for right, as the ledger recorded it. */
  accept(accepted: Acceptance): void;
  /** Changes of status since the last call. */
  notices: () => readonly ClockNotice[];
}>;

type State = Readonly<{
  own: CoreClock | undefined;
  server: ServerClock | undefined;
  /** Acceptances seen; null before the first read of the ledger. */
  known: number | null;
}>;

/** The outcome of one step of the clock. */
type Judged = Readonly<{ time: Time | null; state: State; paused: ClockNotice | undefined }>;

/**
 * Makes a guarded clock. A reading that steps back, or that leaves the monotonic clock behind, by more
 * than the skew is not trusted until it is right again or an operator accepts it.
 *
 * @param options `skewMs`: how far a clock may step; `owner`: whose clock counts
 */
export function createGuardedClock(
  clocks: Clocks,
  { skewMs, owner }: Readonly<{ skewMs: number; owner: ClockOwner }>,
): GuardedClock {
  const read = (): LocalTime => ({
    wall: call(clocks.clock),
    steady: clocks.monotonic === undefined ? undefined : finite(call(clocks.monotonic)),
  });
  const reports = createReports(skewMs);
  const created = read();
  // Without a monotonic clock the reading at the start adds nothing to a later one.
  let state: State = {
    own: created.steady === undefined ? undefined : clockOf(advanceOwn(undefined, created)),
    server: undefined,
    known: null,
  };

  function advanceOwn(own: CoreClock | undefined, local: LocalTime): CheckedTime | InvalidTime {
    const { wall, steady } = local;
    const reading = steady === undefined ? wall : { now_ms: wall, monotonic_ms: steady };
    return advanceClock(own, reading as number, skewMs);
  }

  function begin({ keep } = KEEP): Start {
    const local = read();
    const checked = advanceOwn(state.own, local);
    if (keep && checked.ok) state = { ...state, own: checked.clock };
    const time = timeOf(checked, state.own);
    // The ledger's clock counts: the process's has to give a time, right or wrong.
    const isEnough = owner === "ledger" && checked.ok;
    return {
      local,
      time: isEnough
        ? { nowMs: checked.wall_ms, trusted: true, status: "trusted", detail: undefined }
        : time,
    };
  }

  function step(start: Start, seen: LedgerTimes): Judged {
    const isNew = isNewAcceptance(start.local, seen);
    const known = { ...state, known: seen.accepted.count };
    if (seen.clock_ms === null) {
      const own = isNew ? (acceptOwn(read()) ?? state.own) : state.own;
      return { time: isNew ? null : start.time, state: { ...known, own }, paused: undefined };
    }
    const server = isNew ? undefined : state.server;
    const local = { start: start.local, end: read() };
    const next = advanceServerClock(server, { clock_ms: seen.clock_ms, local, skewMs });
    const time = start.time.status === "invalid" ? start.time : next.time;
    return { time, state: { ...known, server: next.server }, paused: next.paused };
  }

  /** Whether the latest acceptance came after what this process holds. */
  function isNewAcceptance(local: LocalTime, { accepted, clock_ms }: LedgerTimes): boolean {
    if (state.known !== null) return accepted.count > state.known;
    if (accepted.count === 0 || local.steady === undefined || created.steady === undefined)
      return false;
    const since = (clock_ms ?? Number(local.wall)) - accepted.at_ms;
    return since >= -skewMs && since <= local.steady - created.steady + skewMs;
  }

  function judge(start: Start, seen: LedgerTimes, { keep } = KEEP): Time | null {
    const judged = step(start, seen);
    if (keep || judged.time === null) state = judged.state;
    if (judged.time === null) return null;
    const time = judged.time.trusted ? againstStored(judged.time, seen, skewMs) : judged.time;
    if (keep) reports.note({ time, seen, local: start.local, paused: judged.paused });
    return time;
  }

  const acceptOwn = ({ wall, steady }: LocalTime): CoreClock | undefined => {
    const reading = steady === undefined ? wall : { now_ms: wall, monotonic_ms: steady };
    const accepted = acceptedClock(reading as number);
    return accepted.ok ? accepted.clock : undefined;
  };

  function accept({ count }: Acceptance): void {
    state = { own: acceptOwn(read()) ?? state.own, server: undefined, known: count };
    reports.reset();
  }

  return { begin, judge, accept, notices: reports.take };
}

const KEEP: Readonly<{ keep: boolean }> = Object.freeze({ keep: true });

/** Checks whether `value` is a time by which something can be recorded. */
export const timeFault = (value: unknown): string | undefined => checkTimeMs(value)?.detail;

function timeOf(checked: CheckedTime | InvalidTime, own: CoreClock | undefined): Time {
  if (!checked.ok) {
    const detail = `clock: ${checked.detail}`;
    return { nowMs: own?.time_ms ?? 0, trusted: false, status: "invalid", detail };
  }
  const { status, wall_ms, time_ms } = checked;
  if (status === "trusted") return { nowMs: wall_ms, trusted: true, status, detail: undefined };
  return { nowMs: time_ms, trusted: false, status, detail: WRONG[status] };
}

const REMEDY = "correct the clock, or accept it as an operator where it is right";
const WRONG = {
  behind: `the wall clock stepped back: ${REMEDY}`,
  ahead: `the wall clock is ahead of the monotonic clock: ${REMEDY}`,
} as const;

/** [behind] the ledger has seen a later time than the clock gives: nothing can be aged by either. */
function againstStored(time: Time, { stored_ms }: LedgerTimes, skewMs: number): Time {
  const aheadMs = stored_ms - time.nowMs;
  if (aheadMs <= skewMs) return time;
  const detail = `the ledger's time is ${aheadMs} ms ahead of the clock: ${REMEDY}`;
  return { nowMs: time.nowMs, trusted: false, status: "behind", detail };
}

const finite = (value: unknown): number => (typeof value === "number" ? value : NaN);

const clockOf = (checked: CheckedTime | InvalidTime): CoreClock | undefined =>
  checked.ok ? checked.clock : undefined;

function call(clock: () => unknown): unknown {
  try {
    return clock();
  } catch {
    return undefined;
  }
}

type Noted = Readonly<{
  time: Time;
  seen: LedgerTimes;
  local: LocalTime;
  paused: ClockNotice | undefined;
}>;

/** Reports each change to an untrusted clock once. */
function createReports(skewMs: number) {
  const pending: ClockNotice[] = [];
  let isLost = false;
  let isSkewed = false;
  /** Latest stored time that was reported to be ahead of the clock. */
  let storedMs = 0;

  function note({ time, seen, local, paused }: Noted): void {
    const { nowMs, status, detail = "" } = time;
    const isStored = !time.trusted && seen.stored_ms > nowMs + skewMs && status === "behind";
    const isNew = isStored ? seen.stored_ms > storedMs : !time.trusted && !isLost;
    if (isNew) pending.push({ action: "clock_untrusted", at_ms: nowMs, status, detail });
    if (isStored) storedMs = Math.max(storedMs, seen.stored_ms);
    else isLost = !time.trusted;
    if (paused !== undefined) pending.push(paused);
    if (time.trusted) noteSkew(local.wall, seen.clock_ms);
  }

  /** Reports that the process's clock and the ledger's are apart: `valid_until_ms` must not be compared with the former. */
  function noteSkew(wall: unknown, clockMs: number | null): void {
    if (clockMs === null || timeFault(wall) !== undefined) return;
    const apartMs = clockMs - Number(wall);
    const wasSkewed = isSkewed;
    isSkewed = Math.abs(apartMs) > skewMs;
    if (!isSkewed || wasSkewed) return;
    const detail = `the ledger's clock is ${apartMs} ms ahead of the process's: go by valid_for_ms`;
    pending.push({ action: "clock_skew", at_ms: clockMs, status: "trusted", detail });
  }

  return {
    note,
    reset(): void {
      isLost = false;
      storedMs = 0;
    },
    take: (): readonly ClockNotice[] => pending.splice(0),
  };
}
