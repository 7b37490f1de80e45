/** Detection of attacks on live chains: by which detectors, how soon, and in what share of the runs. */
import type { LiveAttack } from "../simulation/live/live-attacks.js";
import type { LiveRun, RunFinding } from "./live-run.js";
import { type Quantiles, quantilesOf } from "./quantiles.js";

const TWO_HOURS_S = 7_200;

/** One detector on one attack. */
export type LiveDetectorQuality = {
  detector: string;
  is_expected: boolean;
  detected: number;
  seconds: Quantiles;
  critical: number;
};

/** How all detectors did on one attack. */
export type LiveAttackQuality = {
  name: string;
  title: string;
  runs: number;
  /** Runs with a finding after the onset, and time to the first one. */
  detected: number;
  seconds: Quantiles;
  within_two_hours: number;
  /** Runs with a critical finding, and time to the first one. */
  critical: number;
  critical_seconds: Quantiles;
  /** Runs with a critical finding before the harm is done; null where that is no moment. */
  critical_in_time: number | null;
  detectors: LiveDetectorQuality[];
  /** Findings before the onset, in all runs. */
  early_findings: number;
  wanted: string;
  /** Null where nothing is asked. */
  is_met: boolean | null;
};

type Judged = Readonly<{ onsetS: number; overS: number | undefined; after: readonly RunFinding[] }>;

/** The runs of one attack taken together. */
export function assessLiveAttack(attack: LiveAttack, runs: readonly LiveRun[]): LiveAttackQuality {
  const judged = runs.map(judgedOf);
  const firsts = judged.flatMap((run) => firstOf(run, run.after, raisedS));
  const criticals = judged.flatMap((run) => firstOf(run, run.after, criticalS));
  const names = new Set(judged.flatMap(({ after }) => after.map(({ detector }) => detector)));
  const detectors = [...names].sort();
  return {
    name: attack.name,
    title: attack.title,
    runs: runs.length,
    detected: firsts.length,
    seconds: quantilesOf(firsts),
    within_two_hours: firsts.filter((seconds) => seconds <= TWO_HOURS_S).length,
    critical: criticals.length,
    critical_seconds: quantilesOf(criticals),
    critical_in_time: inTime(judged),
    detectors: detectors.map((detector) => {
      const ownOf = (run: Judged) => run.after.filter((one) => one.detector === detector);
      const found = judged.flatMap((run) => firstOf(run, ownOf(run), raisedS));
      return {
        detector,
        is_expected: attack.expected.includes(detector),
        detected: found.length,
        seconds: quantilesOf(found),
        critical: judged.flatMap((run) => firstOf(run, ownOf(run), criticalS)).length,
      };
    }),
    early_findings: runs.reduce(
      (sum, { findings }, i) => sum + findings.length - (judged[i]?.after.length ?? 0),
      0,
    ),
    wanted: wantedText(attack),
    is_met: isMet(attack, judged),
  };
}

const raisedS = ({ raised_s }: RunFinding): number | null => raised_s;
const criticalS = ({ critical_s }: RunFinding): number | null => critical_s;

function judgedOf({ labels, findings }: LiveRun): Judged {
  return {
    onsetS: labels["attack"] ?? labels["over"] ?? Infinity,
    overS: labels["over"],
    after: findings.filter(({ label }) => label !== "honest"),
  };
}

function firstOf(
  { onsetS }: Judged,
  findings: readonly RunFinding[],
  timeOf: (finding: RunFinding) => number | null,
): number[] {
  const times = findings.flatMap((one) => timeOf(one) ?? []);
  return times.length === 0 ? [] : [Math.min(...times) - onsetS];
}

function inTime(judged: readonly Judged[]): number | null {
  if (judged.every(({ overS }) => overS === undefined)) return null;
  const isInTime = ({ overS = Infinity, after }: Judged): boolean =>
    after.some(({ critical_s }) => critical_s !== null && critical_s < overS);
  return judged.filter(isInTime).length;
}

function isMet({ wanted }: LiveAttack, judged: readonly Judged[]): boolean | null {
  if (wanted === null) return null;
  const timeOf = wanted.level === "critical" ? criticalS : raisedS;
  const found = judged.filter((run) => {
    const [first = Infinity] = firstOf(run, run.after, timeOf);
    const limitS = (run.overS ?? Infinity) - run.onsetS;
    return first <= wanted.hours * 3_600 && first < limitS;
  });
  return found.length >= wanted.share * judged.length;
}

function wantedText({ wanted }: LiveAttack): string {
  if (wanted === null) return "–";
  const { level, hours, share } = wanted;
  return `${level} in ${Number(hours.toFixed(1))} h, ${share * 100} %`;
}
