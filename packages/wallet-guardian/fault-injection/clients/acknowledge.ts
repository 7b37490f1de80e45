/** The log of a client: every answer is written at once, and synced before anything else happens in the process. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { Acknowledged, Introduction } from "./plan.js";

/** A log that is being written. */
export type Log = Readonly<{
  write(entry: Acknowledged | Introduction): void;
  close(): void;
}>;

/** Opens a log. */
export function openLog(path: string): Log {
  const file = openSync(path, "a");
  let isUnsynced = false;
  let isClosed = false;
  return {
    write(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      if (isUnsynced) return;
      isUnsynced = true;
      setImmediate(() => {
        isUnsynced = false;
        if (!isClosed) fsyncSync(file);
      });
    },
    close() {
      isClosed = true;
      fsyncSync(file);
      closeSync(file);
    },
  };
}

/** Microseconds of the host's monotonic clock, the same in every process. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);
