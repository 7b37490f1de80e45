/** One thing that the page reads from the service: its last answer, when it came, and what went wrong since. */
import type { ShieldClient } from "@dgb-shield/client/http";
import { type ReadonlySignal, signal } from "@preact/signals";
import { problemOf } from "../api.js";
import type { Problem } from "../model.js";

/** What is known of a resource. `problem` beside `data`: the data is of before. */
export type Loaded<T> = Readonly<{
  data: T | undefined;
  /** By `performance.now()`. */
  at: number;
  problem: Problem | null;
}>;

/** A resource, and how to read it anew. */
export type Resource<T> = Readonly<{
  value: ReadonlySignal<Loaded<T>>;
  /** Reads it; callers at the same time share one request. Never rejects. */
  refresh(api: ShieldClient): Promise<void>;
  /** Forgets what was read. */
  clear(): void;
}>;

const NOTHING = { data: undefined, at: 0, problem: null } as const;

/** Creates a resource. */
export function createResource<T>(ask: (api: ShieldClient) => Promise<T>): Resource<T> {
  const value = signal<Loaded<T>>(NOTHING);
  let running: Promise<void> | undefined;
  let again = false;
  const isWantedAgain = (): boolean => again;
  let epoch = 0;

  async function read(api: ShieldClient): Promise<void> {
    const begun = epoch;
    try {
      const data = await ask(api);
      if (begun === epoch) value.value = { data, at: performance.now(), problem: null };
    } catch (error) {
      const problem = problemOf(error);
      if (begun === epoch) value.value = { ...value.peek(), problem };
    }
  }

  return Object.freeze({
    value,
    refresh(api) {
      if (running !== undefined) {
        // What is being read may be of before the change that this call is about.
        again = true;
        return running;
      }
      running = (async () => {
        do {
          again = false;
          await read(api);
        } while (isWantedAgain());
      })().finally(() => (running = undefined));
      return running;
    },
    clear() {
      epoch++;
      value.value = NOTHING;
    },
  } satisfies Resource<T>);
}
