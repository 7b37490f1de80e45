/** The ledger port: what Guardian needs of a durable store (design: layer 4, "check and record is one transaction"). */
import type { JsonObject } from "@dgb-shield/contract";
import type { Scope } from "./scopes.js";
import type { Acceptance, ClockOwner } from "./time.js";

/** What a withdrawal counts as in the windows of its scopes. */
export const COUNTS = ["allowed", "asked", "nothing"] as const;
export type Counts = (typeof COUNTS)[number];

/** How far a withdrawal has come. */
export const WITHDRAWAL_STATUSES = ["open", "reserved", "committed", "released"] as const;
export type WithdrawalStatus = (typeof WITHDRAWAL_STATUSES)[number];

/** A withdrawal as stored: one row an id, so that no id counts twice. */
export type StoredWithdrawal = Readonly<{
  withdrawal_id: string;
  wallet_id: string;
  account_id: string | null;
  /** Base units. */
  amount: bigint;
  /** Hash of the content that the id stands for. */
  content_hash: string;
  status: WithdrawalStatus;
  counts: Counts;
  /** From when it counts; null while it counts as nothing. */
  counted_at_ms: number | null;
  /** Its last ALLOW, from which the cooldown runs. */
  allowed_at_ms: number | null;
  txid: string | null;
  /** JSON text of the ALLOW that is in force; null when none is. */
  answer: string | null;
}>;

/** What caused a freeze: the risk level alone, a breached limit, or an operator. */
export const FREEZE_KINDS = ["risk", "limit", "operator"] as const;
export type FreezeKind = (typeof FREEZE_KINDS)[number];

/** One freeze of one scope; a scope is frozen while it has any. */
export type StoredFreeze = Readonly<{
  scope: Scope;
  cause_id: string;
  kind: FreezeKind;
  frozen_at_ms: number;
  operator: string | null;
  reason: string;
}>;

/** A question about one rolling window: entries at t count while now − t < `window_ms`. */
export type UsageRead = Readonly<{
  window_ms: number;
  /** Whether what was only asked for and delayed counts too. */
  with_asked: boolean;
  /** Sum that may remain for the request to fit; null: it fits at no sum, or none is limited. */
  keep_amount: bigint | null;
  /** Count that may remain for the request to fit; null: not limited. */
  keep_count: number | null;
}>;

/** The answer to a `UsageRead`, exact over bigint. */
export type Usage = Readonly<{
  amount: bigint;
  count: number;
  /** When enough will have left the window; null: there is room now. */
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
  /** Refused attempts to count, at most `limit` of them. */
  attempts: Readonly<{ window_ms: number; limit: number }>;
}>;

/** What one transaction reads, known before it begins, so that a remote ledger needs one round trip. */
export type LedgerReads = Readonly<{
  /** The caller's time. */
  now_ms: number;
  /** The withdrawal to read; usages and last ALLOW leave this id out. */
  withdrawal_id: string | null;
  /** In the order in which they are locked: account, wallet, global. */
  scopes: readonly ScopeRead[];
  /** Freezes to list, at most 1,000 of them: of one scope or of one cause. */
  freezes: Readonly<{ scope: Scope }> | Readonly<{ cause_id: string }> | null;
}>;

/** What was read of one scope. */
export type ScopeSnapshot = Readonly<{
  scope: Scope;
  /** Kinds of the freezes in force; empty: not frozen. */
  frozen_by: readonly FreezeKind[];
  usages: readonly Usage[];
  /** Of any id but the one read; null: none, or the scope is not locked. */
  last_allow_ms: number | null;
  attempts: number;
}>;

/** A consistent view, under the transaction's locks. */
export type LedgerSnapshot = Readonly<{
  /** The time that counts: at least the clock's and at least the last one of any locked scope. */
  now_ms: number;
  /** What the ledger's own clock gives; null where the caller's counts. */
  clock_ms: number | null;
  /** Latest time that a locked scope has seen: of a decision, of what counts in it, of an ALLOW; 0 for none. */
  stored_ms: number;
  /** The latest acceptance of the clock. */
  accepted: Acceptance;
  withdrawal: StoredWithdrawal | null;
  /** In the order of the reads. */
  scopes: readonly ScopeSnapshot[];
  freezes: readonly StoredFreeze[];
}>;

/** Kinds of record. */
export const RECORD_KINDS = [
  "decision",
  "commit",
  "replace",
  "release",
  "freeze",
  "unfreeze",
  "clock_accepted",
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Freezes to lift: of a cause, or of a scope, there of some kinds only. */
export type Lift =
  Readonly<{ cause_id: string }> | Readonly<{ scope: Scope; kinds: readonly FreezeKind[] }>;

/** What one transaction writes, all or nothing, in this order. */
export type LedgerWrites = Readonly<{
  /** Inserted, or replacing the row of the same id; the reads name its scopes. */
  withdrawal?: StoredWithdrawal;
  lifts?: readonly Lift[];
  /** A freeze of the same scope, cause and kind stays as it was. */
  freezes?: readonly StoredFreeze[];
  /** Scopes whose earlier attempts are forgotten: a new freeze begins a new series. */
  new_series?: readonly Scope[];
  /** Scopes of which an attempt was refused, at the snapshot's time. */
  attempts?: readonly Scope[];
  /** JSON text of a record to append. */
  record?: NewRecord;
  /** Time of what is written, in place of the snapshot's. */
  now_ms?: number;
  /** Leaves the times of the locked scopes as they are: the clock is not trusted. */
  keep_times?: true;
}>;

/** A record to append, as JSON text. */
export type NewRecord = Readonly<{ kind: RecordKind; json: string }>;

/** What `decide` makes of a snapshot; null writes nothing, not even the time. */
export type LedgerStep<T> = Readonly<{ result: T; writes: LedgerWrites | null }>;

/** An appended record. */
export type LedgerRecord = Readonly<{
  /** 1, 2, 3, … in the order of commitment. */
  seq: number;
  at_ms: number;
  kind: RecordKind;
  record: JsonObject;
}>;

/**
 * A store of withdrawals, freezes and records. One contract suite runs against every ledger.
 * Methods reject with a `LedgerError` when they cannot serve; nothing is written then.
 */
export interface Ledger {
  /** Whose clock counts: `caller` where absent. */
  readonly clock?: ClockOwner;
  /**
   * Finds at creation what makes the ledger unusable, such as a folder that is missing.
   *
   * @throws LedgerError
   */
  check?(): void;
  /**
   * Reads, decides and writes in one durable transaction; the promise resolves when it is durable.
   *
   * @param decide pure and synchronous; called under the locks, once more when a lock was lost.
   * Where it throws, nothing is written.
   */
  transact<T>(reads: LedgerReads, decide: (snapshot: LedgerSnapshot) => LedgerStep<T>): Promise<T>;
  /**
   * Takes the clock for right, in one durable transaction that excludes all others: whatever lies in
   * the future of it is dated now (times of scopes, what counts, ALLOWs, attempts, freezes), and an
   * ALLOW from the future is no longer in force.
   *
   * @param nowMs the caller's clock; not used where the ledger has its own
   * @param recordOf makes the record for the accepted time; where it throws, nothing is written
   */
  acceptClock(nowMs: number, recordOf: (nowMs: number) => NewRecord): Promise<Acceptance>;
  /** One withdrawal, outside any transaction. */
  withdrawal(withdrawalId: string): Promise<StoredWithdrawal | null>;
  /** At most `limit` (1–1,000) records with a sequence number above `afterSeq`, in order. */
  records(afterSeq: number, limit: number): Promise<readonly LedgerRecord[]>;
  close(): Promise<void>;
}

/** Freezes that one transaction lists at most. */
export const MAX_LISTED_FREEZES = 1_000;

/** Records that one call reads at most. */
export const MAX_LISTED_RECORDS = 1_000;
