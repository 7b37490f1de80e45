/** Carries out an attack and waits for what every layer makes of it; heals, and waits until payments flow. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@dgb-shield/contract";
import type { Actor } from "../service/keys/actor.js";
import type { Service } from "../service/service.js";
import { ATTACKS, type AttackName, type CarriedOut } from "./attacks/index.js";
import type { TestnetEvents } from "./events.js";
import type { Miner } from "./miner.js";
import type { Network } from "./network.js";
import type { Observer } from "./observer.js";

/** What came of an attack, or of healing. */
export type DrillOutcome = Readonly<{
  name: AttackName | "heal";
  /** Whether every layer did what it must. */
  ok: boolean;
  /** The detector that found it; null for none, and for healing. */
  found_by: string | null;
  /** Milliseconds from the attack until it was found, until the service refused, until a payment was refused by it. */
  found_ms: number | null;
  stopped_ms: number | null;
  refused_ms: number | null;
  /** Milliseconds until payments flowed again; null for an attack. */
  open_ms: number | null;
  text: string;
}>;

/** Attacks on a running testnet, one at a time. */
export type Drills = Readonly<{
  /** @throws DrillRefusal while another one is under way, or was not healed */
  attack(name: AttackName): Promise<DrillOutcome>;
  /** @throws DrillRefusal while an attack is under way */
  heal(): Promise<DrillOutcome>;
  close(): Promise<void>;
}>;

/** An order that cannot be carried out now. */
export class DrillRefusal extends Error {
  override readonly name = "DrillRefusal";
}

/** What drills act on. */
export type DrillParts = Readonly<{
  network: Network;
  miner: Miner;
  service: Service;
  observer: Observer;
  events: TestnetEvents;
}>;

const LOOK_MS = 100;
/** Time that everything beyond the chain's own pace may take, in milliseconds. */
const GRACE_MS = 60_000;
/** Time that healing may take, in milliseconds. */
const HEAL_MS = 180_000;
/** Blocks that let one branch win. */
const DECIDING = 3;
const PAUSE_MS = 1_000;
/** Who releases, as the service records it. */
const OPERATOR: Actor = { operator: "testnet operator", key_id: "testnet" };

/** Creates the drills. */
export function createDrills(parts: DrillParts): Drills {
  const { events } = parts;
  const step = (text: string, data?: JsonObject): void => events.add("attack", text, data, true);
  const state = {
    under_way: null as AttackName | "heal" | null,
    /** Attacks that were not healed. */
    open: null as Readonly<{ name: AttackName; repair: CarriedOut["repair"] }> | null,
    is_closing: false,
    last: Promise.resolve() as Promise<unknown>,
  };

  function begin(name: AttackName | "heal", work: () => Promise<DrillOutcome>) {
    if (state.under_way !== null) {
      throw new DrillRefusal(`${state.under_way} is under way: wait for its end`);
    }
    state.under_way = name;
    const mine = work().finally(() => (state.under_way = null));
    state.last = mine.catch(() => undefined);
    return mine;
  }

  const isOver = (): boolean => state.is_closing;
  return Object.freeze({
    attack: async (name) => {
      if (state.under_way === null && state.open !== null) {
        throw new DrillRefusal(`${state.open.name} was not healed: shield testnet attack heal`);
      }
      return begin(name, async () => {
        step(`${name}: ${ATTACKS[name].summary}`, { attack: name });
        state.open = { name, repair: () => Promise.resolve() };
        const watch = startWatch(parts, name);
        try {
          const { network, miner } = parts;
          const { repair } = await ATTACKS[name].carryOut({ network, miner, step });
          state.open = { name, repair };
          return reported(events, await watch.outcome(isOver));
        } finally {
          watch.close();
        }
      });
    },
    heal: async () =>
      begin("heal", async () => {
        const outcome = await heal(parts, state.open?.repair, isOver);
        if (outcome.ok) state.open = null;
        return reported(events, outcome);
      }),
    async close() {
      state.is_closing = true;
      await state.last;
    },
  } satisfies Drills);
}

function reported(events: TestnetEvents, outcome: DrillOutcome): DrillOutcome {
  events.add("attack", outcome.text, { ...outcome }, !outcome.ok);
  return outcome;
}

/** Watches from now on for the finding, the stop and the first refusal after it. */
function startWatch({ network, observer, events }: DrillParts, name: AttackName) {
  const { expects, within_spacings } = ATTACKS[name];
  const begunMs = performance.now();
  const mostMs = within_spacings * network.chain.spacing_seconds * 1_000 + GRACE_MS;
  const since = (): number => Math.round(performance.now() - begunMs);
  const times = { found: null, stopped: null, refused: null } as Record<string, number | null>;
  let found_by: string | null = null;
  const look = (): void => {
    const { findings, state } = observer.seen();
    found_by ??= expects.find((detector) => findings.has(detector)) ?? null;
    if (found_by !== null) times["found"] ??= since();
    if (found_by !== null && state === "stopped") times["stopped"] ??= since();
  };
  const timer = setInterval(look, LOOK_MS);
  const end = events.subscribe(({ source, data }) => {
    if (source !== "gateway" || data["paid"] !== false) return;
    if (times["stopped"] !== null) times["refused"] ??= since();
  });
  return {
    async outcome(isOver: () => boolean): Promise<DrillOutcome> {
      while (times["refused"] === null && since() < mostMs && !isOver()) await sleep(LOOK_MS);
      const { found = null, stopped = null, refused = null } = times;
      const ok = refused !== null;
      return {
        ...{ name, ok, found_by, found_ms: found, stopped_ms: stopped, refused_ms: refused },
        open_ms: null,
        text: ok
          ? `${name}: found by ${found_by ?? ""} after ${seconds(found)}, service stopped after ${seconds(stopped)}, gateway refused after ${seconds(refused)}`
          : `${name}: NOT as expected: ${found_by === null ? `none of ${expects.join(", ")} found it` : `found by ${found_by}, and payments were not refused`} within ${seconds(since())}`,
      };
    },
    close() {
      clearInterval(timer);
      end();
    },
  };
}

const seconds = (ms: number | null): string => `${((ms ?? 0) / 1_000).toFixed(1)} s`;

/** Brings the nodes onto one chain, then gives the operator's orders until payments flow. */
async function heal(
  { network, miner, service, events }: DrillParts,
  repair: CarriedOut["repair"] | undefined,
  isOver: () => boolean,
): Promise<DrillOutcome> {
  const begunMs = performance.now();
  const since = (): number => Math.round(performance.now() - begunMs);
  const step = (text: string): void => events.add("attack", text);
  await miner.use([]);
  await repair?.();
  await network.join();
  await network.mine(await longest(network), DECIDING);
  await network.agree();
  await miner.use(network.all);
  step("heal: all nodes are connected, follow one chain, and mine");
  const released = new Set<string>();
  for (;;) {
    const { state } = await service.status();
    if (state === "open" || since() > HEAL_MS || isOver()) break;
    for (const { incident_id, level } of await service.incidents()) {
      if (level === "normal" || released.has(incident_id)) continue;
      await service.releaseIncident(incident_id, "healed: one chain", OPERATOR);
      released.add(incident_id);
      step(`heal: an operator releases ${incident_id}`);
    }
    await liftFreezes(service, step);
    await sleep(PAUSE_MS);
  }
  const { state } = await service.status();
  const ok = state === "open";
  return {
    ...{ name: "heal", ok, found_by: null, found_ms: null, stopped_ms: null, refused_ms: null },
    open_ms: ok ? since() : null,
    text: ok
      ? `heal: payments flow again after ${seconds(since())}`
      : `heal: still ${state} after ${seconds(since())}; shield status shows why`,
  };
}

/** Lifts what a breach has frozen; freezes of risk end by themselves. */
async function liftFreezes(service: Service, step: (text: string) => void): Promise<void> {
  const found = await service.freezes({ limit: 100 });
  for (const { scope, id, kind } of found.accepted ? found.freezes : []) {
    if (kind === "risk" || scope === "global") continue;
    await service.unfreeze(scope, id, "healed", OPERATOR);
    step(`heal: an operator lifts the freeze of ${scope} ${id}`);
  }
}

async function longest(network: Network) {
  const heights = await Promise.all(network.all.map((node) => node.rpc<number>("getblockcount")));
  return network.all[heights.indexOf(Math.max(...heights))] ?? network.first;
}
