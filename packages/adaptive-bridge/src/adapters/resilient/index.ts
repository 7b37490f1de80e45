/** Puts timeout, back-off with jitter and a circuit breaker around any sink (design, section 9), by cockatiel. */
import type { ShieldEvent } from "@dgb-shield/contract";
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  type IBackoff,
  timeout,
  TimeoutStrategy,
  wrap,
} from "cockatiel";
import { z } from "zod";
import { closeSink } from "../../internal/close-sink.js";
import { describeError } from "../../internal/describe-error.js";
import { classify } from "../../internal/write-outcome.js";
import { parseOptions } from "../../internal/options.js";
import type { BridgeSink, WriteContext, WriteResult } from "../../ports.js";

/** Bounds of a resilient sink that is given none. */
export const RESILIENT_DEFAULTS = Object.freeze({
  /** Milliseconds until a write is given up; keep it below the bridge's `writeTimeoutMs`. */
  timeoutMs: 3_000,
  /** Failures in a row that open the circuit. */
  failures: 5,
  /** Milliseconds until the second try; each further one waits twice as long. */
  initialDelayMs: 250,
  /** The longest wait between two tries, in milliseconds; while the circuit is open, that is the probes. */
  maxDelayMs: 60_000,
  /** Events a second that the receiver gets at most, after an outage too. */
  maxEventsPerSecond: 1_000,
});

/** Bounds of a resilient sink; see `RESILIENT_DEFAULTS` for what each one means. */
export type ResilientLimits = Readonly<Record<keyof typeof RESILIENT_DEFAULTS, number>>;

/** What `createResilientSink` takes besides the sink. */
export type ResilientOptions = Readonly<{
  /** Randomness for the jitter, 0 to below 1: `Math.random`. */
  random: () => number;
}> &
  Partial<ResilientLimits>;

/** State of the circuit breaker: `closed` works; `open` failed often and gets one probe now and then; `half_open` probes. */
export type CircuitName = "closed" | "open" | "half_open";

/** A sink whose failures lead to pauses: the bridge keeps what it did not take, in order. */
export interface ResilientSink extends BridgeSink {
  /** Never rejects: a failure is a result that takes nothing and requests a pause. */
  write(batch: readonly ShieldEvent[], context: WriteContext): Promise<WriteResult>;
  /** The state of the circuit breaker. */
  readonly circuit: CircuitName;
}

const optionsSchema = z.strictObject({
  random: z.custom((value) => typeof value === "function", "not a function"),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(RESILIENT_DEFAULTS.timeoutMs),
  failures: z.int().min(1).max(1_000).default(RESILIENT_DEFAULTS.failures),
  initialDelayMs: z.int().min(1).max(3_600_000).default(RESILIENT_DEFAULTS.initialDelayMs),
  maxDelayMs: z.int().min(1).max(3_600_000).default(RESILIENT_DEFAULTS.maxDelayMs),
  maxEventsPerSecond: z.int().min(1).max(1_000_000).default(RESILIENT_DEFAULTS.maxEventsPerSecond),
});

/**
 * Wraps a sink. While it fails, tries come further and further apart, each at a random moment of
 * the second half of its wait; after `failures` in a row the circuit is open and only one event is
 * tried. When that one arrives, batches grow from 2 by doubling, and never more than
 * `maxEventsPerSecond` leave. Nothing is dropped here: what waits is bounded by the bridge or outbox.
 *
 * @param sink any sink; a result of it with `done` 0 counts as a failure, and its pause is kept
 * @param options randomness and bounds; see `RESILIENT_DEFAULTS`
 * @throws BridgeError `invalid_config`
 * @example createResilientSink(createHttpSink({ url }), { random: Math.random })
 */
export function createResilientSink(sink: BridgeSink, options: ResilientOptions): ResilientSink {
  return new Resilient(sink, options.random, parse(options));
}

class Resilient implements ResilientSink {
  readonly name: string;
  readonly #sink: BridgeSink;
  readonly #limits: ResilientLimits;
  readonly #random: () => number;
  readonly #breaker;
  readonly #policy;
  #backoff: IBackoff<unknown> | undefined;
  /** Events that the next write may have. */
  #window = Infinity;

  constructor(sink: BridgeSink, random: () => number, limits: ResilientLimits) {
    this.name = sink.name;
    this.#sink = sink;
    this.#limits = limits;
    this.#random = random;
    this.#breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(limits.failures),
      // `pauseMs` sets when to probe: a wall clock that steps back would keep the circuit open.
      halfOpenAfter: -Number.MAX_VALUE,
    });
    const strategy = { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false };
    this.#policy = wrap(this.#breaker, timeout(limits.timeoutMs, strategy));
  }

  get circuit(): CircuitName {
    switch (this.#breaker.state) {
      case CircuitState.Closed:
        return "closed";
      case CircuitState.HalfOpen:
        return "half_open";
      default:
        return "open";
    }
  }

  async write(batch: readonly ShieldEvent[], context: WriteContext): Promise<WriteResult> {
    const head = batch.length > this.#window ? batch.slice(0, this.#window) : batch;
    try {
      const result = await this.#policy.execute(
        ({ signal }) => this.#try(head, signal),
        context.signal,
      );
      return this.#succeeded(result);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async close(): Promise<void> {
    await closeSink(this.#sink);
  }

  async #try(batch: readonly ShieldEvent[], signal: AbortSignal): Promise<WriteResult> {
    const value = await this.#sink.write(batch, { signal });
    const classified = classify({ status: "done", value }, batch.length);
    if (classified.status !== "done") throw new Error("unreadable result");
    const { done, refused, pauseMs, reason } = classified.written;
    if (done === 0 && batch.length > 0) throw new NothingTaken(reason, pauseMs);
    return { done, refused, pauseMs: pauseMs, ...(reason === null ? {} : { reason }) };
  }

  #succeeded(result: WriteResult): WriteResult {
    this.#backoff = undefined;
    this.#window *= 2;
    const pace = Math.ceil((result.done * 1_000) / this.#limits.maxEventsPerSecond);
    return { ...result, pauseMs: Math.max(result.pauseMs ?? 0, pace) };
  }

  #failed(error: unknown): WriteResult {
    this.#window = this.circuit === "closed" ? this.#window : 1;
    this.#backoff = this.#backoff?.next(undefined) ?? this.#firstBackoff();
    const requested = error instanceof NothingTaken ? error.pauseMs : 0;
    const pauseMs = Math.max(requested, Math.ceil(this.#backoff.duration), 1);
    return { done: 0, pauseMs, reason: describeError(error) };
  }

  #firstBackoff(): IBackoff<unknown> {
    const { initialDelayMs, maxDelayMs } = this.#limits;
    return new ExponentialBackoff<number>({
      initialDelay: initialDelayMs,
      maxDelay: maxDelayMs,
      generator: (state, { initialDelay, maxDelay }) => {
        const ceiling = Math.min(state ?? initialDelay, maxDelay);
        return [ceiling * (0.5 + this.#random() / 2), ceiling * 2];
      },
    }).next();
  }
}

class NothingTaken extends Error {
  readonly pauseMs: number;

  constructor(reason: string | null, pauseMs: number) {
    super(reason ?? "the sink took nothing");
    this.pauseMs = pauseMs;
  }
}

function parse(options: ResilientOptions): ResilientLimits {
  const parsed = parseOptions(optionsSchema, options);
  const { timeoutMs, failures, initialDelayMs, maxDelayMs, maxEventsPerSecond } = parsed;
  return Object.freeze({ timeoutMs, failures, initialDelayMs, maxDelayMs, maxEventsPerSecond });
}
