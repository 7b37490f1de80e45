/**
 * Delivers a batch to a receiver that may reject single events. A rejection counts as "never" only where the receiver
 * took other events in between: a receiver that rejects everything is unavailable, and nothing is given up.
 */
import type { WriteResult } from "../ports.js";
import { describeError } from "./describe-error.js";

/** Rejections of one event, each after the receiver took another since the last one, until it is refused. */
const REJECTIONS = 3;
/** Other events that are tried in turn to see whether the receiver takes any. */
const MAX_WITNESSES = 3;
/** Events whose rejections are remembered between two writes. */
const MAX_REMEMBERED = 1_000;

/** Answer of a receiver: all taken, but for `refused` of them; none, for their content; none, for now. */
export type Answer =
  | Readonly<{ kind: "taken"; refused: number; reason?: string }>
  | Readonly<{ kind: "rejected"; reason: string }>
  | Readonly<{ kind: "unavailable"; reason: string; pauseMs: number }>;

/** Hands events to the receiver, at most `fitting` of them at once. */
export type Receiver<T> = Readonly<{
  send(items: readonly T[]): Promise<Answer>;
  /** How many from the head fit one request; 0 where the first is too large by itself, and is refused. */
  fitting(items: readonly T[]): number;
  /** Why an event that is too large is refused. */
  tooLarge: string;
}>;

type Rejections = { count: number; atTaken: number };

/** State of a receiver between two writes. */
export class ReceiverMemory<T> {
  readonly #rejections = new Map<string, Rejections>();
  /** Requests that were taken. */
  #taken = 0;
  /** The last event that was taken. */
  last: T | undefined;

  tookSome(last: T | undefined): void {
    this.#taken++;
    this.last = last;
  }

  rejected(id: string): void {
    const known = this.#rejections.get(id) ?? { count: 0, atTaken: -1 };
    if (this.#taken > known.atTaken) {
      this.#rejections.delete(id);
      this.#rejections.set(id, { count: known.count + 1, atTaken: this.#taken });
    }
    const [oldest] = this.#rejections.keys();
    if (this.#rejections.size > MAX_REMEMBERED && oldest !== undefined) this.forget(oldest);
  }

  isRefused(id: string): boolean {
    return (this.#rejections.get(id)?.count ?? 0) >= REJECTIONS;
  }

  forget(id: string): void {
    this.#rejections.delete(id);
  }
}

/** Delivers a batch in order; what is not settled stays, from the first such event on. */
export async function deliverBatch<T extends { readonly id: string }>(
  batch: readonly T[],
  receiver: Receiver<T>,
  memory: ReceiverMemory<T>,
): Promise<WriteResult> {
  return new Delivery(batch, receiver, memory).run();
}

class Delivery<T extends { readonly id: string }> {
  readonly #batch: readonly T[];
  readonly #receiver: Receiver<T>;
  readonly #memory: ReceiverMemory<T>;
  /** Events that were taken ahead of their turn, as witnesses. */
  readonly #ahead = new Set<T>();
  #done = 0;
  #refused = 0;
  #pauseMs = 0;
  #reason: string | undefined;

  constructor(batch: readonly T[], receiver: Receiver<T>, memory: ReceiverMemory<T>) {
    this.#batch = batch;
    this.#receiver = receiver;
    this.#memory = memory;
  }

  async run(): Promise<WriteResult> {
    try {
      await this.#runToEnd();
    } catch (error) {
      if (this.#done === 0) throw error;
      this.#reason = describeError(error);
    }
    return {
      done: this.#done,
      ...(this.#done === 0 ? {} : { refused: this.#refused }),
      ...(this.#done > 0 && this.#pauseMs === 0 ? {} : { pauseMs: this.#pauseMs }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  async #runToEnd(): Promise<void> {
    for (let size = Infinity; this.#done < this.#batch.length;) {
      const head = this.#head(size);
      const taken = head.length === 0 ? this.#skip() : await this.#offer(head);
      if (taken === "stop") return;
      size = taken === "halve" ? Math.ceil(head.length / 2) : size * 2;
    }
  }

  /** The next events for one request; none where the first was taken already, or is too large. */
  #head(size: number): readonly T[] {
    const left = this.#batch.slice(this.#done);
    const end = left.findIndex((item) => this.#ahead.has(item));
    const turn = end < 0 ? left : left.slice(0, end);
    return turn.slice(0, Math.min(size, turn.length === 0 ? 0 : this.#receiver.fitting(turn)));
  }

  #skip(): "go_on" {
    const item = this.#batch[this.#done] as T;
    if (this.#ahead.has(item)) this.#done++;
    else this.#refuse(item, this.#receiver.tooLarge);
    return "go_on";
  }

  async #offer(head: readonly T[]): Promise<"go_on" | "halve" | "stop"> {
    const answer = await this.#send(head);
    if (answer.kind === "taken") {
      this.#done += head.length;
      this.#refused += answer.refused;
      this.#reason = answer.reason ?? this.#reason;
      return "go_on";
    }
    if (answer.kind === "unavailable") return "stop";
    return head.length > 1 ? "halve" : this.#retryAlone(head[0] as T, answer.reason);
  }

  /** Retries one rejected event until it is refused for good, or the receiver takes nothing. */
  async #retryAlone(item: T, reason: string): Promise<"go_on" | "stop"> {
    while (!this.#memory.isRefused(item.id)) {
      if (!(await this.#hasWitness(item))) return "stop";
      const answer = await this.#send([item]);
      if (answer.kind === "unavailable") return "stop";
      if (answer.kind === "rejected") continue;
      this.#done++;
      return "go_on";
    }
    this.#refuse(item, reason);
    return "go_on";
  }

  // [DROP refused] the receiver rejects it, and takes others in between; or it is too large for any request
  #refuse({ id }: T, reason: string): void {
    this.#memory.forget(id);
    this.#done++;
    this.#refused++;
    this.#reason = reason;
  }

  /** Whether the receiver takes another event now: one that is next in turn, else the last that it took. */
  async #hasWitness(item: T): Promise<boolean> {
    const { last } = this.#memory;
    const next = this.#batch
      .slice(this.#done + 1)
      .filter((other) => !this.#ahead.has(other) && this.#receiver.fitting([other]) > 0);
    const witnesses = next.slice(0, MAX_WITNESSES);
    if (next.length === 0 && last !== undefined && last.id !== item.id) witnesses.push(last);
    for (const witness of witnesses) {
      const { kind } = await this.#send([witness]);
      if (kind === "unavailable") return false;
      if (kind === "taken") {
        this.#ahead.add(witness);
        return true;
      }
    }
    return false;
  }

  async #send(items: readonly T[]): Promise<Answer> {
    const answer = await this.#receiver.send(items);
    if (answer.kind === "taken") {
      this.#memory.tookSome(answer.refused === 0 ? items.at(-1) : this.#memory.last);
      for (const { id } of items) this.#memory.forget(id);
    } else this.#reason = answer.reason;
    if (answer.kind === "rejected") for (const { id } of items) this.#memory.rejected(id);
    if (answer.kind === "unavailable") this.#pauseMs = answer.pauseMs;
    return answer;
  }
}
