/** Options of a bridge: the sinks and timers handed in, and the bounds of everything that waits. */
import { z } from "zod";
import { BridgeError } from "./errors.js";
import {
  checkNames,
  functionSchema,
  guardTimers,
  MAX_TIMER_MS,
  parseOptions,
  sinkSchema,
  timersSchema,
} from "./internal/options.js";
import { PERSONAL_DATA_MODES, type PersonalDataMode } from "./personal-data.js";
import type { BridgeSink, SetAsideListener, Timers } from "./ports.js";

/** Bounds of a bridge that is given none. */
export const BRIDGE_DEFAULTS = Object.freeze({
  /** Events that may wait for one sink; one more pushes the oldest out. */
  capacity: 10_000,
  /** Bytes of memory of the events that may wait for one sink; more pushes the oldest out. */
  capacityBytes: 64_000_000,
  /** Events in one write. */
  batchSize: 100,
  /** Milliseconds until a write that has not settled is given up. */
  writeTimeoutMs: 5_000,
  /** Further tries of a batch after the sink threw or rejected; one that timed out is not tried again. */
  retries: 1,
  /** Milliseconds between two tries. */
  retryDelayMs: 250,
  /** Milliseconds that `close` spends at most on what is queued, and again on closing the sinks. */
  closeTimeoutMs: 5_000,
});

const timeoutSchema = z.int().min(1).max(MAX_TIMER_MS);

const optionsSchema = z.strictObject({
  sinks: z.array(sinkSchema).max(64),
  timers: timersSchema,
  capacity: z.int().min(1).max(1_000_000).default(BRIDGE_DEFAULTS.capacity),
  capacityBytes: z.int().min(2_000_000).max(10_000_000_000).default(BRIDGE_DEFAULTS.capacityBytes),
  batchSize: z.int().min(1).max(10_000).default(BRIDGE_DEFAULTS.batchSize),
  writeTimeoutMs: timeoutSchema.default(BRIDGE_DEFAULTS.writeTimeoutMs),
  retries: z.int().min(0).max(10).default(BRIDGE_DEFAULTS.retries),
  retryDelayMs: z.int().min(0).max(MAX_TIMER_MS).default(BRIDGE_DEFAULTS.retryDelayMs),
  closeTimeoutMs: timeoutSchema.default(BRIDGE_DEFAULTS.closeTimeoutMs),
  personalData: z.enum(PERSONAL_DATA_MODES).default("hashed"),
  salt: z.string().min(16).max(1_024).optional(),
  onSetAside: functionSchema.optional(),
});

/** Bounds of a bridge; see `BRIDGE_DEFAULTS` for what each one means. */
export type BridgeLimits = Readonly<Record<keyof typeof BRIDGE_DEFAULTS, number>>;

/** What `createAdaptiveBridge` takes. */
export type BridgeOptions = Readonly<{
  sinks: readonly BridgeSink[];
  timers: Timers;
  /** Treatment of personal data and amounts in exports: `hashed` by default; see `PersonalDataMode`. */
  personalData?: PersonalDataMode;
  /** The secret key of the hashes, 16 to 1,024 characters; without one, what would be hashed is left out. */
  salt?: string;
  /** Called with an event that a sink goes on failing at while it takes others; see `SetAsideListener`. */
  onSetAside?: SetAsideListener;
}> &
  Partial<BridgeLimits>;

/** Options with everything filled in that has a default. */
type BridgeConfig = Pick<BridgeOptions, "sinks" | "timers"> &
  Readonly<{
    limits: BridgeLimits;
    personalData: PersonalDataMode;
    salt: string | undefined;
    onSetAside: SetAsideListener | undefined;
  }>;

/**
 * Checks the options and fills in the bounds that are absent.
 *
 * @throws BridgeError `invalid_config` with the path of the first offence
 */
export function parseConfig(options: BridgeOptions): BridgeConfig {
  const parsed = parseOptions(optionsSchema, options);
  checkNames(parsed.sinks);
  const { personalData, salt, onSetAside } = parsed;
  return Object.freeze({
    // The parser's copies of these would lack what their classes have.
    sinks: [...options.sinks],
    timers: guardTimers(options.timers),
    limits: Object.freeze({
      capacity: parsed.capacity,
      capacityBytes: parsed.capacityBytes,
      batchSize: parsed.batchSize,
      writeTimeoutMs: parsed.writeTimeoutMs,
      retries: parsed.retries,
      retryDelayMs: parsed.retryDelayMs,
      closeTimeoutMs: parsed.closeTimeoutMs,
    }),
    personalData,
    salt,
    onSetAside: onSetAside as SetAsideListener | undefined,
  });
}

/**
 * Checks a timeout that a caller passes.
 *
 * @throws BridgeError `invalid_timeout` unless it is an integer from 0 to 2^31−1 milliseconds
 */
export function checkTimeout(timeoutMs: number): void {
  // [THROW invalid_timeout] no whole number from 0 to 2^31−1
  if (!Number.isInteger(timeoutMs) || timeoutMs < 0 || timeoutMs > MAX_TIMER_MS) {
    throw new BridgeError("invalid_timeout", "", "a timeout is a whole number of milliseconds");
  }
}
