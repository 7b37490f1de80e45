/** Processes under load: their addresses, and the memory that they hold after a collection. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Where a process serves, and with which key. */
export type Started = Readonly<{ url: string; token: string }>;

/** Bytes after a collection. */
export type Memory = Readonly<{ rss: number; heapUsed: number }>;

/** A process that serves. */
export type Served = Started & Readonly<{ memory(): Promise<Memory>; end(): Promise<void> }>;

/** Answers the parent's questions for memory. */
export function answerMemory(): void {
  process.on("message", () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.send?.({ rss, heapUsed } satisfies Memory);
  });
}

/** Starts a process of this folder, and waits until it serves. */
export async function startServed(name: string, ...args: readonly string[]): Promise<Served> {
  const child = fork(join(import.meta.dirname, `${name}.js`), args, {
    execArgv: ["--expose-gc"],
    // The log is written, and not read.
    stdio: ["ignore", "inherit", "ignore", "ipc"],
  });
  const started = (await answerOf(child)) as Started;
  return {
    ...started,
    async memory() {
      child.send("memory");
      return (await answerOf(child)) as Memory;
    },
    async end() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the process ended with ${String(code)}`);
  });
  const [message] = (await Promise.race([once(child, "message"), ended])) as [unknown];
  return message;
}
