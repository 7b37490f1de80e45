/** The live state: the signal index in time, what expires, and which levels stay in force (design section 4.2: live, hold). */
import {
  advanceClock,
  type AdvisoryLevel,
  type CheckedTime,
  checkTimeMs,
  type CoreClock,
  type InvalidTime,
  type TimeReading,
} from "@dgb-shield/contract";
import { createHoldDown, type HoldDown, type HoldEnds, type HoldTimes } from "../hold-down.js";
import { rejectedSignal, type RejectedSignal, type SignalFacts } from "../ingest.js";
import { createMuting, type Muting } from "../muting.js";
import { supersedes } from "./precedence.js";
import {
  type Acceptance,
  type ClockAcceptance,
  type Leap,
  levelBehind,
  MAX_ACCEPTANCES,
  withLeap,
  worseOf,
} from "../clock-history.js";
import type { NetworkSettings } from "../config.js";
import { levelOf } from "../assess.js";
import type { LiveSignal } from "./live-signal.js";
import { SignalIndex } from "./signal-index.js";

/** The point from which a restored state goes on. */
export type RestorePoint = Readonly<{
  timeMs: number;
  changedMs: number | undefined;
  holdTimes: HoldTimes;
  acceptances: readonly ClockAcceptance[];
  leaps: readonly Leap[];
}>;

/** The state at its last change; a view for a later time moves on from there and may have to come back. */
type Base = Readonly<{ timeMs: number; changedMs: number | undefined; ends: HoldEnds }>;

/**
 * A signal index whose time never goes back by itself. A view moves it ahead and keeps what expired on the way;
 * the next change, or a view for an earlier time, puts that back.
 */
export class LiveState {
  readonly settings: NetworkSettings;
  readonly muting: Muting = createMuting();
  readonly signalIndex: SignalIndex;
  readonly holdDown: HoldDown;
  #clock: CoreClock | undefined;
  #nowMs: number;
  #changedMs: number | undefined;
  #base: Base;
  /** What has expired since the base. */
  #expired: LiveSignal[] = [];
  #acceptances: readonly ClockAcceptance[];
  #leaps: readonly Leap[];

  constructor(settings: NetworkSettings, restorePoint?: RestorePoint) {
    this.settings = settings;
    this.signalIndex = new SignalIndex(settings, this.muting);
    this.holdDown = createHoldDown(settings.hold_ms, restorePoint?.holdTimes);
    this.#nowMs = restorePoint?.timeMs ?? 0;
    this.#changedMs = restorePoint?.changedMs;
    this.#acceptances = restorePoint?.acceptances ?? [];
    this.#leaps = restorePoint?.leaps ?? [];
    // A restored state whose time is 0 has not taken in a signal yet.
    if (this.#nowMs > 0) this.#clock = { time_ms: this.#nowMs };
    this.#base = this.#here();
  }

  /** The time of the state: of its last change, or of the view for which it was moved on. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** When something last changed; undefined before the first signal. */
  get changedMs(): number | undefined {
    return this.#changedMs;
  }

  /** The last acceptances of the clock by an operator. */
  get acceptances(): readonly ClockAcceptance[] {
    return this.#acceptances;
  }

  /** The steps forward of the clock that may have been wrong. */
  get leaps(): readonly Leap[] {
    return this.#leaps;
  }

  /** Checks a reading against the clock; changes nothing. */
  check(reading: TimeReading): CheckedTime | InvalidTime {
    return advanceClock(this.#clock, reading, this.settings.max_clock_skew_ms);
  }

  /** Moves to a time at or after the last change, for a view. */
  moveTo(timeMs: number): void {
    if (timeMs < this.#nowMs) this.moveBack();
    const { expiryQueue } = this.signalIndex;
    for (;;) {
      const oldestMs = expiryQueue.earliest();
      const endMs = oldestMs + this.settings.ttl_ms;
      if (endMs > timeMs) break;
      this.#noteLevel(endMs);
      this.#expire(oldestMs);
    }
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  }

  /** Goes back to the last change. */
  moveBack(): void {
    const { timeMs, changedMs, ends } = this.#base;
    for (const signal of this.#expired) this.signalIndex.restore(signal);
    this.#expired = [];
    this.holdDown.reset(ends);
    this.#nowMs = timeMs;
    this.#changedMs = changedMs;
  }

  /** Takes in a signal; returns the rejection where it does not. */
  take(facts: SignalFacts, checked: CheckedTime): RejectedSignal | undefined {
    const { observed_at } = facts;
    // An old reading makes no signal old: the earlier of both clocks dates.
    const wallMs = Math.min(checked.wall_ms, checked.time_ms);

    // Seconds or microseconds in place of milliseconds are no date.
    const wrong = observed_at === undefined ? undefined : checkTimeMs(observed_at);
    if (wrong !== undefined) {
      return rejectedSignal("DQSN_ERROR_SIGNAL_INVALID", "/observed_at", wrong.detail);
    }

    // [REFUSE DQSN_ERROR_SIGNAL_EXPIRED] the date is ttl_ms or more before the clock
    const { ttl_ms } = this.settings;
    if (observed_at !== undefined && wallMs - observed_at >= ttl_ms) {
      return rejectedSignal("DQSN_ERROR_SIGNAL_EXPIRED", "/observed_at");
    }

    this.moveTo(checked.time_ms);
    const dateMs = observed_at ?? checked.time_ms;
    const dated = { dateMs, severity: facts.micros, canonical: facts.canonical };
    const place = this.signalIndex.placeOf(facts);
    const { held } = place;
    if (held !== undefined && !supersedes(dated, held, wallMs)) {
      this.#commit(checked);
      return undefined;
    }

    // [REFUSE DQSN_ERROR_STATE_FULL] no room, and no milder signal to displace
    const { fullAt, victims } = this.signalIndex.admit(facts, place);
    if (fullAt !== undefined) return rejectedSignal("DQSN_ERROR_STATE_FULL", fullAt);

    this.#commit(checked);
    if (this.#changedMs === undefined) {
      this.#changedMs = this.#nowMs;
      this.#base = this.#here();
    }
    for (const victim of victims) this.signalIndex.drop(victim);
    // Counts from its date, not later than now; where the clock is behind, lives until it has caught up.
    const timeMs = Math.min(checked.time_ms, Math.max(dateMs, checked.time_ms - ttl_ms + 1));
    // A node goes with its last signal, so that its place is looked up again.
    this.signalIndex.put(
      facts,
      { dateMs, timeMs },
      victims.length > 0 ? this.signalIndex.placeOf(facts) : place,
    );
    return undefined;
  }

  /** Changes the muted targets and recounts; without a reading at the time of the last change. */
  changeMuting(change: () => void, checked?: CheckedTime): void {
    if (checked === undefined) this.moveBack();
    else this.moveTo(checked.time_ms);
    this.#commit(checked);
    change();
    this.signalIndex.recount();
  }

  /**
   * Accepts the wall clock of a reading. Signals dated in its future are dated now; the level in force is held
   * from now.
   */
  accept(acceptance: Acceptance, clock: CoreClock, checked: CheckedTime): ClockAcceptance {
    this.moveTo(checked.time_ms);
    const { time_ms: at_ms } = clock;
    const level = this.inForce(this.#level(), checked);
    const record = { ...acceptance, at_ms, from_ms: this.#nowMs, clock: checked.status };
    for (const signal of [...this.signalIndex.signals()]) {
      const dateMs = Math.min(signal.dateMs, at_ms);
      // A signal that came while the clock ran ahead has a later date than time.
      const timeMs = Math.min(Math.max(signal.timeMs, dateMs), at_ms);
      this.signalIndex.redate(signal, { dateMs, timeMs });
    }
    this.#nowMs = at_ms;
    this.#leaps = [];
    this.holdDown.clear();
    if (this.#changedMs !== undefined) {
      this.#changedMs = at_ms;
      this.holdDown.record(level, at_ms);
    }
    this.moveTo(at_ms);
    this.#forget(clock);
    this.#acceptances = [...this.#acceptances, record].slice(-MAX_ACCEPTANCES);
    return record;
  }

  /**
   * Gives the level in force for a reading to whose time the state has been moved, where the signals give
   * `level`. A clock that stepped back may have ended earlier levels by a wrong step forward.
   */
  inForce(level: AdvisoryLevel, { status, wall_ms }: CheckedTime): AdvisoryLevel {
    const held = this.holdDown.inForce(level, this.#nowMs);
    if (status !== "behind") return held;
    const { ttl_ms, hold_ms } = this.settings;
    return worseOf(held, levelBehind(this.#leaps, wall_ms, ttl_ms + hold_ms));
  }

  #level(): AdvisoryLevel {
    const { operatorVotes, isSilent } = this.signalIndex;
    return levelOf(operatorVotes, isSilent, this.settings.global_quorum);
  }

  /** Makes the time of a reading, to which the state has been moved, that of its last change. */
  #commit(checked: CheckedTime | undefined): void {
    if (this.#changedMs !== undefined) {
      if (checked !== undefined) this.#noteLeap(checked);
      this.#noteLevel(this.#nowMs);
      // While the wall clock is earlier the state's time stands still; a level that ends meanwhile has lasted.
      if (checked !== undefined && checked.wall_ms < checked.time_ms) {
        this.holdDown.record(this.#level(), this.#nowMs);
      }
    }
    this.#forget(checked?.clock ?? this.#clock);
  }

  /** Drops for good what has expired. */
  #forget(clock: CoreClock | undefined): void {
    this.#clock = clock;
    this.#expired = [];
    this.#base = this.#here();
  }

  /**
   * Records a step forward of the wall clock that no monotonic clock measured: it may be wrong. Its level is in
   * force again only where the clock comes back; a hold-down from here would last for ever among changes that
   * are further apart than the skew.
   */
  #noteLeap({ time_ms, clock: { anchor } }: CheckedTime): void {
    const from_ms = this.#base.timeMs;
    if (time_ms - from_ms <= this.settings.max_clock_skew_ms) return;
    const before = this.#clock?.anchor;
    const isMeasured =
      before !== undefined && anchor !== undefined && anchor.monotonic_ms >= before.monotonic_ms;
    if (isMeasured) return;
    this.moveBack();
    const level = this.holdDown.inForce(this.#level(), from_ms);
    this.moveTo(time_ms);
    this.#leaps = withLeap(this.#leaps, { from_ms, to_ms: time_ms, level });
  }

  /**
   * Records, before a change at `changeMs`, the level until then. A level within one millisecond only is not
   * held, so that the order of the signals in it does not matter.
   */
  #noteLevel(changeMs: number): void {
    if (this.#changedMs === undefined || changeMs <= this.#changedMs) return;
    this.holdDown.record(this.#level(), changeMs);
    this.#changedMs = changeMs;
  }

  #expire(timeMs: number): void {
    const { expiryQueue } = this.signalIndex;
    for (;;) {
      const signal = expiryQueue.firstAt(timeMs);
      if (signal === undefined) return;
      this.signalIndex.drop(signal);
      this.#expired.push(signal);
    }
  }

  #here(): Base {
    return { timeMs: this.#nowMs, changedMs: this.#changedMs, ends: this.holdDown.ends() };
  }
}
