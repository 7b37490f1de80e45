/** Options of an outbox. */
import type { ShieldEvent } from "@dgb-shield/contract";
import { wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  checkNames,
  functionSchema,
  guardTimers,
  MAX_TIMER_MS,
  parseOptions,
  sinkSchema,
  timersSchema,
} from "../../internal/options.js";
import type { BridgeSink, SetAsideListener, Timers } from "../../ports.js";
import { type DescriptorLock, flock } from "../files/flock.js";

/** Bounds of an outbox that is given none. */
export const OUTBOX_DEFAULTS = Object.freeze({
  /** Bytes of the log on the disk; more drops the oldest eighth. At least 5,000,000. */
  maxBytes: 256_000_000,
  /** Events in one write to a sink. */
  batchSize: 100,
  /** Milliseconds until a write to a sink that has not settled is given up. */
  writeTimeoutMs: 5_000,
  /** Milliseconds until a batch that failed is offered again; doubles each time, to a minute. */
  retryDelayMs: 250,
});

/** Bounds of an outbox; see `OUTBOX_DEFAULTS` for what each one means. */
export type OutboxLimits = Readonly<Record<keyof typeof OUTBOX_DEFAULTS, number>>;

/** What `openOutbox` takes. */
export type OutboxOptions = Readonly<{
  /** The folder of the log: made where it is missing (mode 0700), used by one process at a time. */
  folder: string;
  /** Where the events go; names are unique, and keep each sink's place in the log between runs. */
  sinks: readonly BridgeSink[];
  timers: Timers;
  /** Label of the outbox's own counters in the bridge; `outbox` by default. */
  name?: string;
  /** Called with events that were just flushed to the disk, oldest first. What it throws is ignored. */
  onDurable?: (events: readonly ShieldEvent[]) => void;
  /** Called with an event that a sink goes on failing at while it takes others; see `SetAsideListener`. */
  onSetAside?: SetAsideListener;
  /** Takes the lock on the folder: by the program `flock` unless another way is given. */
  lockDescriptor?: DescriptorLock;
}> &
  Partial<OutboxLimits>;

const optionsSchema = z.strictObject({
  folder: z.string().min(1),
  sinks: z.array(sinkSchema).min(1).max(64),
  timers: timersSchema,
  name: wordSchema.default("outbox"),
  onDurable: functionSchema.optional(),
  onSetAside: functionSchema.optional(),
  lockDescriptor: functionSchema.optional(),
  maxBytes: z
    .int()
    .min(5_000_000)
    .max(2 ** 40)
    .default(OUTBOX_DEFAULTS.maxBytes),
  batchSize: z.int().min(1).max(10_000).default(OUTBOX_DEFAULTS.batchSize),
  writeTimeoutMs: z.int().min(1).max(MAX_TIMER_MS).default(OUTBOX_DEFAULTS.writeTimeoutMs),
  retryDelayMs: z.int().min(1).max(MAX_TIMER_MS).default(OUTBOX_DEFAULTS.retryDelayMs),
});

/** Options with everything filled in that has a default. */
export type OutboxConfig = OutboxLimits &
  Pick<OutboxOptions, "folder" | "sinks" | "timers"> &
  Readonly<{
    name: string;
    onDurable: OutboxOptions["onDurable"];
    onSetAside: OutboxOptions["onSetAside"];
    lockDescriptor: DescriptorLock;
  }>;

/**
 * Checks the options and fills in what is absent.
 *
 * @throws BridgeError `invalid_config` with the path of the first offence
 */
export function parseConfig(options: OutboxOptions): OutboxConfig {
  const parsed = parseOptions(optionsSchema, options);
  checkNames(parsed.sinks);
  // Schemas of functions carry no types.
  const given = parsed as unknown as OutboxOptions & typeof parsed;
  return Object.freeze({
    folder: parsed.folder,
    // The parser's copies of these would lack what their classes have.
    sinks: options.sinks,
    timers: guardTimers(options.timers),
    name: parsed.name,
    onDurable: given.onDurable,
    onSetAside: given.onSetAside,
    lockDescriptor: given.lockDescriptor ?? flock,
    maxBytes: parsed.maxBytes,
    batchSize: parsed.batchSize,
    writeTimeoutMs: parsed.writeTimeoutMs,
    retryDelayMs: parsed.retryDelayMs,
  });
}
