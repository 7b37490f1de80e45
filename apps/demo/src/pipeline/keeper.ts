/** Keeps the state of layers 1–3 durable: written before an answer that rests on it (design, section 10). */
import type { DefenseNode } from "@dgb-shield/adn";
import type { Sources } from "./sources.js";
import { type StateStore, writeState } from "./state.js";

/** How long a state that only grew older is kept unwritten, in milliseconds. */
const MAX_UNWRITTEN_MS = 60_000;

/** Whether what matters is on disk. */
export type Keeper = Readonly<{
  /** Saves where latches, orders or levels changed, or a minute has passed. Returns whether all of it is durable. */
  keep(nowMs: number): boolean;
  /** Waits for a store that saves asynchronously; never rejects. */
  settled(): Promise<void>;
  /** Number of the durable state; 0 without a store. */
  generation(): number;
}>;

/** What is kept, of which site, and where. */
export type Kept = Readonly<{
  store: StateStore | undefined;
  /** The generation that the store held at the start. */
  generation: number;
  chain: string;
  node_id: string;
  node_ids: readonly string[];
  sources: Sources;
  defense: DefenseNode;
}>;

/** Creates a keeper; without a store everything counts as durable, since nothing promises a restart. */
export function createKeeper(kept: Kept): Keeper {
  const { store, chain, node_id, node_ids, sources, defense } = kept;
  let { generation } = kept;
  let durable = "";
  let savedMs = -Infinity;
  let saving: Promise<void> = Promise.resolve();

  function save(essence: string, nowMs: number, to: StateStore): void {
    const next = generation + 1;
    const text = writeState({
      state_version: 1,
      chain,
      node_id,
      generation: next,
      saved_at_ms: nowMs,
      defense: defense.snapshot(),
      sentinels: node_ids.flatMap((id) => {
        const sentinel = sources.sentinel(id);
        return sentinel === undefined ? [] : [{ node_id: id, state: sentinel.state() }];
      }),
    });
    const done = () => {
      [durable, savedMs] = [essence, nowMs];
      generation = Math.max(generation, next);
    };
    try {
      const saved = to.save(text);
      if (saved === undefined) done();
      else saving = saving.then(() => saved).then(done, () => undefined);
    } catch {
      // What was not saved is not durable: the next call tries again, and until then decisions are refused.
    }
  }

  return Object.freeze({
    keep(nowMs) {
      if (store === undefined) return true;
      const essence = essenceOf(sources, defense);
      if (essence !== durable || Math.abs(nowMs - savedMs) >= MAX_UNWRITTEN_MS) {
        save(essence, nowMs, store);
      }
      return essence === durable;
    },
    settled: () => saving,
    generation: () => generation,
  } satisfies Keeper);
}

/** What must not be lost: which causes and findings there are, how bad, latched or not, and what operators ordered. */
function essenceOf(sources: Sources, defense: DefenseNode): string {
  const { lockdown, causes, waivers, order, releases } = defense.snapshot();
  return JSON.stringify([
    lockdown,
    causes.map(({ event }) => [event.event_id, event.severity, event.expires_at_ms === null]),
    waivers.map(({ event_id, severity }) => [event_id, severity]),
    order,
    releases.length,
    releases.at(-1),
    sources.reports().map(({ findings }) => findings.map((f) => [f.finding_id, f.severity])),
  ]);
}
