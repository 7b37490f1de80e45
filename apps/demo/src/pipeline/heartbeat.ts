/** Filters a node's signals: sent at once when they change, else as a heartbeat. */
import type { SignalV2 } from "@dgb-shield/contract";

/** Milliseconds between two heartbeats; well below the time after which a signal expires. */
const HEARTBEAT_MS = 60_000;

/** Selects what to send of a node's present signals. */
export type Heartbeat = (signals: readonly SignalV2[], nowMs: number) => readonly SignalV2[];

/** Creates the filter of one node. A clock that steps back brings the next heartbeat forward, never puts it off. */
export function createHeartbeat(): Heartbeat {
  let sent = "";
  let sentMs = -Infinity;
  return (signals, nowMs) => {
    const content = signals.map(({ type, severity }) => `${type}=${severity}`).join();
    const isDue = !(nowMs >= sentMs && nowMs - sentMs < HEARTBEAT_MS);
    if (content === sent && !isDue) return [];
    [sent, sentMs] = [content, nowMs];
    return signals;
  };
}
