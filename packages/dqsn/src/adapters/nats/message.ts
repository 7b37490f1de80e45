/** Applies one message of the stream to a network state, with one answer for every consumer (design section 4.2: exporters). */
import {
  checkTimeMs,
  ContractError,
  parseStrictJson,
  type SignalV2,
  type TimeReading,
} from "@dgb-shield/contract";
import { type AcceptedSignal, type NetworkState, signalToEnvelope } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { type Clock, wallMsOf } from "../shared/clock.js";

/** A message as it is stored. */
export type StoredSignal = Readonly<{
  subject: string;
  data: Uint8Array;
  /** When the stream stored it, milliseconds since 1970-01-01T00:00:00Z. */
  storedAtMs: number;
}>;

/**
 * Whether the sender of a message on `subject` may report as the signal's node, operator and source; any
 * other answer than true, a promise too, is a rejection.
 */
export type SubjectAuthorize = (signal: SignalV2, subject: string) => boolean;

/** The target of a message. */
export type MessageTarget = Readonly<{
  network: Pick<NetworkState, "ingest" | "view">;
  authorize: SubjectAuthorize;
  maxFutureMs: number;
  clock: Clock;
}>;

/** The outcome of a message. */
export type Applied = "accepted" | "malformed" | "unauthorized" | "refused";

/** A message that was stored longer ago than this, by the own clock, is applied as of its storage. */
const CATCH_UP_MS = 5_000;

/**
 * Applies a message. The decision rests on the message alone, so that every consumer whose clock is
 * right decides it in the same way, however late, often or in whatever order it reads:
 *
 * - a signal without `observed_at` is taken as observed when the stream stored it;
 * - it is from the future when `observed_at` is more than `maxFutureMs` after that moment;
 * - an old message is applied as of its storage, so that holds are as they were, where the network's time
 *   is not later already; any other one as of now.
 *
 * Where the own clock is behind the server's, the signal's date is in its future: the network counts such
 * a signal from its receipt, so that no alarm is lost to a slow clock.
 *
 * @throws the exceptions of `network.ingest`
 */
export function applyMessage(message: StoredSignal, target: MessageTarget): Applied {
  const checked = signalToEnvelope(parsed(message.data));
  // Not a signal: skipped.
  if (!checked.accepted) return "malformed";

  const { signal } = checked;
  // The sender may not report for this node, operator or source: skipped.
  if (guarded(() => target.authorize(signal, message.subject)) !== true) return "unauthorized";

  const { storedAtMs } = message;
  const observedMs = ownDate(signal) ?? storedAtMs;
  // From the future by the stream's own clock: skipped.
  if (observedMs > storedAtMs + target.maxFutureMs) return "refused";

  const reading = readingFor(storedAtMs, target);
  const result = target.network.ingest(withDate(checked, observedMs), reading);
  return result.accepted ? "accepted" : "refused";
}

const ownDate = (signal: SignalV2): number | undefined =>
  Object.hasOwn(signal, "observed_at") ? signal.observed_at : undefined;

function readingFor(storedAtMs: number, { network, clock }: MessageTarget): TimeReading {
  const own = guarded(clock);
  const lagMs = wallMsOf(own) - storedAtMs;
  // A clock that gives no time is replaced by the server's.
  if (own === undefined || checkTimeMs(wallMsOf(own)) !== undefined) return storedAtMs;
  if (lagMs <= CATCH_UP_MS) return own;
  const then = readingBefore(own, lagMs);
  const asOfMs = guarded(() => network.view(then).as_of_ms);
  return asOfMs === storedAtMs ? then : own;
}

/** Gives the reading of both clocks when a message was stored. */
const readingBefore = (own: TimeReading, lagMs: number): TimeReading =>
  typeof own === "number"
    ? own - lagMs
    : { now_ms: own.now_ms - lagMs, monotonic_ms: own.monotonic_ms - lagMs };

/** Dates an accepted signal; one whose date stands is passed on as such, so that it is not checked again. */
const withDate = (checked: AcceptedSignal, date: number): unknown =>
  ownDate(checked.signal) === date ? checked : { ...checked.signal, observed_at: date };

function parsed(data: Uint8Array): unknown {
  try {
    return parseStrictJson(data);
  } catch (error) {
    if (error instanceof ContractError) return undefined;
    throw error;
  }
}
