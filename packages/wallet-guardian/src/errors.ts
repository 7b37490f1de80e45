/** Error classes: a malformed policy, a failed ledger, options that make no guardian. */
import { type ContractErrorCode, ShieldError } from "@dgb-shield/contract";

/** Codes of what is wrong with a policy; for a JSON text also the codes of strict JSON. */
export type PolicyIssueCode =
  | "unknown_field"
  | "invalid_type"
  | "invalid_value"
  | "out_of_range"
  | "given_twice"
  | "limits_nothing"
  | "claim_exceeds_window"
  | ContractErrorCode;

/** One thing that is wrong with a policy. */
export type PolicyIssue = Readonly<{
  code: PolicyIssueCode;
  /** JSON Pointer into the policy; `""` is the whole of it. */
  path: string;
  /** What to do. */
  message: string;
}>;

/**
 * Reports a policy that cannot be used, with every issue that was found. Thrown by `createGuardian`, `parsePolicy`,
 * `policyFromJson` and `policyFromEnv`.
 *
 * @param issues at least one
 */
export class GuardianPolicyError extends ShieldError<"invalid_policy"> {
  override readonly name = "GuardianPolicyError";
  /** What is wrong, in the order in which it was found. */
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    super(
      { code: "invalid_policy" },
      issues.map(({ path, message }) => `${path === "" ? "policy" : path}: ${message}`).join("; "),
    );
    this.issues = issues;
  }
}

/** Codes of a ledger that could not serve. Any other error of an adapter counts as `ledger_unavailable`. */
export type LedgerErrorCode = "ledger_busy" | "ledger_unavailable";

/** Where a ledger failed, for the log; never a secret. */
export type LedgerFacts = Readonly<{
  /** The ledger's file. */
  path?: string;
  /** Code of the operating system or of SQLite, such as `ENOENT` or `SQLITE_FULL`. */
  errno?: string;
  /** Code of PostgreSQL, such as `28P01`. */
  sqlstate?: string;
}>;

/**
 * Reports a ledger that could not serve. Ledgers throw it; a guardian answers REJECT with its code instead.
 *
 * @param detail what is wrong and what to do; the message
 * @param cause the driver's error, if there is one
 * @param facts where it failed, for the log
 */
export class LedgerError extends ShieldError<LedgerErrorCode> {
  override readonly name = "LedgerError";
  /** Where it failed. */
  readonly facts: LedgerFacts;

  constructor(code: LedgerErrorCode, detail: string, cause?: unknown, facts: LedgerFacts = {}) {
    const path = Object.hasOwn(facts, "path") ? facts.path : undefined;
    super({ code, path, detail, cause }, detail);
    this.facts = Object.freeze({ ...facts });
  }
}

/**
 * Reports options that make no guardian. Thrown by `createGuardian`.
 *
 * @param path JSON Pointer of the option; `""` is the whole
 * @param detail what is wrong and what to give instead
 * @param cause the error of the option, if it threw one
 */
export class GuardianOptionsError extends ShieldError<"invalid_config"> {
  override readonly name = "GuardianOptionsError";
  declare readonly path: string;

  constructor(path: string, detail: string, cause?: unknown) {
    super(
      { code: "invalid_config", path, detail, cause },
      `${path === "" ? "options" : path}: ${detail}`,
    );
  }
}
