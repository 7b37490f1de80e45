/** Starts a pipeline from the stored state, or locked down where that is lost (design, section 3). */
import { createDefenseNode, type DefenseNode } from "@dgb-shield/adn";
import type { DefenseEvent, TimeReading } from "@dgb-shield/contract";
import type { ChainParameters } from "@dgb-shield/chain";
import { createFleet, type Fleet } from "@dgb-shield/sentinel";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { PipelineError, type Settings } from "../config.js";
import { hasDecidedNothing } from "./imported-only.js";
import {
  type FirstState,
  readStored,
  type SavedState,
  type StateStore,
  type Stored,
} from "./saved-state.js";

/** Type of the event that a lost state is; an operator releases it by this name. */
const STATE_MISSING = "state_missing";

/** The cores of layers 1 and 3 as they begin. */
export type Cores = Readonly<{
  /** The own nodes, each watched by itself, and compared with each other. */
  fleet: Fleet;
  defense: DefenseNode;
  /** Generation of the stored state; 0 where there is none. */
  generation: number;
  /** Why the stored state cannot be used; null where it can, or where none was expected. */
  lost: string | null;
}>;

/** What the cores are made of. */
export type CoreParts = Readonly<{ settings: Settings; chain: ChainParameters; hold_ms: number }>;

/**
 * Creates fleet and defense from what the store holds.
 *
 * @throws PipelineError `state_of_another_site`; SentinelError for an unusable chain
 */
export function createCores(parts: CoreParts, store: StateStore | undefined): Cores {
  const stored: Stored = store === undefined ? { kind: "none" } : readStored(store);
  if (stored.kind === "state") {
    refuseForeign(stored.state, parts);
    const restored = tryStep(() => coresOf(parts, stored.state));
    if (restored !== undefined) return restored;
  }
  const lost =
    stored.kind === "none"
      ? null
      : stored.kind === "unreadable"
        ? `the stored state cannot be read: ${stored.detail}`
        : "a layer refuses the stored state";
  return { ...coresOf(parts, undefined), lost };
}

function coresOf(
  { settings, chain, hold_ms }: CoreParts,
  state: SavedState | FirstState | undefined,
): Cores {
  const nodes = settings.node_ids;
  const from = state === undefined ? {} : { state: fleetStateOf(state, { nodes, chain }) };
  const snapshot = state === undefined ? {} : { snapshot: state.defense };
  const { defense_inputs: inputs } = settings;
  const counted = inputs === undefined ? {} : { inputs };
  return {
    fleet: createFleet({ chain, nodes, ...from }),
    defense: createDefenseNode({ node_id: settings.node_id, hold_ms, ...counted, ...snapshot }),
    generation: state?.generation ?? 0,
    lost: null,
  };
}

/** The fleet's part of a stored state; of version 1 each node's own state, in a fleet that has compared nothing yet. */
function fleetStateOf(
  state: SavedState | FirstState,
  fresh: Readonly<{ nodes: readonly string[]; chain: ChainParameters }>,
): unknown {
  if (state.state_version === 2) return state.fleet;
  const sentinels = state.sentinels.map(({ node_id, state: one }) => [node_id, one] as const);
  return { ...createFleet(fresh).state(), sentinels: Object.fromEntries(sentinels) };
}

/** Rejects the state of another site: a mistaken folder is an error of the start, not an incident. */
function refuseForeign(state: SavedState | FirstState, { settings, chain }: CoreParts): void {
  if (state.chain === chain.name && state.node_id === settings.node_id) return;
  const found = `the stored state is of node ${state.node_id} on ${state.chain}`;
  // [THROW state_of_another_site] the stored state is of another node or chain
  throw new PipelineError(
    "state_of_another_site",
    "/state",
    `${found}, not of ${settings.node_id} on ${chain.name}: give each site a folder of its own`,
  );
}

/**
 * Whether the ledger has decided before on a state that is not there: why the site must begin locked
 * down, null where it need not.
 *
 * @throws LedgerError where the ledger cannot be read
 */
export async function lostState(ledger: Ledger, generation: number): Promise<string | null> {
  const rested = await restedGeneration(ledger);
  if (rested === null) return null;
  if (generation === 0) {
    return "the ledger has history, and the state of layers 1 to 3 is missing";
  }
  return rested > generation
    ? `the ledger rests on state ${rested}, and state ${generation} is an older one`
    : null;
}

/**
 * Finds the newest state that decisions of a ledger rest on.
 *
 * @returns its generation, 0 where none names one; null for a ledger that holds imported payments at most
 * @throws LedgerError where the ledger cannot be read
 */
export async function restedGeneration(ledger: Ledger): Promise<number | null> {
  if (await hasDecidedNothing(ledger)) return null;
  const newest = await newestRecords(ledger);
  return Math.max(0, ...newest.map(({ record }) => generationIn(record)));
}

/** Makes the event of a lost state: it locks the node down until an operator releases it. */
// [FULL state_missing] the ledger has records that rest on a state which is not there
export const stateMissingEvent = (nowMs: number, summary: string): DefenseEvent => ({
  event_id: STATE_MISSING,
  type: STATE_MISSING,
  severity: 1,
  source: "pipeline",
  observed_at_ms: nowMs,
  expires_at_ms: null,
  local: true,
  summary: summary.slice(0, 512),
});

const PAGE = 1_000;

/**
 * Finds the number of a ledger's newest record: their sequence is dense, so that its end is found by halving.
 *
 * @returns 0 for a ledger without records
 * @throws LedgerError where the ledger cannot be read
 */
export async function newestSeq(ledger: Pick<Ledger, "records">): Promise<number> {
  const isAfter = async (seq: number) => (await ledger.records(seq, 1)).length > 0;
  let [low, high] = [0, 1];
  if (!(await isAfter(0))) return 0;
  while (await isAfter(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isAfter(middle)) low = middle;
    else high = middle;
  }
  return high;
}

const newestRecords = async (ledger: Ledger): ReturnType<Ledger["records"]> =>
  ledger.records(Math.max(0, (await newestSeq(ledger)) - PAGE), PAGE);

function generationIn(record: unknown): number {
  const inputs = (record as { inputs?: { state_generation?: unknown } }).inputs;
  const generation = inputs?.state_generation;
  return typeof generation === "number" && Number.isSafeInteger(generation) ? generation : 0;
}

function tryStep<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}

/** Takes the milliseconds of a reading. */
export const wallOf = (reading: TimeReading): number =>
  typeof reading === "number" ? reading : reading.now_ms;
