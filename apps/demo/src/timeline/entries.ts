/** What a scenario has to tell: one entry for each thing that a reader should see. */
import type {
  AdvisoryLevel,
  DecisionRecord,
  DefenseState,
  EnvelopeDecision,
  Finding,
  Lockdown,
} from "@dgb-shield/contract";
import type { ReleaseOrder, Scenario } from "../scenarios/scenario.js";

/** How the DQSN sees the network and the site's own evidence. */
export type Advice = Readonly<{
  level: AdvisoryLevel;
  score: number;
  critical_operators: readonly string[];
  /** DQSN's answer to the site's own evidence (contract v3). */
  decision: EnvelopeDecision;
  reason_codes: readonly string[];
}>;

/** What happened to one request for a withdrawal. */
export type Outcome = Readonly<{
  withdrawal_id: string;
  wallet_id: string;
  amount: string;
  user_id: string;
  record: DecisionRecord;
  /** Whether an earlier run decided it: the ledger's answer, not a new one. */
  recalled: boolean;
}>;

/** Counts of a scenario that has been played. */
export type Summary = Readonly<{
  scenario: string;
  origin: Scenario["origin"];
  blocks: number;
  observations: number;
  findings: Readonly<Record<string, number>>;
  withdrawals: number;
  allowed: number;
  allowed_amount: string;
  /** Final QWG decision → how often. */
  decisions: Readonly<Record<string, number>>;
  recalled: number;
  /** Worst level of the advisory, and worst lockdown, that were reached. */
  worst_advisory: AdvisoryLevel;
  worst_lockdown: Lockdown;
  events_exported: number;
  events_dropped: number;
  ledger: "sqlite" | "memory";
}>;

/** One entry of the timeline; `at_ms` is the scenario's own time. */
export type Entry = Readonly<
  | { type: "scenario"; at_ms: number; scenario: ScenarioHead }
  | { type: "phase"; at_ms: number; label: string; note: string }
  | { type: "finding"; at_ms: number; node_id: string; operator: string; finding: Finding }
  | { type: "finding_worse"; at_ms: number; node_id: string; operator: string; finding: Finding }
  | { type: "finding_over"; at_ms: number; node_id: string; operator: string; finding: Finding }
  | { type: "advice"; at_ms: number; advice: Advice }
  | { type: "defense"; at_ms: number; state: DefenseState }
  | { type: "order"; at_ms: number; order: ReleaseOrder; finding_ids: readonly string[] }
  | { type: "withdrawal"; at_ms: number; outcome: Outcome }
  | { type: "summary"; at_ms: number; summary: Summary }
>;

/** What is said of a scenario before it plays. */
export type ScenarioHead = Pick<
  Scenario,
  "name" | "title" | "origin" | "provenance" | "reporters" | "clock" | "zero_ms"
> & { readonly ledger: "sqlite" | "memory" };
