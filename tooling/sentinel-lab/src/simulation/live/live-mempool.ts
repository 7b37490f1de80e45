/** The mempool of a simulated node: day and night, batches, consolidations, a reload after a start. */
import type { Observation } from "@dgb-shield/sentinel";
import { exponential, normal, poisson, type Random } from "../random.js";
import type { Traffic } from "./conditions.js";

const DAY_S = 86_400;

/** Bytes of an ordinary transaction, and of one that sweeps 120 inputs. */
const BYTES = 280;
const SWEEP_BYTES = 17_800;

/** Fee of a transaction, and least fee of a mempool that is not full, in base units. */
const FEE = 20_000;
const FEE_FLOOR = 1_000;
const MAX_BYTES = 300_000_000;

/** Traffic wanders by a quarter (standard deviation of the logarithm), with a memory of an hour. */
const WANDER = 0.25;
const WANDER_FORGETS_S = 3_600;

/** Left over by a block: what came after its template. */
const LEFT_OVER = 2;

/** After a start the mempool is loaded from its file for so long, in seconds. */
const LOADS_S = 45;

/** The mempool at a moment, and the fees of the transactions that the last blocks took. */
export type LiveMempool = Readonly<{
  at(nowS: number): NonNullable<Observation["mempool"]>;
  /** Takes a block out. @returns its transactions */
  block(nowS: number): number;
  /** Begins anew, as after a start of the node. */
  restart(nowS: number): void;
}>;

/** The mempool from `startS` on. */
export function createLiveMempool(traffic: Traffic, random: Random, startS: number): LiveMempool {
  let lastS = startS;
  let loadedS = startS;
  let count = 10;
  let swept = 0;
  let wander = 0;
  let batchS = startS + exponential(random, DAY_S / Math.max(1e-9, traffic.batchesPerDay));
  let sweepS = startS + exponential(random, DAY_S / Math.max(1e-9, traffic.consolidationsPerDay));

  function advance(nowS: number): void {
    const passedS = nowS - lastS;
    if (passedS <= 0) return;
    const kept = Math.exp(-passedS / WANDER_FORGETS_S);
    wander = wander * kept + WANDER * Math.sqrt(1 - kept ** 2) * normal(random);
    // Day is 1 at noon and 0 at midnight.
    const day = (1 - Math.cos((2 * Math.PI * nowS) / DAY_S)) / 2;
    const rate = traffic.nightRate * (traffic.dayRate / traffic.nightRate) ** day;
    const mean = rate * Math.exp(wander) * passedS;
    count +=
      mean > 200 ? Math.round(mean + Math.sqrt(mean) * normal(random)) : poisson(random, mean);
    if (nowS >= batchS) {
      count += 1 + Math.floor(random() * traffic.batch);
      batchS = nowS + exponential(random, DAY_S / traffic.batchesPerDay);
    }
    if (nowS >= sweepS) {
      swept += 1 + Math.floor(random() * 3);
      sweepS = nowS + exponential(random, DAY_S / traffic.consolidationsPerDay);
    }
    lastS = nowS;
  }

  return Object.freeze({
    at(nowS) {
      advance(nowS);
      const loaded = nowS >= loadedS;
      const share = loaded ? 1 : 1 - (loadedS - nowS) / LOADS_S;
      const transactions = Math.floor((count + swept) * share);
      const bytes = Math.min(MAX_BYTES, Math.floor((count * BYTES + swept * SWEEP_BYTES) * share));
      return {
        count: transactions,
        bytes,
        fee_floor: bytes > 0.9 * MAX_BYTES ? 4 * FEE_FLOOR : FEE_FLOOR,
        loaded,
        max_bytes: MAX_BYTES,
        total_fee: transactions * FEE,
        unbroadcast: 0,
      };
    },
    block(nowS) {
      advance(nowS);
      const before = count + swept;
      const left = Math.min(before, poisson(random, LEFT_OVER));
      count = Math.max(left, count - traffic.blockTakes);
      swept = 0;
      return Math.max(0, before - count);
    },
    restart(nowS) {
      loadedS = nowS + LOADS_S;
      lastS = Math.max(lastS, nowS);
    },
  } satisfies LiveMempool);
}

/** Fees of a block of so many transactions, in base units. */
export const feesOf = (transactions: number): number => transactions * FEE;
