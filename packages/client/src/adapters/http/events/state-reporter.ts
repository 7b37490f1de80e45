/** Reports whether events arrive, and since when. */
import type { ClientError } from "../client-error.js";
import type { EventsOptions, StreamState } from "./types.js";

/** Creates a reporter, which reports at once that nothing is connected yet. */
export function createStateReporter(now: () => number, onState: EventsOptions["onState"]) {
  let state: StreamState = { connected: false, since_ms: now(), error: null, retry_at_ms: null };
  const set = (next: Omit<StreamState, "since_ms">): void => {
    state = Object.freeze({
      ...next,
      since_ms: next.connected === state.connected ? state.since_ms : now(),
    });
    onState?.(state);
  };
  set(state);
  return {
    connected: (): void => set({ connected: true, error: null, retry_at_ms: null }),
    disconnected: (error: ClientError | null, retry_at_ms: number | null): void =>
      set({ connected: false, error, retry_at_ms }),
  };
}
