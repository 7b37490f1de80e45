/** The timers of Node for a bridge. */
import type { Timers } from "../../ports.js";

/** `setImmediate` and `setTimeout`. They keep the process alive while events are under way. */
export const nodeTimers: Timers = Object.freeze({
  soon(task: () => void): void {
    setImmediate(task);
  },
  after(ms: number, task: () => void): () => void {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
});
