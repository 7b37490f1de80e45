/** Types of the timeline's entries: one for each thing that a reader should see. */
import type {
  AdvisoryLevel,
  DefenseState,
  EnvelopeDecision,
  Finding,
  Lockdown,
  StoredWithdrawalRecord,
} from "@dgb-shield/contract";
import type { ReleaseOrder, Scenario } from "../scenarios/scenario.js";
import type { ChainSplit } from "./chain-split.js";

/** DQSN's assessment of the network and of the site's own evidence. */
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
  record: StoredWithdrawalRecord;
  /** Whether an earlier run decided it: the ledger's answer, not a new one. */
  recalled: boolean;
  /** Why the ledger did not record the payment; null where it did, or where nothing was paid. */
  unsettled: string | null;
}>;

/** Counts of a scenario that has been played. */
export type Summary = Readonly<{
  scenario: string;
  origin: Scenario["origin"];
  blocks: number;
  observations: number;
  findings: Readonly<Record<string, number>>;
  /** Splits of the chain between the own node and another one. */
  chain_splits: number;
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
  | { type: "chain_split"; at_ms: number; split: ChainSplit }
  | { type: "advice"; at_ms: number; advice: Advice }
  | { type: "defense"; at_ms: number; state: DefenseState }
  | { type: "order"; at_ms: number; order: ReleaseOrder; finding_ids: readonly string[] }
  | { type: "withdrawal"; at_ms: number; outcome: Outcome }
  | { type: "summary"; at_ms: number; summary: Summary }
>;

/** The head of a scenario, shown before it plays. */
export type ScenarioHead = Pick<
  Scenario,
  "name" | "title" | "origin" | "provenance" | "reporters" | "clock" | "zero_ms"
> &
  Readonly<{
    /** Name of the chain, and its coin's unit. */
    chain: string;
    coin: string;
    ledger: "sqlite" | "memory";
  }>;
