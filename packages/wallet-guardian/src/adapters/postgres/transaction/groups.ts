/**
 * Group commit over several connections: steps that wait together share a transaction, and steps that need the same
 * locks are never on two connections of one process. Each process waits once for a lock of another process:
 * the steps of one wallet wait, and delay no other wallet.
 */
import { has } from "../../../internal/own.js";
import { scopeKey } from "../../../scopes.js";
import { GLOBAL, lockKeys, needsGlobal } from "./reads.js";
import type { Outcome, PostgresStep } from "./session.js";

/** Steps of one transaction, and ids that they read. */
const MAX_GROUP = 64;
const MAX_IDS = 2_048;

type Job = PostgresStep &
  Readonly<{ keys: readonly string[]; wallet: string; settle: (outcome: Outcome) => void }> & {
    /** Since when one of its locks was held by another process; null: it was not. */
    heldMs: number | null;
    /** Whether its locks have to be waited for. */
    isWaiting: boolean;
  };

/** Options of the groups. */
export type GroupOptions = Readonly<{
  /** Transactions at a time. */
  connections: number;
  /** Runs steps in one transaction; rejects when none of them ran. */
  run: (steps: readonly PostgresStep[], isPatient: boolean) => Promise<readonly Outcome[]>;
  /** Waits until no other transaction holds the locks. */
  awaitLocks: (keys: readonly string[]) => Promise<void>;
  /** Longest wait for a lock, in milliseconds. */
  maxWaitMs: number;
  /** Makes the rejection of a step whose lock was held for too long. */
  busy: () => Error;
}>;

/** Steps that share transactions. */
export type Groups = Readonly<{
  /** Runs a step in a coming group; resolves when it is durable. */
  submit(step: PostgresStep): Promise<unknown>;
  /** Resolves when no group is running. */
  idle(): Promise<void>;
}>;

/** Makes groups. */
export function createGroups(options: GroupOptions): Groups {
  const { connections, run, awaitLocks, maxWaitMs, busy: busyError } = options;
  /** Steps that wait must leave a connection for steps that need not wait. */
  const maxWaiting = Math.max(1, connections - 1);
  let queue: Job[] = [];
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  let waiting = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (running.size < connections && start()) continue;
    });
  }

  /** Starts one group, of the first steps whose locks no running group and no earlier step needs. */
  function start(): boolean {
    const group = pick();
    const [lead] = group;
    if (lead === undefined) return false;
    const taken = new Set(group);
    queue = queue.filter((job) => !taken.has(job));
    const keys = new Set(group.flatMap((job) => job.keys));
    const isAlone = !keys.has(GLOBAL) && group.every(({ wallet }) => wallet === lead.wallet);
    const isHeldUp = lead.isWaiting && !isAlone;
    // a step that only waits for a wallet does not need the global lock
    if (isHeldUp) keys.delete(GLOBAL);
    for (const key of keys) busy.add(key);
    const isPatient = isAlone && (lead.isWaiting || waiting < maxWaiting);
    const isWaiter = isPatient || lead.isWaiting;
    if (isWaiter) waiting++;
    const work = (isHeldUp ? wait(group) : take(group, isPatient)).finally(() => {
      if (isWaiter) waiting--;
      for (const key of keys) busy.delete(key);
      running.delete(work);
      schedule();
    });
    running.add(work);
    return queue.length > 0;
  }

  /** A group's share of the queue, and what needs the same locks as the group and could only wait for it. */
  function pick(): Job[] {
    const held = new Set(busy);
    const taken = new Set<string>();
    const group: Job[] = [];
    let ids = 0;
    const share = Math.ceil(queue.length / (connections - running.size));
    for (const job of queue) {
      const [lead] = group;
      const isFit = lead === undefined ? isStartable(job) : isFellow(lead, job);
      const hasRoom =
        group.length < MAX_GROUP && (lead === undefined || ids + job.reads.ids.length <= MAX_IDS);
      const isFree = isFit && hasRoom && !job.keys.some((key) => held.has(key));
      const isTaken = isFree && (group.length < share || job.keys.some((key) => taken.has(key)));
      if (isTaken) {
        group.push(job);
        ids += job.reads.ids.length;
      }
      for (const key of job.keys) (isTaken ? taken : held).add(key);
    }
    return group;
  }

  const isStartable = ({ isWaiting }: Job): boolean => !isWaiting || waiting < maxWaiting;
  const isFellow = (lead: Job, job: Job): boolean =>
    lead.isWaiting ? job.wallet === lead.wallet : !job.isWaiting;

  /** Waits for the locks of the first one without holding any other, and takes all of them anew. */
  async function wait(group: readonly Job[]): Promise<void> {
    const keys = new Set(group.flatMap(({ reads }) => lockKeys(reads)));
    try {
      await awaitLocks([...keys]);
    } catch (error) {
      if (group.length === 1) return group[0]?.settle({ error });
    }
    for (const job of group) job.isWaiting = false;
    queue.unshift(...group);
  }

  async function take(group: readonly Job[], isPatient: boolean): Promise<void> {
    try {
      const outcomes = await run(group, isPatient);
      const later: Job[] = [];
      group.forEach((job, index) => {
        const outcome = outcomes[index] ?? { error: new Error("a step was left unanswered") };
        if (!has(outcome, "later")) job.settle(outcome);
        else if (outcome.later === "held" && isOverdue(job)) job.settle({ error: busyError() });
        else later.push(job);
      });
      queue.unshift(...later);
    } catch (error) {
      for (const job of group) job.settle({ error });
    }
  }

  /** Whether a step whose lock is held has waited for long enough; else it is to wait. */
  function isOverdue(job: Job): boolean {
    job.heldMs ??= performance.now();
    job.isWaiting = true;
    return performance.now() - job.heldMs >= maxWaitMs;
  }

  return {
    submit: (step) =>
      new Promise((resolve, reject) => {
        const settle = (outcome: Outcome) => {
          if (has(outcome, "error")) reject(asError(outcome.error));
          else if (has(outcome, "result")) resolve(outcome.result);
        };
        const { keys, wallet } = placeOf(step);
        queue.push({ ...step, keys, wallet, settle, heldMs: null, isWaiting: false });
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

/** What no other group may need at the same time, and the wallet that a step is for. */
function placeOf({ reads }: PostgresStep): Readonly<{ keys: string[]; wallet: string }> {
  const wallet = reads.scopes.find(({ scope }) => scope.type === "wallet")?.scope;
  const locks = lockKeys(reads);
  return {
    keys: [
      ...reads.ids.map((id) => `withdrawal:${id}`),
      ...locks,
      ...(needsGlobal(reads) ? [GLOBAL] : []),
    ],
    wallet: wallet === undefined ? locks.join("\n") : scopeKey(wallet),
  };
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
