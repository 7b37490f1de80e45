/** False alarms on the kinds of honest live chains: counts by detector and level, rates with their intervals. */
import type { HonestKind } from "../simulation/live/honest-kinds.js";
import { type Interval, poissonInterval } from "./poisson-interval.js";
import type { LiveRun, RunFinding } from "./live-run.js";

/** Seconds of a twelfth of a Julian year. */
export const MONTH_S = 31_557_600 / 12;

/** A rate a month with its exact 95 % interval. */
export type Rate = { count: number; per_month: number; interval: Interval };

/** Findings of one detector. */
export type DetectorAlarms = {
  detector: string;
  elevated: number;
  high: number;
  critical: number;
  /** The worst of them, in its own words. */
  worst: string;
};

/** How all detectors did on one kind of honest chain. */
export type LiveHonestQuality = {
  name: string;
  title: string;
  is_held: boolean;
  runs: number;
  blocks: number;
  months: number;
  alarms: DetectorAlarms[];
  elevated: Rate;
  high: Rate;
  critical: Rate;
  /** Findings that are true: the node was down. */
  true_findings: number;
  /** At most one finding a month, none of them high or critical. */
  is_within: boolean;
};

/** A restart is an outage, and what names it is right. */
const TRUE_WITH_RESTARTS: ReadonlySet<string> = new Set(["node_unreachable"]);

/** The runs of one kind taken together. */
export function assessLiveHonest(kind: HonestKind, runs: readonly LiveRun[]): LiveHonestQuality {
  const months = runs.reduce((sum, { seconds }) => sum + seconds / MONTH_S, 0);
  const all = runs.flatMap(({ findings }) => findings);
  const isTrue = ({ detector }: RunFinding): boolean =>
    kind.conditions.restarts !== null && TRUE_WITH_RESTARTS.has(detector);
  const findings = all.filter((one) => !isTrue(one));
  const rateOf = (level: string): Rate => {
    const count = findings.filter((one) => one.level === level).length;
    const { low, high } = poissonInterval(count);
    const interval = { low: low / months, high: high / months };
    return { count, per_month: count / months, interval };
  };
  const [elevated, high, critical] = [rateOf("elevated"), rateOf("high"), rateOf("critical")];
  return {
    name: kind.name,
    title: kind.title,
    is_held: kind.isHeld,
    runs: runs.length,
    blocks: runs.reduce((sum, { blocks }) => sum + blocks, 0),
    months,
    alarms: alarmsOf(findings),
    elevated,
    high,
    critical,
    true_findings: all.length - findings.length,
    is_within: findings.length / months <= 1 && high.count + critical.count === 0,
  };
}

function alarmsOf(findings: readonly RunFinding[]): DetectorAlarms[] {
  return [...new Set(findings.map(({ detector }) => detector))].sort().map((detector) => {
    const own = findings.filter((one) => one.detector === detector);
    const countOf = (level: string): number => own.filter((one) => one.level === level).length;
    const worst = own.toSorted((a, b) => b.severity - a.severity)[0];
    return {
      detector,
      elevated: countOf("elevated"),
      high: countOf("high"),
      critical: countOf("critical"),
      worst: worst === undefined ? "" : `${worst.severity}: ${worst.summary}`,
    };
  });
}
