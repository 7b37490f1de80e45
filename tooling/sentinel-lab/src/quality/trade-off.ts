/** What detection of rented hash rate costs in false alarms of visiting hash rate, by the severity acted on. */
import { MONTH_S } from "./live-honest.js";
import type { LiveRun } from "./live-run.js";

/** One severity and what comes of acting from it on. */
export type TradeOff = {
  severity: number;
  points: { name: string; value: number; isShare: boolean }[];
};

const SEVERITIES = [0.25, 0.35, 0.45, 0.55, 0.6, 0.75, 0.9];
const TWO_HOURS_S = 7_200;

/** Runs by the names of their kinds and attacks. */
export type RunsByName = ReadonlyMap<string, readonly LiveRun[]>;

/** The honest kinds and the attacks of the curve. */
const TRADED = Object.freeze({
  honest: ["visits-3", "visits-5", "visits-10", "visits-any-5", "shape-60"],
  attacks: ["all-x2", "all-x3", "half-leaves", "one-x5", "one-x20", "two-x20"],
});

/** The curve over what was measured. */
export const tradeOffs = (honest: RunsByName, attacks: RunsByName): TradeOff[] =>
  SEVERITIES.map((severity) => ({
    severity,
    points: [
      ...TRADED.honest.flatMap((name) => {
        const runs = honest.get(name);
        return runs === undefined
          ? []
          : [{ name: `${name} a month`, value: alarmsOf(runs, severity), isShare: false }];
      }),
      ...TRADED.attacks.flatMap((name) => {
        const runs = attacks.get(name);
        return runs === undefined ? [] : [{ name, value: shareOf(runs, severity), isShare: true }];
      }),
    ],
  }));

function alarmsOf(runs: readonly LiveRun[], severity: number): number {
  const count = runs.flatMap(({ findings }) => findings).filter((one) => one.severity >= severity);
  return count.length / runs.reduce((sum, { seconds }) => sum + seconds / MONTH_S, 0);
}

/** Share of the runs in which a finding of two hours reached this severity, at any time while it lasted. */
function shareOf(runs: readonly LiveRun[], severity: number): number {
  const found = runs.filter(({ labels, findings }) => {
    const onsetS = labels["attack"] ?? Infinity;
    return findings.some(
      (one) =>
        one.label !== "honest" && one.severity >= severity && one.raised_s - onsetS <= TWO_HOURS_S,
    );
  });
  return found.length / runs.length;
}
