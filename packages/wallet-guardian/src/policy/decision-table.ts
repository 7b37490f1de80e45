/** The decision table: finding × risk → decision, as data (design: layer 4; Wallet Guardian v2, section 3). */
import type { GuardianDecisionName, GuardianRisk } from "@dgb-shield/contract";

/** Findings that the table decides. */
export type TableFinding =
  | "within_limits"
  | "cooldown_breach"
  | "per_tx_limit"
  | "daily_limit"
  | "window_limit"
  | "wallet_frozen"
  | "frozen_persistent_attempts";

/** One row: the decision at each risk. */
export type TableRow = Readonly<Record<GuardianRisk, GuardianDecisionName>>;

/** The whole table. */
export type DecisionTable = Readonly<Record<TableFinding, TableRow>>;

const row = (
  LOW: GuardianDecisionName,
  MEDIUM: GuardianDecisionName,
  HIGH: GuardianDecisionName,
): TableRow => Object.freeze({ LOW, MEDIUM, HIGH });

/** The default table. `high_risk_freeze` freezes at HIGH beside `within_limits`, whatever else is found. */
export const DEFAULT_TABLE: DecisionTable = Object.freeze({
  within_limits: row("ALLOW", "ALLOW", "ALLOW"),
  cooldown_breach: row("DELAY", "DELAY", "REJECT"),
  per_tx_limit: row("REJECT", "REJECT", "REJECT"),
  daily_limit: row("DELAY", "FREEZE", "FREEZE"),
  window_limit: row("DELAY", "FREEZE", "FREEZE"),
  wallet_frozen: row("REJECT", "REJECT", "REJECT"),
  frozen_persistent_attempts: row("REJECT", "REJECT", "REJECT"),
});
