/** The ledger port: what Guardian needs of a durable store (design, section 7: one transaction). */
import type { JsonObject } from "@dgb-shield/contract";
import type { Scope } from "./scopes.js";
import type { Acceptance, ClockOwner } from "./clock/time.js";

/** What a withdrawal counts as in the windows of its scopes. */
export const COUNTS = ["allowed", "reserved", "asked", "nothing"] as const;
/** What a withdrawal counts as. */
export type Counts = (typeof COUNTS)[number];

/** Status of a payment; each of its rows has the same. */
export const WITHDRAWAL_STATUSES = [
  "open",
  "reserved",
  "claimed",
  "committed",
  "released",
] as const;
/** The status of a payment. */
export type WithdrawalStatus = (typeof WITHDRAWAL_STATUSES)[number];

/**
 * One id as stored: one row an id, so that no id counts twice. A withdrawal of its own is one row, whose
 * `payment_id` is its own id. A payment of several payouts has a head, which counts nothing, and a row for
 * each payout, whose `payment_id` is the head's.
 */
export type StoredWithdrawal = Readonly<{
  withdrawal_id: string;
  payment_id: string;
  wallet_id: string;
  account_id: string | null;
  /** Base units; of a head the sum of its payouts. */
  amount: bigint;
  /** Hash of the content that the id stands for. */
  content_hash: string;
  status: WithdrawalStatus;
  counts: Counts;
  /**
   * allowed: until this time plus the window, and it may lie ahead; reserved: in every window until this time,
   * and no longer; `asked` (requested and delayed): since this time. Null while it counts as nothing.
   */
  counted_at_ms: number | null;
  /** The payment's last ALLOW, from which the cooldown runs; the same on each of its rows. */
  allowed_at_ms: number | null;
  txid: string | null;
  /** JSON text of the payment's state (answer, claims, payouts); null on a payout that is not the payment itself, and where there is none. */
  state: string | null;
}>;

/** What caused a freeze: the risk level alone, a breached limit, or an operator. */
export const FREEZE_KINDS = ["risk", "limit", "operator"] as const;
/** The cause of a freeze. */
export type FreezeKind = (typeof FREEZE_KINDS)[number];

/**
 * Freezes of one scope: one row for each automatic kind (risk, limit), with a count, and one row for each
 * operator's order. A scope is frozen while it has any.
 */
export type StoredFreeze = Readonly<{
  scope: Scope;
  /** Of an automatic kind: of the first occurrence. */
  cause_id: string;
  kind: FreezeKind;
  frozen_at_ms: number;
  /** Of an automatic kind the latest occurrence; else `frozen_at_ms`. */
  last_at_ms: number;
  /** Occurrences; 1 for an operator's. */
  count: number;
  operator: string | null;
  reason: string;
}>;

/** A freeze to write. An automatic kind that the scope has already gets its count and its `last_at_ms` raised. */
export type NewFreeze = Omit<StoredFreeze, "last_at_ms" | "count">;

/**
 * The read of one rolling window. What was allowed counts while now − t < `window_ms`, what is reserved
 * while now < t.
 */
export type UsageRead = Readonly<{
  window_ms: number;
  /** Whether what was only requested and delayed counts too. */
  include_requested: boolean;
  /** Sum that may remain for the request to fit; null: it fits at no sum, or none is limited. */
  keep_amount: bigint | null;
  /** Count that may remain for the request to fit; null: not limited. */
  keep_count: number | null;
}>;

/** The answer to a `UsageRead`, exact over bigint. */
export type Usage = Readonly<{
  amount: bigint;
  count: number;
  /** When enough will have left the window, if nothing else happens; null: there is room now. */
  free_at_ms: number | null;
}>;

/** What to read of one scope. */
export type ScopeRead = Readonly<{
  scope: Scope;
  /**
   * Whether the scope is locked, and its time never runs backwards. Only of a locked scope are
   * usages and the last ALLOW read.
   */
  lock: boolean;
  usages: readonly UsageRead[];
  /** Rejected attempts to count, at most `limit` of them. */
  attempts: Readonly<{ window_ms: number; limit: number }>;
}>;

/** A destination of an owner: by its script, or by its address where there is no `scriptOf`. */
export type DestinationRead = Readonly<{
  /** Scope key of the account or wallet. */
  owner: string;
  script: string;
  /** What look-alikes have in common; null: it has no look-alikes. */
  shape: string | null;
}>;

/** A destination that an owner has named. */
export type StoredDestination = DestinationRead &
  Readonly<{
    /** When it was first named. */
    known_at_ms: number;
    approved: boolean;
    /** Whether it looked like another one of its owner when it was first named. */
    lookalike: boolean;
    /** Base units that were allowed to it while it was new. */
    free_used: bigint;
  }>;

/** What was read of one destination. */
export type DestinationSnapshot = Readonly<{
  stored: StoredDestination | null;
  /** Whether its owner has another script of the same shape. */
  has_lookalike: boolean;
}>;

/** What one transaction reads, fixed before it begins, so that a remote ledger needs one round trip. */
export type LedgerReads = Readonly<{
  /** The caller's time. */
  now_ms: number;
  /** The ids to read, each once; usages leave them out, and the last ALLOW that of the first of them. At most 1,001. */
  ids: readonly string[];
  /** In the order in which they are locked: accounts, wallet, global. */
  scopes: readonly ScopeRead[];
  /** Freezes to list, at most 1,000 of them: of one scope or of one cause. */
  freezes: Readonly<{ scope: Scope }> | Readonly<{ cause_id: string }> | null;
  /** Name of the policy whose current version to read. */
  policy?: string;
  destinations?: readonly DestinationRead[];
  /** Freezes of accounts to count for a wallet, at most `limit` of them. */
  account_freezes?: Readonly<{ wallet_id: string; window_ms: number; limit: number }>;
}>;

/** A kind of freeze that is in force, and its latest occurrence. */
export type FrozenBy = Readonly<{ kind: FreezeKind; last_at_ms: number }>;

/** What was read of one scope. */
export type ScopeSnapshot = Readonly<{
  scope: Scope;
  /** Kinds of the freezes in force, each once, in the order of `FREEZE_KINDS`; empty: not frozen. */
  frozen_by: readonly FrozenBy[];
  usages: readonly Usage[];
  /** Of any payment but the one whose id comes first in the reads; null: none, or the scope is not locked. */
  last_allow_ms: number | null;
  attempts: number;
}>;

/** The current version of a policy's name. */
export type StoredPolicy = Readonly<{
  version: string;
  /** 1, 2, 3, … with each change. */
  generation: number;
}>;

/** A consistent view, under the transaction's locks. */
export type LedgerSnapshot = Readonly<{
  /** The time that counts: at least the clock's and at least the last one of any locked scope. */
  now_ms: number;
  /** What the ledger's own clock gives; null where the caller's counts. */
  clock_ms: number | null;
  /** Latest time that a locked scope has seen: of a decision or of an ALLOW; 0 for none. */
  stored_ms: number;
  /** The latest acceptance of the clock. */
  accepted: Acceptance;
  /** In the order of the reads' ids; null: unknown. */
  withdrawals: readonly (StoredWithdrawal | null)[];
  /** In the order of the reads. */
  scopes: readonly ScopeSnapshot[];
  freezes: readonly StoredFreeze[];
  /** Null: the name is new, or no policy was read. */
  policy: StoredPolicy | null;
  /** In the order of the reads. */
  destinations: readonly DestinationSnapshot[];
  /** Freezes of accounts within their window, counted up to the limit; 0 where they were not read. */
  account_freezes: number;
  /** Number of the evidence that is current for all processes on the ledger; absent where the ledger knows none. */
  evidence_generation?: number;
}>;

/** Kinds of record. */
export const RECORD_KINDS = [
  "decision",
  "claim",
  "commit",
  "replace",
  "release",
  "import",
  "freeze",
  "unfreeze",
  "clock_accepted",
  "policy",
  "destination",
  "event",
  "adopted",
  "pruned",
  /** Of a service that governs its changes. */
  "governance",
  /** Of personal data that was erased. */
  "erased",
] as const;
/** The kind of a record. */
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Freezes to lift: of a cause, or of a scope, there of some kinds only. */
export type Lift =
  Readonly<{ cause_id: string }> | Readonly<{ scope: Scope; kinds: readonly FreezeKind[] }>;

/** What one transaction writes, all or nothing, in this order. */
export type LedgerWrites = Readonly<{
  /** Inserted, or replacing the rows of the same ids; the reads name their scopes. */
  withdrawals?: readonly StoredWithdrawal[];
  lifts?: readonly Lift[];
  freezes?: readonly NewFreeze[];
  /** Scopes whose earlier attempts are removed: a new freeze starts a new count. */
  reset_attempts?: readonly Scope[];
  /** Scopes of which an attempt was rejected, at the snapshot's time. */
  attempts?: readonly Scope[];
  /** Accounts newly frozen, counted for the wallet, at the snapshot's time. */
  account_freezes?: readonly Readonly<{ wallet_id: string; account_id: string }>[];
  /** Inserted, or replacing what is stored of the same owner and script. */
  destinations?: readonly StoredDestination[];
  /** Makes a version the current one of its name, as the next generation. */
  policy?: Readonly<{ name: string; version: string }>;
  /** Texts that replace those of records, under the same numbers, where personal data is erased. */
  redactions?: readonly Redaction[];
  /** Owners whose destinations are removed, before any is inserted. */
  forgotten?: readonly string[];
  /** Records to append, in this order. */
  records?: readonly NewRecord[];
  /** Time of what is written, in place of the snapshot's. */
  now_ms?: number;
  /** Leaves the times of the locked scopes as they are: the clock is not trusted. */
  keep_times?: true;
}>;

/** A record to append, as JSON text. */
export type NewRecord = Readonly<{ kind: RecordKind; json: string }>;

/** A text in place of a record's; where the record is not `was` any more, the step is rejected with `ledger_busy`. */
export type Redaction = Readonly<{ seq: number; was: JsonObject; json: string }>;

/** The result of `decide` and what to write; null writes nothing, not even the time. */
export type LedgerStep<T> = Readonly<{ result: T; writes: LedgerWrites | null }>;

/** An appended record. */
export type LedgerRecord = Readonly<{
  /** 1, 2, 3, … in the order of commitment. */
  seq: number;
  at_ms: number;
  kind: RecordKind;
  record: JsonObject;
}>;

/** How an acceptance of the clock changes later times. */
export type AcceptanceOrder = Readonly<{
  /** How far ahead a counted time may lie, in milliseconds: later ones become now plus this. */
  ahead_ms: number;
  /** Makes the record for the accepted time; where it throws, nothing is written. */
  recordOf: (nowMs: number) => NewRecord;
}>;

/** Which ledger this is. */
export type LedgerIdentity = Readonly<{
  /** 32 hexadecimal digits, made with the ledger. */
  ledger_id: string;
  /** 1, and one more each time an operator adopted the ledger (moved, restored). */
  epoch: number;
}>;

/** One bounded step of retention. */
export type PruneStep = Readonly<{
  /** The state of payments that were settled (committed or released, and counted for the last time) before this time is removed. */
  settled_before_ms: number | null;
  /** Sums and attempts before this time are merged or removed; it must lie at least the longest window behind now. */
  sums_before_ms: number | null;
  /** Records up to this number are removed. */
  records_through_seq: number | null;
  /** Rows at most for this step. */
  limit: number;
}>;

/** The result of a step of retention. */
export type Pruned = Readonly<{
  /** Rows that were shrunk or removed. */
  rows: number;
  /** Nothing is left to do. */
  done: boolean;
}>;

/**
 * A store of withdrawals, freezes and records. One contract suite runs against every ledger.
 * Methods reject with a `LedgerError` when they cannot serve; nothing is written then.
 */
export interface Ledger {
  /** The clock that counts: `caller` where absent. */
  readonly clock?: ClockOwner;
  /**
   * Checks at creation that the ledger is usable, for instance that its file exists.
   *
   * @throws LedgerError
   */
  check?(): void;
  /**
   * Reads, decides and writes in one durable transaction; the promise resolves when it is durable.
   *
   * @param decide pure and synchronous; called under the locks, once more when a lock was lost.
   * Where it throws, nothing is written. A call of the ledger from within it is rejected.
   */
  transact<T>(reads: LedgerReads, decide: (snapshot: LedgerSnapshot) => LedgerStep<T>): Promise<T>;
  /**
   * Accepts the clock as right, in one durable transaction that excludes all others: times of scopes, ALLOWs,
   * attempts and freezes of the future are dated now, counted times by `order.ahead_ms`, and an
   * ALLOW from the future is no longer in force (its row's `state` loses its `answer`).
   *
   * @param nowMs the caller's clock; not used where the ledger has its own
   */
  acceptClock(nowMs: number, order: AcceptanceOrder): Promise<Acceptance>;
  /** One row, outside any transaction. */
  withdrawal(withdrawalId: string): Promise<StoredWithdrawal | null>;
  /** At most `limit` (1–1,000) records with a sequence number above `afterSeq`, in order. */
  records(afterSeq: number, limit: number): Promise<readonly LedgerRecord[]>;
  /** At most `limit` (1–1,000) freezes of all scopes, in the order of `freezeKey`, after the one with the key `after`. */
  frozen(after: string, limit: number): Promise<readonly StoredFreeze[]>;
  /** At most `limit` (1–1,000) payments (heads and withdrawals of their own) that are reserved or claimed, in the order of their ids (by UTF-8 bytes), after the id `after`. */
  unsettled(after: string, limit: number): Promise<readonly StoredWithdrawal[]>;
  /** Which ledger this is. */
  identity(): Promise<LedgerIdentity>;
  /** One bounded step of retention, in a transaction of its own, between those of other callers. */
  prune(step: PruneStep): Promise<Pruned>;
  close(): Promise<void>;
}

/** Freezes that one transaction lists at most. */
export const MAX_LISTED_FREEZES = 1_000;

/** Records, freezes or payments that one call reads at most. */
export const MAX_LISTED_RECORDS = 1_000;
