/** Events of the service, and what a reader of them gives. */
import type { ClientError } from "../client-error.js";

/** An event, as docs/api.md lists them. */
export type ServiceEvent = Readonly<{
  /** Where a later stream resumes: the next one begins behind it. Opaque. */
  id: string | null;
  /** Number of the record in the service's ledger; null for an event of the moment. */
  seq: number | null;
  type: string;
  at_ms: number;
  data: Readonly<Record<string, unknown>>;
}>;

/** Whether events arrive. */
export type StreamState = Readonly<{
  connected: boolean;
  /** Since when this is so, in milliseconds since 1970. */
  since_ms: number;
  /** Why it is not connected; null while it is, and before the first try has ended. */
  error: ClientError | null;
  /** When the next try begins, in milliseconds since 1970; null while none waits. */
  retry_at_ms: number | null;
}>;

/**
 * Why the state has to be read anew. `gap`: events may have been missed. `epoch`: the service's ledger was restored from a
 * backup, and adopted. What was taken with a `seq` of `from_seq` or above has not happened; what is there in its place comes
 * now.
 */
export type StreamReset =
  | Readonly<{ kind: "gap" }>
  | Readonly<{
      kind: "epoch";
      /** Epoch of the ledger: 1, and one more each time it was adopted. */
      epoch: number;
      from_seq: number;
    }>;

/** Options of a stream. */
export type EventsOptions = Readonly<{
  /** Takes each event, in order, each once, unless `onReset` takes some back. The next one waits until its promise resolves; what it throws ends the stream. */
  onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** Called where the state has to be read anew, at the first connection too, unless `lastEventId` resumed. */
  onReset?: (reset: StreamReset) => void | Promise<void>;
  onState?: (state: StreamState) => void;
  /** Ends the stream. */
  signal: AbortSignal;
  /** `id` of the last event that was taken, to resume behind it. */
  lastEventId?: string;
  /** Milliseconds of silence after which the connection counts as broken, 1 to 600,000. Default: 45,000, three heartbeats. */
  silenceMs?: number;
}>;
