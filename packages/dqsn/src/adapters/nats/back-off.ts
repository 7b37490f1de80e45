/** Pauses between tries, without keeping the process alive. */
import { setTimeout as wait } from "node:timers/promises";

/** The first pause after a failure. */
export const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

/** Doubles a pause, up to 2 seconds. */
export const longerPauseMs = (pauseMs: number): number => Math.min(2 * pauseMs, MAX_PAUSE_MS);

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => wait(ms, undefined, { ref: false });
