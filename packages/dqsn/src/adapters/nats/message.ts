/** One message of the stream into a network state, with one answer for every consumer (design section 4.2). */
import { ContractError, parseStrictJson, type SignalV2 } from "@dgb-shield/contract";
import { type LiveNetwork, signalToEnvelope } from "../../index.js";
import { guarded } from "../guarded.js";

/** A message as it is stored. */
export type StoredSignal = Readonly<{
  subject: string;
  data: Uint8Array;
  /** When the stream stored it, milliseconds since 1970-01-01T00:00:00Z. */
  storedAtMs: number;
}>;

/** Whether the sender of a message on `subject` may speak for the signal's node, operator and source. */
export type SubjectAuthorize = (signal: SignalV2, subject: string) => boolean;

/** Where a message goes. */
export type MessageTarget = Readonly<{
  network: Pick<LiveNetwork, "ingest">;
  authorize: SubjectAuthorize;
  maxFutureMs: number;
  clock: () => number;
}>;

/** What became of a message. */
export type Applied = "accepted" | "malformed" | "unauthorized" | "refused";

/**
 * Applies a message. What is decided rests on the message alone, so that every consumer decides it in
 * the same way, however late, often or in whatever order it reads:
 *
 * - a signal without `observed_at` is taken as observed when the stream stored it;
 * - it is from the future when `observed_at` is more than `maxFutureMs` after that moment;
 * - the picture's time moves on to that moment, but never ahead of the reader's own clock, since a
 *   picture that is ahead of its reader's clock has to call itself UNKNOWN.
 */
export function applyMessage(message: StoredSignal, target: MessageTarget): Applied {
  const input = parsed(message.data);
  const checked = signalToEnvelope(input);
  // [SKIP] not a signal
  if (!checked.accepted) return "malformed";

  const { signal } = checked;
  // [SKIP] speaks for somebody else
  if (guarded(() => target.authorize(signal, message.subject)) !== true) return "unauthorized";

  const observed_at = signal.observed_at ?? message.storedAtMs;
  // [SKIP] from the future, measured by the stream's own clock
  if (observed_at > message.storedAtMs + target.maxFutureMs) return "refused";

  const nowMs = Math.min(message.storedAtMs, target.clock());
  const result = target.network.ingest({ ...signal, observed_at }, nowMs);
  return result.accepted ? "accepted" : "refused";
}

function parsed(data: Uint8Array): unknown {
  try {
    return parseStrictJson(data);
  } catch (error) {
    if (error instanceof ContractError) return undefined;
    throw error;
  }
}
