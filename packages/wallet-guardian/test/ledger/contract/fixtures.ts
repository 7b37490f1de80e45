/** What the contract suite writes and reads: rows, questions, and short calls of a ledger. */
import type {
  Ledger,
  LedgerReads,
  LedgerSnapshot,
  LedgerWrites,
  NewFreeze,
  ScopeRead,
  StoredWithdrawal,
  UsageRead,
} from "../../../src/ports.js";
import type { Scope } from "../../../src/scopes.js";

export const HASH = "0".repeat(64);
export const TXID = "ab".repeat(32);
export const MAX = 2n ** 63n - 1n;
export const WALLET: Scope = { type: "wallet", id: "a" };
export const OTHER: Scope = { type: "wallet", id: "b" };
export const ACCOUNT: Scope = { type: "account", id: "x" };
export const GLOBAL: Scope = { type: "global", id: "global" };

/** A claimed withdrawal of 100 from the wallet `a`, allowed and counted at 1,000. */
export const stored = (id: string, more: Partial<StoredWithdrawal> = {}): StoredWithdrawal => ({
  withdrawal_id: id,
  payment_id: id,
  wallet_id: "a",
  account_id: null,
  amount: 100n,
  content_hash: HASH,
  status: "claimed",
  counts: "allowed",
  counted_at_ms: 1_000,
  allowed_at_ms: 1_000,
  txid: null,
  state: null,
  ...more,
});

/** What counts as nothing any more. */
export const NOTHING = { status: "released", counts: "nothing", counted_at_ms: null } as const;

/** The head of a payment, and a row for each of its payouts. */
export function payment(
  id: string,
  payouts: readonly Readonly<{ id: string; account: string; amount: bigint }>[],
  more: Partial<StoredWithdrawal> = {},
): readonly StoredWithdrawal[] {
  const sum = payouts.reduce((total, { amount }) => total + amount, 0n);
  const head = stored(id, { amount: sum, ...more, counts: "nothing", counted_at_ms: null });
  return [
    head,
    ...payouts.map(({ id: payout, account, amount }) =>
      stored(payout, { ...more, payment_id: id, account_id: account, amount, state: null }),
    ),
  ];
}

/** A question about the last 1,000 ms. */
export const usage = (more: Partial<UsageRead> = {}): UsageRead => ({
  window_ms: 1_000,
  include_requested: false,
  keep_amount: null,
  keep_count: null,
  ...more,
});

/** One scope, locked, with questions. */
export const scopeRead = (
  scope: Scope,
  usages: readonly UsageRead[] = [usage()],
  more: Partial<ScopeRead> = {},
): ScopeRead => ({
  scope,
  lock: true,
  usages,
  attempts: { window_ms: 1_000, limit: 10 },
  ...more,
});

/** Reads at 1,500 of one locked scope. */
export const reads = (
  more: Partial<LedgerReads> = {},
  usages: readonly UsageRead[] = [usage()],
  scope: Scope = WALLET,
): LedgerReads => ({
  now_ms: 1_500,
  ids: [],
  scopes: [scopeRead(scope, usages)],
  freezes: null,
  ...more,
});

/** A freeze of the wallet `a`. */
export const freeze = (more: Partial<NewFreeze> = {}): NewFreeze => ({
  scope: WALLET,
  cause_id: "cause",
  kind: "risk",
  frozen_at_ms: 1,
  operator: null,
  reason: "r",
  ...more,
});

/** Short calls of the ledger that a test has. */
export function callsOf(ledger: () => Ledger) {
  const look = (asked: LedgerReads): Promise<LedgerSnapshot> =>
    ledger().transact(asked, (snapshot) => ({ result: snapshot, writes: null }));
  const write = (writes: LedgerWrites, asked: LedgerReads = reads({ now_ms: 0 })): Promise<null> =>
    ledger().transact(asked, () => ({ result: null, writes }));
  const put = (...withdrawals: readonly StoredWithdrawal[]): Promise<null> =>
    write({ withdrawals }, reads({ now_ms: 0, ids: withdrawals.map((row) => row.withdrawal_id) }));
  const firstScope = async (asked: LedgerReads) => (await look(asked)).scopes[0]!;
  const firstUsage = async (asked: LedgerReads) => (await firstScope(asked)).usages[0]!;
  const frozen = async (scope: Scope = WALLET) =>
    (await firstScope(reads({ now_ms: 0 }, [], scope))).frozen_by;
  return { look, write, put, firstScope, firstUsage, frozen };
}

/** What a suite is given. */
export type Calls = ReturnType<typeof callsOf> & Readonly<{ ledger: () => Ledger }>;
