/** Checks the clock of a ledger's server against the process's clocks (design, section 7: clocks; decision 27). */
import { advanceClock, type CheckedTime, type CoreClock } from "@dgb-shield/contract";
import type { ClockNotice, LocalTime, Time } from "./time.js";

/** Longest pause of a process that its wall clock and the server's clock may prove together. */
export const MAX_PAUSE_MS = 60_000;
/** How fast two clocks may drift apart: NTP's largest slew. */
const MAX_DRIFT = 500e-6;

/** The last reading of the server's clock, paired with the process's own two clocks. */
export type ServerClock = Readonly<{
  clock: CoreClock;
  /** The last trusted reading, and how far the server's clock was ahead of the process's wall clock. */
  pair: Pair;
}>;

type Pair = Readonly<{ server: number; aheadMs: number }>;

/** A reading of the server's clock, taken between two moments of the process. */
export type ServerReading = Readonly<{
  clock_ms: number;
  local: Readonly<{ start: LocalTime; end: LocalTime }>;
  skewMs: number;
}>;

/** The outcome of a reading. */
export type ServerTime = Readonly<{
  time: Time;
  server: ServerClock | undefined;
  paused: ClockNotice | undefined;
}>;

/**
 * Judges a reading of the server's clock. A server's clock that jumps ahead leaves both clocks of the
 * process behind; a process that was paused lost only its monotonic time, and recovers.
 *
 * @param server the last reading; undefined before the first reading and after an acceptance
 */
export function advanceServerClock(
  server: ServerClock | undefined,
  { clock_ms, local, skewMs }: ServerReading,
): ServerTime {
  const { start, end } = local;
  // The reading was taken before `end`: no more than until then has passed since the anchor.
  const checked = advanceClock(server?.clock, readingOf(clock_ms, end), skewMs);
  if (!checked.ok) {
    const detail = `the ledger's clock: ${checked.detail}`;
    const nowMs = server?.clock.time_ms ?? 0;
    return {
      time: { nowMs, trusted: false, status: "invalid", detail },
      server,
      paused: undefined,
    };
  }
  const aheadMs = clock_ms - Number(end.wall);
  const trusted: Time = { nowMs: clock_ms, trusted: true, status: "trusted", detail: undefined };
  if (checked.status === "trusted") {
    const pair = pairedWith(server?.pair, { server: clock_ms, aheadMs }, skewMs);
    return {
      time: trusted,
      server: { clock: anchored(server, checked, start), pair },
      paused: undefined,
    };
  }
  const lostMs = clock_ms - checked.time_ms;
  if (checked.status === "ahead" && isPause(server, { lostMs, aheadMs, skewMs })) {
    const fresh = advanceClock(undefined, readingOf(clock_ms, end), skewMs);
    const clock = fresh.ok ? fresh.clock : checked.clock;
    const pair = { server: clock_ms, aheadMs };
    return { time: trusted, server: { clock, pair }, paused: pauseNotice(clock_ms, lostMs) };
  }
  const { status, time_ms } = checked;
  const kept = server === undefined ? undefined : { ...server, clock: checked.clock };
  const time: Time = { nowMs: time_ms, trusted: false, status, detail: WRONG[status] };
  return { time, server: kept, paused: undefined };
}

const REMEDY = "correct the server's clock, or accept it as an operator where it is right";
const WRONG = {
  behind: `the ledger's clock stepped back: ${REMEDY}`,
  ahead: `the ledger's clock jumped ahead: ${REMEDY}`,
} as const;

/** Anchors the clock at the earlier moment, so that a slow answer makes the next reading no jump. */
function anchored(
  server: ServerClock | undefined,
  { clock, wall_ms }: CheckedTime,
  start: LocalTime,
): CoreClock {
  const anchor = server?.clock.anchor;
  if (start.steady === undefined || (anchor !== undefined && start.steady < anchor.monotonic_ms)) {
    return { time_ms: clock.time_ms, anchor: anchor ?? clock.anchor };
  }
  // The reading is already trusted: only the anchor is computed.
  const early = advanceClock(server?.clock, readingOf(wall_ms, start), Number.MAX_SAFE_INTEGER);
  return early.ok ? early.clock : clock;
}

/** Computes the next pair: moved no faster than clocks may drift, or anew where the process's clock stepped. */
function pairedWith(last: Pair | undefined, now: Pair, skewMs: number): Pair {
  const off = last === undefined ? Infinity : now.aheadMs - last.aheadMs;
  if (last === undefined || Math.abs(off) > skewMs) return now;
  const most = Math.max(0, now.server - last.server) * MAX_DRIFT;
  return {
    server: now.server,
    aheadMs: last.aheadMs + Math.min(most, Math.max(-most, off)),
  };
}

/** Checks whether both wall clocks have moved alike since the last trusted reading, and no further than a pause may be. */
const isPause = (
  server: ServerClock | undefined,
  { lostMs, aheadMs, skewMs }: Readonly<{ lostMs: number; aheadMs: number; skewMs: number }>,
): boolean =>
  server !== undefined &&
  lostMs <= MAX_PAUSE_MS &&
  Math.abs(aheadMs - server.pair.aheadMs) <= skewMs;

const pauseNotice = (at_ms: number, lostMs: number): ClockNotice => ({
  action: "clock_untrusted",
  at_ms,
  status: "ahead",
  detail: `the process stood still for ${lostMs} ms; the ledger's clock counts, and decisions go on`,
});

const readingOf = (now_ms: number, { steady }: LocalTime) =>
  steady === undefined ? now_ms : { now_ms, monotonic_ms: steady };
