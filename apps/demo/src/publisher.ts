/** When a node's signals are sent: at once when they change, else as a sign of life. */
import type { SignalV2 } from "@dgb-shield/contract";

/** Milliseconds between two signs of life; well below the time after which a signal expires. */
const HEARTBEAT_MS = 60_000;

/** Picks what to send of a node's present signals. */
export type Publisher = (signals: readonly SignalV2[], nowMs: number) => readonly SignalV2[];

/** A publisher for one node. */
export function createPublisher(): Publisher {
  let lastSaid = "";
  let lastMs = -Infinity;
  return (signals, nowMs) => {
    const said = signals.map(({ type, severity }) => `${type}=${severity}`).join();
    if (said === lastSaid && nowMs - lastMs < HEARTBEAT_MS) return [];
    [lastSaid, lastMs] = [said, nowMs];
    return signals;
  };
}
