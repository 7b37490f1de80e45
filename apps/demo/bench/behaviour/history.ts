/** Sums of what left an account before, as the ledger's windows give them. */
import { BEHAVIOUR_WINDOWS_MS, behaviourScore } from "@dgb-shield/wallet-guardian";
import type { Payment } from "./accounts.js";

const HOUR_MS = 3_600_000;

/** A history that grows; payments come in the order of time. */
export function createHistory(before: readonly Payment[] = []) {
  const times: number[] = [];
  const totals: bigint[] = [0n];
  const add = ({ at_hour, amount }: Payment): void => {
    times.push(at_hour);
    totals.push((totals.at(-1) ?? 0n) + amount);
  };
  before.forEach(add);
  /** Number of payments at or before a time. */
  const countTo = (hour: number): number => {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) <= hour) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add,
    score({ at_hour, amount }: Payment): number {
      const last = totals.at(-1) ?? 0n;
      const sums = BEHAVIOUR_WINDOWS_MS.map(
        (ms) => last - (totals[countTo(at_hour - ms / HOUR_MS)] ?? 0n),
      );
      return behaviourScore(sums, amount);
    },
  };
}
