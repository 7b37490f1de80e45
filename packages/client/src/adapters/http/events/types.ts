/** Events of the service, and what a reader of them gives. */
import type { ClientError } from "../client-error.js";

/** An event, as docs/api.md lists them. */
export type ServiceEvent = Readonly<{
  /** Where a later stream resumes: the next one begins behind it. Opaque. */
  id: string | null;
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

/** Options of a stream. */
export type EventsOptions = Readonly<{
  /** Takes each event, in order, each once. The next one waits until its promise resolves; what it throws ends the stream. */
  onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** Called where events may have been missed, at the first connection too, unless `lastEventId` resumed: read the state anew. */
  onReset?: () => void | Promise<void>;
  onState?: (state: StreamState) => void;
  /** Ends the stream. */
  signal: AbortSignal;
  /** `id` of the last event that was taken, to resume behind it. */
  lastEventId?: string;
  /** Milliseconds of silence after which the connection counts as broken, 1 to 600,000. Default: 45,000, three heartbeats. */
  silenceMs?: number;
}>;
