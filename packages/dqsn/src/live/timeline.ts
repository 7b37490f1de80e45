/** The memory in time: what expires when, and which levels that leaves in force (DQSN v2, section 2). */
import { createHold, type Hold, type HoldTimes } from "../hold.js";
import { refused, type RefusedSignal, type SignalFacts } from "../ingest.js";
import { createMuting, type Muting } from "../muting.js";
import type { NetworkSettings } from "../network-config.js";
import { levelOf } from "../picture.js";
import { Memory } from "./memory.js";

/** Where a restored timeline goes on from. */
export type Beginning = Readonly<{
  nowMs: number;
  changedMs: number | undefined;
  holdTimes: HoldTimes;
}>;

/** Whether a value is a time: milliseconds since 1970-01-01T00:00:00Z, exact. */
export const isTime = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** A memory whose time never goes back. */
export class Timeline {
  readonly settings: NetworkSettings;
  readonly muting: Muting = createMuting();
  readonly memory: Memory;
  readonly hold: Hold;
  #nowMs: number;
  #changedMs: number | undefined;

  constructor(settings: NetworkSettings, beginning?: Beginning) {
    this.settings = settings;
    this.memory = new Memory(settings, this.muting);
    this.hold = createHold(settings.hold_ms, beginning?.holdTimes);
    this.#nowMs = beginning?.nowMs ?? 0;
    this.#changedMs = beginning?.changedMs;
  }

  /** The latest time that was given. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** When something last changed; undefined before the first signal. */
  get changedMs(): number | undefined {
    return this.#changedMs;
  }

  /** Lets time pass, and what has expired go. */
  advance(toMs: number): void {
    if (toMs > this.#nowMs) this.#nowMs = toMs;
    const { calendar } = this.memory;
    for (;;) {
      const oldestMs = calendar.earliest();
      const endMs = oldestMs + this.settings.ttl_ms;
      if (endMs > this.#nowMs) return;
      this.#noteLevel(endMs);
      this.memory.dropAll(oldestMs);
    }
  }

  /** Takes in a signal, or says why not. */
  take(facts: SignalFacts, nowMs: number): RefusedSignal | undefined {
    this.advance(nowMs);
    const timeMs = facts.observed_at ?? this.#nowMs;

    // [REFUSE] from the future: it would outrank and outlive what comes after it
    if (timeMs > this.#nowMs + this.settings.max_future_ms) {
      return refused("DQSN_ERROR_SIGNAL_FROM_FUTURE", "/observed_at");
    }

    // [REFUSE] already expired
    if (timeMs + this.settings.ttl_ms <= this.#nowMs) {
      return refused("DQSN_ERROR_SIGNAL_EXPIRED", "/observed_at");
    }

    // [REFUSE] no room for another node, source or type
    const full = this.memory.fullAt(facts);
    if (full !== undefined) return refused("DQSN_ERROR_STATE_FULL", full);

    if (this.#changedMs === undefined) this.#changedMs = this.#nowMs;
    else this.#noteLevel(this.#nowMs);
    this.memory.put(facts, timeMs);
    return undefined;
  }

  /** Changes who is muted, and counts anew. */
  changeMuting(change: (muting: Muting) => void, nowMs?: number): void {
    if (nowMs !== undefined) this.advance(nowMs);
    if (this.#changedMs !== undefined) this.#noteLevel(this.#nowMs);
    change(this.muting);
    this.memory.rehear();
  }

  /**
   * Notes, before something changes at `changeMs`, which level held until then. What is true within
   * one millisecond only is not held, so that the order of what comes in it does not matter.
   */
  #noteLevel(changeMs: number): void {
    if (this.#changedMs === undefined || changeMs <= this.#changedMs) return;
    this.hold.record(levelOf(this.memory, this.settings.global_quorum), changeMs);
    this.#changedMs = changeMs;
  }
}
