/** Waiting, without keeping the process alive. */
import { setTimeout as wait } from "node:timers/promises";

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => wait(ms, undefined, { ref: false });
