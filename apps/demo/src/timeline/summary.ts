/** Builds the summary of a scenario: counts what it showed. */
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  type Finding,
  formatAmount,
  type Lockdown,
  LOCKDOWNS,
  parseAmount,
} from "@dgb-shield/contract";
import type { Observation } from "@dgb-shield/sentinel";
import type { Outcome, Summary } from "./entries.js";

/** Running counts of one scenario. */
export type SummaryBuilder = Readonly<{
  observed(observation: Observation): void;
  found(finding: Finding): void;
  split(): void;
  advised(level: AdvisoryLevel): void;
  defended(lockdown: Lockdown): void;
  decided(outcome: Outcome): void;
  build(
    base: Pick<Summary, "scenario" | "origin" | "ledger">,
    exported: { delivered: number; dropped: number },
  ): Summary;
}>;

/** Creates counts of 0. */
export function createSummaryBuilder(): SummaryBuilder {
  const findings = new Map<string, number>();
  const decisions = new Map<string, number>();
  let [blocks, observations, withdrawals, allowed, recalled, chain_splits] = [0, 0, 0, 0, 0, 0];
  let allowedUnits = 0n;
  let worst_advisory: AdvisoryLevel = "NORMAL";
  let worst_lockdown: Lockdown = "NONE";
  return Object.freeze({
    observed(observation) {
      observations++;
      blocks += observation.blocks.length;
    },
    found({ detector }) {
      findings.set(detector, (findings.get(detector) ?? 0) + 1);
    },
    split() {
      chain_splits++;
    },
    advised(level) {
      worst_advisory = later(ADVISORY_LEVELS, worst_advisory, level);
    },
    defended(lockdown) {
      worst_lockdown = later(LOCKDOWNS, worst_lockdown, lockdown);
    },
    decided({ record, amount, recalled: isRecalled }) {
      withdrawals++;
      if (isRecalled) recalled++;
      const { decision } = record.result;
      decisions.set(decision, (decisions.get(decision) ?? 0) + 1);
      if (record.final !== "ALLOW") return;
      allowed++;
      allowedUnits += parseAmount(amount);
    },
    build: (base, { delivered, dropped }) => ({
      ...base,
      blocks,
      observations,
      findings: Object.fromEntries(findings),
      chain_splits,
      withdrawals,
      allowed,
      allowed_amount: formatAmount(allowedUnits),
      decisions: Object.fromEntries(decisions),
      recalled,
      worst_advisory,
      worst_lockdown,
      events_exported: delivered,
      events_dropped: dropped,
    }),
  } satisfies SummaryBuilder);
}

const later = <T>(scale: readonly T[], a: T, b: T): T =>
  scale.indexOf(b) > scale.indexOf(a) ? b : a;
