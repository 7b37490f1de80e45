/** Sinks for tests: a healthy one that keeps its events, and the ways in which one can fail. */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { BridgeSink } from "../../src/index.js";

/** A sink that takes everything, and what it took. */
export function recordingSink(name = "healthy") {
  const batches: (readonly ShieldEvent[])[] = [];
  const sink: BridgeSink = { name, write: (batch) => void batches.push(batch) };
  return { sink, batches, events: () => batches.flat() };
}

/** A sink whose writes stay open until the test settles them, oldest first. */
export function pendingSink(name = "pending") {
  const writes: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const write = () => new Promise<void>((resolve, reject) => writes.push({ resolve, reject }));
  return { sink: { name, write } satisfies BridgeSink, writes };
}

const twiceThenable = {
  then(resolve: () => void, reject: (error: unknown) => void) {
    resolve();
    resolve();
    reject(new Error("after all"));
    throw new Error("and again");
  },
} as unknown as Promise<void>;

const trapThenable = Object.defineProperty({}, "then", {
  get() {
    throw new Error("trap");
  },
}) as Promise<void>;

const hostileError = Object.defineProperty(new Error("x"), "message", {
  get() {
    throw new Error("from the error itself");
  },
});

const rejecting = (error: Error) => () => Promise.reject(error);

/** Sinks that fail every batch, with what their `last_error` must be. */
export const failingSinks: readonly (readonly [BridgeSink, string])[] = [
  [
    {
      name: "throws",
      write: () => {
        throw new Error("broken");
      },
    },
    "broken",
  ],
  [{ name: "rejects", write: rejecting(new Error("no route")) }, "no route"],
  [{ name: "rejects_nothing", write: rejecting(undefined as unknown as Error) }, "undefined"],
  [{ name: "rejects_hostile", write: rejecting(hostileError) }, "unknown error"],
  [{ name: "returns_trap", write: () => trapThenable }, "trap"],
  [{ name: "hangs", write: () => new Promise<void>(() => undefined) }, "timed out"],
];

/** A sink that reports success twice, then failure, then throws: the first report counts. */
export const twiceSink: BridgeSink = { name: "calls_back_twice", write: () => twiceThenable };
