/** Keeps the state of layers 1–3 durable: written before an answer that rests on it (design, section 10). */
import type { DefenseNode } from "@dgb-shield/adn";
import type { Sources } from "../sources.js";
import { type StateStore, writeState } from "./saved-state.js";
import { within } from "../within.js";

/** How long a state that only grew older is kept unwritten, in milliseconds. */
const MAX_UNWRITTEN_MS = 60_000;

/** Whether what matters is durable. */
export type Keeper = Readonly<{
  /** Saves where latches, orders or levels changed, or a minute has passed. Returns whether all of it is durable. */
  keep(nowMs: number): boolean;
  /** Waits, a bounded time, for a store that saves asynchronously; never rejects. */
  settled(): Promise<void>;
  /**
   * Number of the state that an answer of this moment rests on; 0 without a store. Where that state is not
   * durable it is a number that no stored state has yet, so that a restart finds the stored one too old.
   */
  generation(): number;
}>;

/** What is kept, of which site, and where. */
export type Kept = Readonly<{
  store: StateStore | undefined;
  /** The generation that the store held at the start. */
  generation: number;
  chain: string;
  node_id: string;
  sources: Sources;
  defense: DefenseNode;
}>;

/**
 * Creates a keeper; without a store everything counts as durable, since no restart is expected. Saves follow
 * each other, so that the newest text is the last to arrive, and each has a number of its own.
 */
export function createKeeper(kept: Kept): Keeper {
  const { store } = kept;
  let stored = kept.generation;
  let issued = kept.generation;
  /** What the store holds for certain; null while that is not known. */
  let durable: string | null = null;
  let isDurable = store === undefined;
  let savedMs = -Infinity;
  let saving: Promise<void> | undefined;
  let isWaiting = false;

  const essence = createEssence(kept);
  const pending = (): Promise<void> | undefined => saving;

  function save(text: string, nowMs: number, to: StateStore): void {
    if (saving !== undefined) {
      isWaiting = true;
      return;
    }
    const number = ++issued;
    // From here on the store may hold either text.
    if (durable !== text) durable = null;
    const done = (): void => {
      [durable, savedMs, stored] = [text, nowMs, number];
    };
    try {
      const answer: unknown = to.save(textOf(kept, number, nowMs));
      if (answer === undefined) done();
      else saving = settle(Promise.resolve(answer), done, nowMs, to);
    } catch {
      // What was not saved is not durable: the next call tries again, and until then decisions are rejected.
    }
  }

  /** Waits for one save, then saves what changed meanwhile; never rejects. */
  async function settle(
    answer: Promise<unknown>,
    done: () => void,
    nowMs: number,
    to: StateStore,
  ): Promise<void> {
    try {
      await answer;
      done();
    } catch {
      // As above.
    }
    saving = undefined;
    if (!isWaiting) return;
    isWaiting = false;
    save(essence(), nowMs, to);
    await pending();
  }

  return Object.freeze({
    keep(nowMs) {
      if (store === undefined) return true;
      const text = essence();
      if (text !== durable || Math.abs(nowMs - savedMs) >= MAX_UNWRITTEN_MS) {
        save(text, nowMs, store);
      }
      isDurable = text === durable;
      return isDurable;
    },
    settled: async () => {
      if (saving !== undefined) await within(saving);
    },
    generation: () => (isDurable ? stored : Math.max(issued, stored + 1)),
  } satisfies Keeper);
}

function textOf(
  { chain, node_id, sources, defense }: Kept,
  generation: number,
  nowMs: number,
): string {
  return writeState({
    state_version: 2,
    chain,
    node_id,
    generation,
    saved_at_ms: nowMs,
    defense: defense.snapshot(),
    fleet: sources.state(),
  });
}

/** Makes the function that gives the essence of this moment; it is written anew only after a change. */
function createEssence({ sources, defense }: Pick<Kept, "sources" | "defense">): () => string {
  let known: Readonly<{ found: unknown; revision: number; text: string }> | undefined;
  return () => {
    const [found, revision] = [sources.found(), defense.revision()];
    if (known?.found !== found || known.revision !== revision) {
      known = { found, revision, text: essenceOf(sources, defense) };
    }
    return known.text;
  };
}

/** What must not be lost: which causes and findings there are, how bad, latched or not, and what operators ordered. */
function essenceOf(sources: Sources, defense: DefenseNode): string {
  const { lockdown, causes, waivers, order, releases, clock_acceptances } = defense.snapshot();
  return JSON.stringify([
    lockdown,
    causes.map(({ event }) => [event.event_id, event.severity, event.expires_at_ms === null]),
    waivers.map(({ event_id, severity }) => [event_id, severity]),
    order,
    releases.length,
    releases.at(-1),
    clock_acceptances.at(-1),
    sources.found(),
  ]);
}
