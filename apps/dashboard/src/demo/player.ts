/** The player of `npm start`: its state, and orders to it. Beside a service of live nodes there is none. */
import type { ShieldClient } from "@dgb-shield/client/http";
import { signal } from "@preact/signals";
import { past, shownStep } from "../state/past.js";

/** How the playing stands. */
export type Player = Readonly<{
  scenarios: readonly Readonly<{ name: string; title: string; origin: string }>[];
  scenario: string;
  title: string;
  origin: string;
  provenance: readonly string[];
  begin_ms: number;
  end_ms: number;
  now_ms: number;
  playing: boolean;
  speed: number;
  seeking: boolean;
  phases: readonly Readonly<{ at_ms: number; label: string; note: string }>[];
}>;

/** An order to the player. */
export type PlayerOrder = Readonly<{
  playing?: boolean;
  speed?: number;
  to_ms?: number;
  scenario?: string;
}>;

/** Tokens by role. */
export type DemoKeys = Readonly<Record<"operator" | "approver" | "wallet" | "reader", string>>;

/** Null: nothing is played by a player here. */
export const player = signal<Player | null>(null);
/** While an order is being carried out: the past is computed from the scenario's beginning. */
export const isOrdering = signal(false);

/** The demo's own routes are in no document, so that the client has no types of them. */
type Untyped = Readonly<{
  get(path: string): Promise<unknown>;
  post(path: string, options: Readonly<{ body: object }>): Promise<unknown>;
}>;
const untyped = (api: ShieldClient): Untyped => api;

/** Reads how the playing stands; whatever fails, there is no player. */
export async function readPlayer(api: ShieldClient): Promise<void> {
  player.value = await untyped(api)
    .get("/demo/player")
    .then((state) => state as Player)
    .catch(() => null);
}

/** Gives an order. */
export async function orderPlayer(api: ShieldClient, order: PlayerOrder): Promise<void> {
  isOrdering.value = true;
  try {
    player.value = (await untyped(api).post("/demo/player", { body: order })) as Player;
  } catch {
    await readPlayer(api);
  } finally {
    isOrdering.value = false;
  }
  if (order.scenario === undefined && order.to_ms === undefined) return;
  // It is another past now: nothing of the one before stays on the page.
  shownStep.value = null;
  past.clear();
  await past.refresh(api);
}

/** Reads the demo's keys. */
export const readKeys = (api: ShieldClient): Promise<DemoKeys> =>
  untyped(api)
    .get("/demo/keys")
    .then((keys) => keys as DemoKeys);
