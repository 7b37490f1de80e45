/**
 * Group commit over several connections: steps that wait together share a transaction, and steps that
 * need the same locks are never on two connections of one process, where they would only wait.
 */
import { scopeKey } from "../scopes.js";
import type { Outcome, PostgresStep } from "./postgres-session.js";
import { has } from "../internal/own.js";

/** Steps of one transaction. */
const MAX_GROUP = 64;

type Job = PostgresStep & Readonly<{ keys: readonly string[]; settle: (outcome: Outcome) => void }>;

/** What the groups are made for. */
export type GroupOptions = Readonly<{
  /** Transactions at a time. */
  connections: number;
  /** Takes steps in one transaction; rejects when none of them was taken. */
  run: (steps: readonly PostgresStep[]) => Promise<readonly Outcome[]>;
}>;

/** Steps that share transactions. */
export type Groups = Readonly<{
  /** Takes a step in a coming group; resolves when it is durable. */
  submit(step: PostgresStep): Promise<unknown>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}>;

/** Makes groups. */
export function createGroups({ connections, run }: GroupOptions): Groups {
  let queue: Job[] = [];
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (running.size < connections && start()) continue;
    });
  }

  /**
   * Starts one group, of the first steps whose locks no running group and no earlier step needs: its
   * share of them, and what needs the same locks as the group and could only wait for it.
   */
  function start(): boolean {
    const held = new Set(busy);
    const taken = new Set<string>();
    const [group, rest]: [Job[], Job[]] = [[], []];
    const share = Math.ceil(queue.length / (connections - running.size));
    for (const job of queue) {
      const isFree = group.length < MAX_GROUP && !job.keys.some((key) => held.has(key));
      const isTaken = isFree && (group.length < share || job.keys.some((key) => taken.has(key)));
      (isTaken ? group : rest).push(job);
      for (const key of job.keys) (isTaken ? taken : held).add(key);
    }
    if (group.length === 0) return false;
    queue = rest;
    const work = runGroup(group).finally(() => {
      running.delete(work);
      schedule();
    });
    running.add(work);
    return queue.length > 0;
  }

  async function runGroup(group: readonly Job[]): Promise<void> {
    const keys = new Set(group.flatMap((job) => job.keys));
    for (const key of keys) busy.add(key);
    try {
      const outcomes = await run(group);
      group.forEach((job, index) => {
        job.settle(outcomes[index] ?? { error: new Error("a step was left unanswered") });
      });
    } catch (error) {
      for (const job of group) job.settle({ error });
    } finally {
      for (const key of keys) busy.delete(key);
    }
  }

  return {
    submit: (step) =>
      new Promise((resolve, reject) => {
        const settle = (outcome: Outcome) => {
          if (has(outcome, "error")) reject(asError(outcome.error));
          else resolve(outcome.result);
        };
        queue.push({ ...step, keys: keysOf(step), settle });
        schedule();
      }),
    async idle() {
      while (running.size + queue.length > 0) {
        await Promise.all(running);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

const keysOf = ({ reads }: PostgresStep): string[] => [
  ...(reads.withdrawal_id === null ? [] : [`withdrawal:${reads.withdrawal_id}`]),
  ...reads.scopes.flatMap(({ scope, lock }) =>
    lock || scope.type !== "global" ? [scopeKey(scope)] : [],
  ),
];

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
