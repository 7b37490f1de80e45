/** False alarms of a fleet's detectors on honest fleets, as a table with exact intervals. */
import { digibyte } from "@dgb-shield/chain";
import { createFleet } from "@dgb-shield/sentinel";
import { type HonestFleet, nodesOf, rounds } from "../simulation/fleet/honest-fleets.js";
import { MONTH_S } from "./live-honest.js";
import { poissonInterval } from "./poisson-interval.js";
import { table } from "./table.js";

/** Detectors of a fleet. */
const FLEET_DETECTORS = [
  "tip_divergence",
  "rule_split",
  "node_behind",
  "nodes_down_together",
] as const;

/** Findings of one honest fleet. */
export type FleetAlarms = Readonly<{
  title: string;
  months: number;
  /** Of each detector: findings, and the worst severity of them. */
  found: ReadonlyMap<string, Readonly<{ count: number; worst: number }>>;
}>;

/** Watches so many months of a fleet; each finding counts once. */
export function fleetAlarms(fleet: HonestFleet, seed: number, months: number): FleetAlarms {
  const watch = createFleet({ chain: digibyte, nodes: nodesOf(fleet) });
  const worst = new Map<string, number>();
  const nameOf = new Map<string, string>();
  for (const round of rounds(fleet, seed, months * MONTH_S)) {
    const { findings, reports } = watch.observe(round);
    // A simulation that Sentinel cannot read would show no false alarm at all.
    if (reports.some((one) => one.findings.some((f) => f.detector === "observation_invalid"))) {
      throw new Error(`${fleet.name}: an observation is invalid`);
    }
    for (const { finding_id, detector, severity } of findings) {
      nameOf.set(finding_id, detector);
      worst.set(finding_id, Math.max(severity, worst.get(finding_id) ?? 0));
    }
  }
  const found = new Map<string, { count: number; worst: number }>();
  for (const [id, severity] of worst) {
    const name = nameOf.get(id) ?? id;
    const before = found.get(name) ?? { count: 0, worst: 0 };
    found.set(name, { count: before.count + 1, worst: Math.max(before.worst, severity) });
  }
  return { title: fleet.title, months, found };
}

/** The table: findings a month by detector with exact 95 % intervals, and the worst severity. */
export function fleetMarkdown(all: readonly FleetAlarms[]): string {
  return table(
    ["honest fleet of three nodes", "months", ...FLEET_DETECTORS],
    all.map(({ title, months, found }) => [
      title,
      months.toFixed(2),
      ...FLEET_DETECTORS.map((name) => {
        const { count, worst } = found.get(name) ?? { count: 0, worst: 0 };
        const { low, high } = poissonInterval(count);
        const [rate, least, most] = [count, low, high].map((one) => (one / months).toFixed(2));
        return `${rate} [${least}, ${most}]${count > 0 ? `, worst ${worst.toFixed(2)}` : ""}`;
      }),
    ]),
  );
}
