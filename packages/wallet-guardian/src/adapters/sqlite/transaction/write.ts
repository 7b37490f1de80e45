/** What a step of a SQLite transaction writes, in the order of the port. */
import { noteAllow } from "../../../ledger/last-allow-times.js";
import { has } from "../../../internal/own.js";
import { journalChange } from "../../../ledger/prefix-sums.js";
import { checkRedaction } from "../../../ledger/redaction.js";
import type {
  LedgerWrites,
  Lift,
  NewFreeze,
  NewRecord,
  StoredDestination,
  StoredWithdrawal,
} from "../../../ports.js";
import { type Scope, scopeKey, scopesOf } from "../../../scopes.js";
import { fromPayment, type PaymentRow, toPayment, toRecord } from "../rows.js";
import { scopeOf, type Session, type Taken } from "./snapshot.js";
import type { Statements } from "../statements.js";

/** Writes all of it; the scopes are written by the flush. */
export function write(
  session: Session,
  writes: LedgerWrites,
  { snapshot, rows, locked }: Taken,
): void {
  const { statements } = session;
  const { now_ms = snapshot.now_ms } = writes;
  for (const { state } of writes.keep_times ? [] : locked) {
    state.time_ms = Math.max(state.time_ms, now_ms);
  }
  if (writes.withdrawals !== undefined) putPayments(session, writes.withdrawals, rows);
  writeFreezes(session, writes);
  for (const scope of writes.reset_attempts ?? []) forgetAttempts(session, scope);
  for (const scope of writes.attempts ?? []) addAttempt(session, scope, now_ms);
  for (const { wallet_id, account_id } of writes.account_freezes ?? []) {
    statements.addAccountFreeze.run(wallet_id, account_id, now_ms);
  }
  if (writes.redactions !== undefined || writes.forgotten !== undefined) erase(session, writes);
  for (const destination of writes.destinations ?? []) putDestination(statements, destination);
  const { policy } = writes;
  if (policy !== undefined) statements.putPolicy.run(policy.name, policy.version);
  if (writes.records !== undefined) appendRecords(session, writes.records, now_ms);
}

/** Erases: what is freed is overwritten with zeros, also in the pages that the log takes up. */
function erase(
  session: Session,
  { redactions = [], forgotten = [] }: Pick<LedgerWrites, "redactions" | "forgotten">,
): void {
  const { statements } = session;
  session.erased = true;
  statements.secureDelete.all();
  for (const owner of forgotten) statements.forgetDestinations.run(owner);
  for (const { seq, json } of redactions) statements.redact.run(json, seq);
}

/** Checks that what is redacted is still there; throws where it is not. */
export function checkRedactions({ statements }: Session, { redactions = [] }: LedgerWrites): void {
  for (const one of redactions) {
    const [stored] = statements.records.all(one.seq - 1, 1).map(toRecord);
    checkRedaction(one, stored?.seq === one.seq ? stored.record : undefined);
  }
}

/** Appends records under the next numbers. */
export function appendRecords(session: Session, records: readonly NewRecord[], atMs: number): void {
  for (const { kind, json } of records)
    session.statements.addRecord.run(++session.seq, atMs, kind, json);
}

function putPayments(
  session: Session,
  withdrawals: readonly StoredWithdrawal[],
  rows: ReadonlyMap<string, PaymentRow | null>,
): void {
  const { statements } = session;
  const put = new Map<string, PaymentRow | null>();
  for (const withdrawal of withdrawals) {
    const { withdrawal_id: id } = withdrawal;
    const read = put.get(id) ?? rows.get(id);
    const before = read === undefined ? toPayment(statements.payment.get(id)) : read;
    put.set(id, { row: putPayment(statements, withdrawal, before), withdrawal });
    for (const scope of scopesOf(withdrawal).map((scope) => scopeOf(session, scope))) {
      journalChange(scope.journals, before?.withdrawal ?? null, withdrawal);
      scope.state.allows = noteAllow(scope.state.allows, withdrawal);
    }
  }
}

function putPayment(
  statements: Statements,
  after: StoredWithdrawal,
  before: PaymentRow | null,
): number {
  const columns = fromPayment(after);
  if (before === null) {
    return Number(statements.addPayment.run(after.withdrawal_id, ...columns).lastInsertRowid);
  }
  statements.setPayment.run(...columns, before.row);
  return before.row;
}

function writeFreezes(session: Session, { lifts = [], freezes = [] }: LedgerWrites): void {
  if (lifts.length === 0 && freezes.length === 0) return;
  for (const lift of lifts) writeLift(session.statements, lift);
  for (const freeze of freezes) writeFreeze(session.statements, freeze);
  for (const scope of session.scopes.values()) scope.forgetFreezes();
}

function writeLift(statements: Statements, lift: Lift): void {
  if (has(lift, "cause_id")) {
    statements.liftCause.run(lift.cause_id);
    return;
  }
  for (const kind of lift.kinds) statements.liftKind.run(scopeKey(lift.scope), kind);
}

/** An automatic kind is one row a scope; an operator's order is a row of its own. */
function writeFreeze(statements: Statements, freeze: NewFreeze): void {
  const { kind, cause_id, frozen_at_ms, operator, reason } = freeze;
  const scope = scopeKey(freeze.scope);
  if (kind !== "operator" && statements.raiseFreeze.run(frozen_at_ms, scope, kind).changes > 0)
    return;
  statements.addFreeze.run(scope, kind, cause_id, frozen_at_ms, frozen_at_ms, operator, reason);
}

function forgetAttempts(session: Session, scope: Scope): void {
  const { state, knownNumber } = scopeOf(session, scope);
  const number = knownNumber();
  if (number !== null) session.statements.forgetAttempts.run(number);
  state.attempted_ms = null;
}

function addAttempt(session: Session, scope: Scope, nowMs: number): void {
  const { state, number } = scopeOf(session, scope);
  session.statements.addAttempt.run(number(), nowMs);
  state.attempted_ms = Math.max(state.attempted_ms ?? 0, nowMs);
}

function putDestination(statements: Statements, destination: StoredDestination): void {
  const { owner, script, shape, known_at_ms, approved, lookalike, free_used } = destination;
  statements.putDestination.run(
    owner,
    script,
    shape,
    known_at_ms,
    approved ? 1 : 0,
    lookalike ? 1 : 0,
    free_used,
  );
}
