/** Encodes what layers 1–3 keep over a restart: latches, orders, holds and times (design, section 10). */
import { idSchema, sha256Hex, timeMsSchema, wordSchema } from "@dgb-shield/contract";
import type { DefenseSnapshot } from "@dgb-shield/adn";
import type { FleetState, SentinelState } from "@dgb-shield/sentinel";
import { z } from "zod";

/** A durable place for one text, beside the ledger. */
export interface StateStore {
  /** The text that was saved last; null where none ever was. What it throws counts as unreadable. */
  load(): string | null;
  /** Saves durably, all or nothing: returns, or resolves, when the text would survive a power cut. */
  save(text: string): void | Promise<void>;
}

const common = {
  chain: wordSchema,
  node_id: idSchema,
  /** Grows with each save. */
  generation: z.int().min(1),
  saved_at_ms: timeMsSchema,
  defense: z.looseObject({}),
};

const savedStateSchema = z.union([
  z.strictObject({ state_version: z.literal(2), ...common, fleet: z.looseObject({}) }),
  /** As it was written before the nodes were compared with each other. */
  z.strictObject({
    state_version: z.literal(1),
    ...common,
    sentinels: z.array(z.strictObject({ node_id: idSchema, state: z.looseObject({}) })).max(64),
  }),
]);

type Common = Readonly<{
  chain: string;
  node_id: string;
  generation: number;
  saved_at_ms: number;
  defense: DefenseSnapshot;
}>;

/** The state of layers 1–3, as it is stored. The layers check their own parts. */
export type SavedState = Common & Readonly<{ state_version: 2; fleet: FleetState }>;

/** A state as version 1 wrote it. */
export type FirstState = Common &
  Readonly<{
    state_version: 1;
    sentinels: readonly Readonly<{ node_id: string; state: SentinelState }>[];
  }>;

/** What a store held. */
export type Stored =
  | Readonly<{ kind: "none" }>
  | Readonly<{ kind: "unreadable"; detail: string }>
  | Readonly<{ kind: "state"; state: SavedState | FirstState }>;

/** Writes the text of a state: its SHA-256 and the state, a line each. */
export function writeState(state: SavedState | FirstState): string {
  const body = JSON.stringify(state);
  return `${sha256Hex(body)}\n${body}\n`;
}

/** Reads what a store holds; never throws. */
export function readStored(store: StateStore): Stored {
  try {
    const text = store.load();
    return text === null ? { kind: "none" } : readText(text);
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : "the store cannot be read");
  }
}

function readText(text: string): Stored {
  const [sum, body, end, ...more] = text.split("\n");
  if (body === undefined || end !== "" || more.length > 0) return unreadable("it is cut off");
  if (sha256Hex(body) !== sum) return unreadable("its checksum does not match");
  const { success, data } = savedStateSchema.safeParse(JSON.parse(body));
  if (!success) return unreadable("its version or form is unknown");
  return { kind: "state", state: data as unknown as SavedState | FirstState };
}

const unreadable = (detail: string): Stored => ({ kind: "unreadable", detail });
