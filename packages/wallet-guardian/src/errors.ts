/** The two error classes of this package: a caller's malformed policy, and a broken ledger. */
import type { ContractErrorCode } from "@dgb-shield/contract";

/** What may be wrong with a policy; of a text also the codes of strict JSON. */
export type PolicyFaultCode =
  | "unknown_field"
  | "invalid_type"
  | "invalid_value"
  | "out_of_range"
  | "given_twice"
  | "limits_nothing"
  | "claim_exceeds_window"
  | ContractErrorCode;

/** One fault of a policy. */
export type PolicyFault = Readonly<{
  code: PolicyFaultCode;
  /** JSON Pointer into the policy; `""` is the whole of it. */
  path: string;
  /** What to do. */
  message: string;
}>;

/** A policy that cannot be used, with every fault that was found. Thrown by `createGuardian` and `parsePolicy`. */
export class GuardianPolicyError extends Error {
  override readonly name = "GuardianPolicyError";
  readonly code = "invalid_policy";
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    super(
      faults.map(({ path, message }) => `${path === "" ? "policy" : path}: ${message}`).join("; "),
    );
    this.faults = faults;
  }
}

/** Why a ledger could not serve. Whatever else an adapter throws counts as `ledger_unavailable`. */
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

/** Thrown by ledgers, never by a guardian, which answers REJECT with the code. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  readonly facts: LedgerFacts;

  constructor(code: LedgerErrorCode, detail: string, cause?: unknown, facts: LedgerFacts = {}) {
    super(detail, { cause });
    this.code = code;
    this.facts = Object.freeze({ ...facts });
  }
}

/** A guardian that cannot be made of what was given. Thrown by `createGuardian`. */
export class GuardianOptionsError extends Error {
  override readonly name = "GuardianOptionsError";
  readonly code = "invalid_options";
  /** JSON Pointer of the option; `""` is the whole. */
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super(`${path === "" ? "options" : path}: ${message}`, { cause });
    this.path = path;
  }
}
