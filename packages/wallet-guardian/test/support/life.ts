/** The life of payments in tests: reservations that are claimed, committed and released. */
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import {
  type ClaimAnswer,
  type CommitOptions,
  createMemoryLedger,
  type Finalize,
  type GuardianAnswer,
  type GuardianPolicyInput,
  type Ledger,
  type OperationResult,
  type ScriptOf,
} from "../../src/index.js";
import { askAnything, harness, ORDER, TXID } from "./guardian.js";

/** Ledgers without a file. */
export const MEMORIES: readonly (readonly [string, () => Ledger])[] = (
  [
    ["memory", createMemoryLedger],
    ["sqlite", () => createSqliteLedger({ path: ":memory:" })],
  ] as const
).filter(([name]) => hasSqlite || name !== "sqlite");

/** Ten coins a day; an ALLOW reserves, and a claim permits signing. */
export const EXPLICIT = { max_24h: "10", claim: "explicit" } as const satisfies GuardianPolicyInput;

/** The n-th output that a transaction can spend. */
export const input = (n: number): string => `${n.toString(16).padStart(64, "0")}:0`;

/** The n-th transaction. */
export const txid = (n: number): string => n.toString(16).padStart(64, "0");

type ClaimWith = Readonly<{
  signer_id?: string;
  risk?: unknown;
  inputs?: readonly string[];
  finalize?: Finalize;
}>;

/** A payout of one account. */
export type PayoutIn = Readonly<{
  withdrawal_id: string;
  amount: string;
  account_id?: string;
  max_fee?: string;
  destinations?: readonly Readonly<{ address: string; amount: string }>[];
}>;

/** A guardian, and its calls with usual arguments. */
export function life(
  policy: GuardianPolicyInput = EXPLICIT,
  ledger?: Ledger,
  more?: Readonly<{ scriptOf?: ScriptOf }>,
) {
  const started = harness(policy, ledger, more);
  const { guardian } = started;
  const claim = (id: string, how: ClaimWith = {}): Promise<ClaimAnswer> => {
    const { inputs, ...given } = Object.assign(Object.create(null) as ClaimWith, how);
    const transaction = inputs === undefined ? {} : { transaction: { inputs } };
    const options = { signer_id: "s1", risk: "LOW", ...transaction, ...given };
    return guardian.claim(id, options as Parameters<typeof guardian.claim>[1]);
  };
  const commit = (id: string, given: Partial<CommitOptions> = {}): Promise<OperationResult> =>
    guardian.commit(id, { txid: TXID, ...given });
  const release = (id: string, given: object = {}): Promise<OperationResult> =>
    guardian.release(id, { reason: "r", ...given });
  const pay = (
    payment_id: string,
    payouts: readonly PayoutIn[],
    { risk = "LOW", wallet_id = "hot-1" }: Readonly<{ risk?: unknown; wallet_id?: string }> = {},
  ): Promise<GuardianAnswer> => askAnything(guardian, { payment_id, wallet_id, payouts }, risk);
  /** What counts in the wallet's first window. */
  const spent = async (): Promise<string | undefined> => {
    const view = await guardian.wallet("hot-1");
    return Object.hasOwn(view, "windows")
      ? (view as { windows: readonly { spent: string }[] }).windows[0]?.spent
      : undefined;
  };
  const freeze = (scope: "account" | "wallet" | "global" = "wallet", id = "hot-1") =>
    guardian.freeze(scope, id, ORDER);
  return { ...started, claim, commit, release, pay, spent, freeze };
}

export type Life = ReturnType<typeof life>;

/** Outcome and codes of an operation in one text. */
export const told = ({ accepted, reason_codes }: OperationResult): string =>
  [accepted ? "accepted" : "refused", ...reason_codes].join(" ");
