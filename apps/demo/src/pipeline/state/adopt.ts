/** Adopts the state of layers 1 to 3 where it is missing, unreadable or older than the ledger (design, section 10). */
import { createDefenseNode } from "@dgb-shield/adn";
import type { ChainParameters } from "@dgb-shield/chain";
import { createFleet } from "@dgb-shield/sentinel";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { readStored, type StateStore, writeState } from "./saved-state.js";
import { restedGeneration } from "./start.js";

/** What an adoption is made of. */
export type StateAdoption = Readonly<{
  ledger: Ledger;
  store: StateStore;
  chain: ChainParameters;
  /** The own nodes, the first one the site's name. */
  node_ids: readonly [string, ...string[]];
  /** How long a level is held after its cause has gone, in milliseconds. */
  hold_ms: number;
  /** Milliseconds since 1970. */
  now_ms: number;
}>;

/**
 * What became of the state: `sound` is unchanged; an `older` one goes on with its latches; `missing` and `unreadable`
 * begin anew, without any latch.
 */
export type AdoptedState = "sound" | "older" | "missing" | "unreadable";

/**
 * Makes the stored state one that the ledger's decisions rest on, so that the next start is not locked down by
 * `state_missing`. The caller has recorded the operator's order.
 *
 * @throws LedgerError where the ledger cannot be read; what the store throws; RangeError for the state of another site
 */
export async function adoptState(adoption: StateAdoption): Promise<AdoptedState> {
  const { ledger, store, chain, node_ids, now_ms } = adoption;
  const [node_id] = node_ids;
  const rested = await restedGeneration(ledger);
  const stored = readStored(store);
  if (stored.kind === "state") {
    const { state } = stored;
    if (state.chain !== chain.name || state.node_id !== node_id) {
      const found = `the stored state is of node ${state.node_id} on ${state.chain}`;
      throw new RangeError(`${found}: give each site a folder of its own`);
    }
    if (rested === null || state.generation >= rested) return "sound";
    await store.save(writeState({ ...state, generation: rested, saved_at_ms: now_ms }));
    return "older";
  }
  const generation = Math.max(1, rested ?? 0);
  await store.save(
    writeState({
      state_version: 2,
      ...{ chain: chain.name, node_id, generation, saved_at_ms: now_ms },
      defense: createDefenseNode({ node_id, hold_ms: adoption.hold_ms }).snapshot(),
      fleet: createFleet({ chain, nodes: node_ids }).state(),
    }),
  );
  return stored.kind === "none" ? "missing" : "unreadable";
}
