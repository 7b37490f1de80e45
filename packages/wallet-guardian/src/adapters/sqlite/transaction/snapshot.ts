/** What a connection to a SQLite ledger has read, kept from one transaction to the next. */
import type { LedgerReads, LedgerSnapshot } from "../../../ports.js";
import { type Scope, scopeKey } from "../../../scopes.js";
import type { Acceptance } from "../../../clock/time.js";
import type { PaymentRow } from "../rows.js";
import { openScope, type SqliteScope } from "./scope.js";
import type { Statements } from "../statements.js";

/** Scopes that are kept from one transaction to the next. */
const MAX_CACHED_SCOPES = 4_096;

/** A connection's view of the database: right while the connection holds the write lock, and as long as no other one has written. */
export type Session = {
  readonly statements: Statements;
  /** The least recently used first. */
  readonly scopes: Map<string, SqliteScope>;
  /** What the transaction has touched. */
  readonly used: Set<SqliteScope>;
  /** The latest acceptance of the clock; null until it is read. */
  accepted: Acceptance | null;
  /** Number of the newest record. */
  seq: number;
  /** Whether something was erased that the log of the file still has. */
  erased: boolean;
};

/** Begins a view. */
export const newSession = (statements: Statements, seq: number): Session => ({
  statements,
  scopes: new Map(),
  used: new Set(),
  accepted: null,
  seq,
  erased: false,
});

/** Writes the scopes that the steps have changed. */
export function flush({ used, scopes }: Session): void {
  for (const scope of used) scope.flush();
  used.clear();
  for (const key of scopes.keys()) {
    if (scopes.size <= MAX_CACHED_SCOPES) break;
    scopes.delete(key);
  }
}

/** Drops what was read, so that it is read again. */
export function forget(session: Session): void {
  session.scopes.clear();
  session.used.clear();
  session.accepted = null;
}

/** What a step has read. */
export type Taken = Readonly<{
  /** The scopes that are locked. */
  locked: readonly SqliteScope[];
  snapshot: LedgerSnapshot;
  rows: ReadonlyMap<string, PaymentRow | null>;
}>;

/** A scope, which the transaction has touched from now on. */
export function scopeOf(session: Session, scope: Scope): SqliteScope {
  const key = scopeKey(scope);
  const known = session.scopes.get(key);
  if (known !== undefined && session.used.has(known)) return known;
  const opened = known ?? openScope(session.statements, scope);
  session.scopes.delete(key);
  session.scopes.set(key, opened);
  session.used.add(opened);
  return opened;
}

/** The scopes that are locked, and whose time moves. */
export const lockedScopes = (session: Session, { scopes }: LedgerReads): SqliteScope[] =>
  scopes.flatMap(({ lock, scope }) => (lock ? [scopeOf(session, scope)] : []));
