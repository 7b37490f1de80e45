/** The report of one step, and the findings in it: dated, without those that are acknowledged, worst first. */
import {
  type Finding,
  isWorseLevel,
  type JsonValue,
  levelOfScore,
  SCALE,
  type SentinelReport,
} from "@dgb-shield/contract";
import type { DetectorFinding } from "./detectors/detector.js";
import type { Acknowledgement, SentinelState } from "./state.js";
import { toleratedOf } from "./tolerations.js";

/** A finding and the detector that raised it. */
export type Raised = DetectorFinding & { detector: string };

/** The report on a state. It shares no object with the state. */
export function reportOf(
  state: SentinelState,
  status: SentinelReport["status"],
  detectors: string[],
): SentinelReport {
  const shown = shownOf(state);
  const { clock, tip } = state;
  const isKnown = status === "WATCHING" && clock.status === "trusted";
  const score = Math.max(isKnown ? 0 : SCALE.elevated, shown[0]?.severity ?? 0);
  return {
    node_id: state.node_id,
    chain: state.chain,
    observed_at_ms: clock.wall_ms,
    clock: clock.status,
    status,
    tip: tip === null ? null : { height: tip.height, hash: tip.hash },
    level: levelOfScore(score),
    score,
    findings: shown,
    detectors,
    ...toleratedOf(state.tolerations, tip?.height ?? 0),
  };
}

/** Findings with the time at which each was first seen. */
export const datedAll = (
  raised: readonly Raised[],
  before: readonly Finding[],
  atMs: number,
): Finding[] => raised.map((finding) => dated(finding, before, atMs));

function dated(finding: Raised, before: readonly Finding[], atMs: number): Finding {
  const known = before.find(({ finding_id }) => finding_id === finding.finding_id);
  return { ...finding, detected_at_ms: known?.detected_at_ms ?? atMs };
}

function shownOf({ findings, acknowledgements, clock }: SentinelState): Finding[] {
  if (findings.length === 0) return [];
  return findings
    .filter((finding) => !isSilenced(finding, acknowledgements, clock.times.most_ms))
    .toSorted(worstFirst)
    .map((finding) => ({ ...finding, evidence: copyOf(finding.evidence) as Finding["evidence"] }));
}

function isSilenced(
  { finding_id, severity }: Finding,
  acknowledgements: readonly Acknowledgement[],
  mostMs: number,
): boolean {
  const given = acknowledgements.find((one) => one.finding_id === finding_id);
  if (given === undefined) return false;
  if (given.until_most_ms !== null && mostMs >= given.until_most_ms) return false;
  return !isWorseLevel(levelOfScore(severity), given.level);
}

function worstFirst(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return b.severity - a.severity;
  return a.finding_id < b.finding_id ? -1 : 1;
}

function copyOf(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const members = Object.entries(value).map(([key, member]) => [key, copyOf(member)]);
  return Object.fromEntries(members) as JsonValue;
}
