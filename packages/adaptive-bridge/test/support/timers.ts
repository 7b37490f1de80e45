/** Timers that a test turns by hand. */
import type { Timers } from "../../src/index.js";

type Task = { readonly atMs: number; readonly run: () => void };

/** Timers whose time passes in `advance` only. */
export type ManualTimers = Timers & {
  /** Lets `ms` milliseconds pass, with all that falls due and all promises that settle in it. */
  advance(ms: number): Promise<void>;
  /** Runs what is due now. */
  turn(): Promise<void>;
  /** Milliseconds that have passed. */
  nowMs(): number;
  /** Tasks that are still to come. */
  pending(): number;
};

const settle = () => new Promise<void>((resume) => setImmediate(resume));

export function manualTimers(): ManualTimers {
  let nowMs = 0;
  let tasks: Task[] = [];
  const add = (atMs: number, run: () => void): (() => void) => {
    const task = { atMs, run };
    tasks.push(task);
    return () => {
      tasks = tasks.filter((other) => other !== task);
    };
  };
  const advance = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    for (;;) {
      await settle();
      const [next] = tasks.filter((t) => t.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      tasks = tasks.filter((other) => other !== next);
      nowMs = next.atMs;
      next.run();
    }
    nowMs = untilMs;
  };
  return {
    soon: (task) => void add(nowMs, task),
    after: (ms, task) => add(nowMs + ms, task),
    advance,
    turn: () => advance(0),
    nowMs: () => nowMs,
    pending: () => tasks.length,
  };
}
