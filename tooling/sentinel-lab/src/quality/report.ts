/** The detection-quality report: everything that was assessed, as data and as tables. */
import type { Replay } from "@dgb-shield/sentinel";
import type { AttackQuality, HonestQuality } from "./assess.js";
import type { Quantiles } from "./quantiles.js";
import { numberText, table } from "./table.js";

/** What a phase of a recording raised. */
export type PhaseQuality = {
  label: string;
  /** Findings that were raised in it: detector, level, and time since the phase began. */
  findings: { detector: string; level: string; blocks: number; seconds: number }[];
};

/** A recording and what was found in each of its phases. */
export type RecordingQuality = { name: string; phases: PhaseQuality[] };

/** The report. */
export type QualityReport = {
  version: 1;
  honest: HonestQuality[];
  attacks: AttackQuality[];
  recordings: RecordingQuality[];
};

/** What a replayed recording raised, phase by phase. */
export const assessRecording = (
  name: string,
  { phases, findings }: Pick<Replay, "phases" | "findings">,
): RecordingQuality => ({
  name,
  phases: phases.map(({ label, from_ms, from_height }) => ({
    label,
    findings: findings
      .filter((finding) => finding.label === label)
      .map(({ detector, level, raised_at_ms, raised_height }) => ({
        detector,
        level,
        blocks: raised_height - from_height,
        seconds: (raised_at_ms - from_ms) / 1_000,
      })),
  })),
});

/**
 * The report as Markdown, with tables that are aligned for a terminal too.
 *
 * @example reportMarkdown(report).startsWith("## False alarms") // true
 */
export function reportMarkdown({ honest, attacks, recordings }: QualityReport): string {
  return [
    "## False alarms",
    ...honest.map(honestSection),
    "## Attacks",
    "Time from the onset to a detector's first finding, over the runs in which there was one.",
    table(ATTACK_COLUMNS, attacks.flatMap(attackRows)),
    ...(recordings.length > 0 ? ["## Recordings"] : []),
    ...recordings.map(
      ({ name, phases }) => `${name}:\n\n${table(PHASE_COLUMNS, phaseRows(phases))}`,
    ),
  ].join("\n\n");
}

const ATTACK_COLUMNS = ["attack", "detector", "found in", "level", "blocks", "seconds", "early"];
const PHASE_COLUMNS = ["phase", "raised", "level", "blocks into it", "seconds into it"];
const HONEST_COLUMNS = ["detector", "elevated", "high", "critical"];

function honestSection({ title, runs, blocks, months, alarms, per_month }: HonestQuality): string {
  const span = `${blocks.toLocaleString("en-US")} blocks, ${(months / 12).toFixed(1)} years, ${runs} run(s)`;
  const rate = `${per_month.toFixed(3)} findings a month, all detectors together.`;
  const rows = alarms.map(({ detector, elevated, high, critical }) =>
    [detector, elevated, high, critical].map(String),
  );
  const counted = rows.length > 0 ? `\n\n${table(HONEST_COLUMNS, rows)}` : "";
  return `${title}: ${span}. ${rate}${counted}`;
}

const attackRows = ({ name, runs, detectors, early_findings }: AttackQuality): string[][] =>
  detectors.map(({ detector, is_expected, detected, level, blocks, seconds }, i) => [
    i === 0 ? name : "",
    is_expected ? `${detector} (expected)` : detector,
    `${detected} of ${runs}`,
    detected > 0 ? level : "–",
    quantilesText(blocks),
    quantilesText(seconds),
    i === 0 ? String(early_findings) : "",
  ]);

const phaseRows = (phases: readonly PhaseQuality[]): string[][] =>
  phases.flatMap(({ label, findings }) =>
    findings.length === 0
      ? [[label, "nothing", "", "", ""]]
      : findings.map(({ detector, level, blocks, seconds }) => [
          label,
          detector,
          level,
          String(blocks),
          String(seconds),
        ]),
  );

/** Median, and the 95th percentile where it differs. */
function quantilesText({ median, p95 }: Quantiles): string {
  if (median === null || p95 === null) return "–";
  return median === p95 ? numberText(median) : `${numberText(median)}, 95 %: ${numberText(p95)}`;
}
