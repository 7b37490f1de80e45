/** When a simulated node is down, loads its chain, and catches up. */
import { exponential, type Random } from "../random.js";
import type { Restarts } from "./conditions.js";

const DAY_S = 86_400;
const LONG_DOWN_S = 26 * 3_600;

/** After its start a node finds peers first, then takes blocks in at this rate. */
const FINDS_PEERS_S = 10;
const BLOCKS_A_SECOND = 50;

/** Time in which it catches up: enough for four times the blocks of its longest silence. */
const CATCHES_UP_S = 600;

/** What a node does at a moment. */
export type NodeMode = Readonly<{
  kind: "up" | "down" | "warming_up" | "catching_up";
  sinceS: number;
}>;

/** The outages of one node. */
export type Outages = Readonly<{
  at(nowS: number): NodeMode;
  /** Blocks that it has taken in since it came back. */
  received(nowS: number): number;
}>;

/** Outages at random times; none where `restarts` is null. */
export function createOutages(restarts: Restarts | null, random: Random, startS: number): Outages {
  let downS = Infinity;
  let upS = Infinity;
  let warmS = Infinity;

  function plan(fromS: number): void {
    if (restarts === null) return;
    downS = fromS + 3_600 + exponential(random, restarts.everyDays * DAY_S);
    const isLong = random() < restarts.longShare;
    upS = downS + (isLong ? LONG_DOWN_S : exponential(random, restarts.downS));
    warmS = upS + exponential(random, restarts.warmUpS);
  }
  plan(startS);

  return Object.freeze({
    at(nowS) {
      if (nowS < downS) return { kind: "up", sinceS: startS };
      if (nowS < upS) return { kind: "down", sinceS: downS };
      if (nowS < warmS) return { kind: "warming_up", sinceS: upS };
      if (nowS < warmS + CATCHES_UP_S) return { kind: "catching_up", sinceS: warmS };
      plan(nowS);
      return { kind: "up", sinceS: nowS };
    },
    received: (nowS) => Math.max(0, Math.floor((nowS - warmS - FINDS_PEERS_S) * BLOCKS_A_SECOND)),
  } satisfies Outages);
}
