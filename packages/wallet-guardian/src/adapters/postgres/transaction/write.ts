/** Keeps the writes of a PostgreSQL transaction in memory until it ends, so that its steps read them. */
import { noteAllow } from "../../../ledger/last-allow-times.js";
import { journalChange } from "../../../ledger/prefix-sums.js";
import { checkRedaction } from "../../../ledger/redaction.js";
import type { LedgerReads, LedgerWrites, StoredWithdrawal } from "../../../ports.js";
import { type Scope, scopeKey, scopesOf } from "../../../scopes.js";
import { type Changes, freezesOf } from "./changes.js";
import { GLOBAL, lateQuestion } from "./reads.js";
import { type KnownRecord, toKnownRecord, toRecords } from "../rows.js";
import type { PostgresScope } from "./scope.js";
import type { SessionOptions } from "./session-options.js";
import {
  forgetDestinations,
  knowDestination,
  readInto,
  type Reader,
  type Store,
} from "./read-set.js";

type Parts = Readonly<{
  store: Store;
  reader: Reader;
  changes: Changes;
  options: SessionOptions;
  /** Whether the global journal is locked, and changed as it is. */
  isGlobalHeld: boolean;
}>;

/** Makes a writer. */
export function createWriter({ store, reader, changes, options, isGlobalHeld }: Parts) {
  let record: KnownRecord | null = null;

  async function write(writes: LedgerWrites, reads: LedgerReads, nowMs: number): Promise<void> {
    const atMs = writes.now_ms ?? nowMs;
    await erase(writes);
    await putWithdrawals(writes.withdrawals ?? []);
    if (!writes.keep_times)
      for (const { state } of lockedScopes(reads)) state.time_ms = Math.max(state.time_ms, atMs);
    changes.records(writes, atMs);
    putKnown(writes, atMs);
    const freezes = freezesOf(writes);
    if (freezes === null) return noteAttempts(writes, atMs);
    // attempts are reset before new ones are counted
    if ([...store.scopes.values()].some(({ newAttempts }) => newAttempts.length > 0)) await flush();
    const attempts = (writes.attempts ?? []).map((scope) => ({
      scope: scopeKey(scope),
      at_ms: atMs,
    }));
    changes.rare({ ...freezes, attempts });
    await flush();
    store.scopes.clear();
  }

  /** Erases at once: later steps of the transaction read no destination that is gone. */
  async function erase({ redactions = [], forgotten = [] }: LedgerWrites): Promise<void> {
    const { query, statements } = reader;
    if (redactions.length > 0) {
      const seqs = redactions.map(({ seq }) => seq);
      const [rows = []] = await query(statements.recordsToRedact(seqs));
      const stored = new Map(toRecords(rows).map((one) => [one.seq, one.record]));
      for (const one of redactions) checkRedaction(one, stored.get(one.seq));
      await query(statements.redact(redactions.map(({ seq, json }) => ({ seq, json }))));
    }
    if (forgotten.length === 0) return;
    // what earlier steps of the transaction name goes as well
    await flush();
    await query(statements.forgetDestinations(forgotten));
    forgetDestinations(store, forgotten);
  }

  const lockedScopes = ({ scopes }: LedgerReads): PostgresScope[] =>
    scopes.flatMap(({ scope, lock }) => (lock ? (store.scopes.get(scopeKey(scope)) ?? []) : []));

  function noteAttempts({ attempts = [] }: LedgerWrites, atMs: number): void {
    for (const scope of attempts) {
      const found = store.scopes.get(scopeKey(scope));
      if (found !== undefined) found.newAttempts.push(atMs);
      else changes.rare({ attempts: [{ scope: scopeKey(scope), at_ms: atMs }] });
    }
  }

  function putKnown(writes: LedgerWrites, at_ms: number): void {
    const { destinations = [], account_freezes: accounts = [], policy } = writes;
    for (const row of destinations) {
      knowDestination(store, row);
      changes.destination(row);
    }
    if (accounts.length > 0) {
      changes.rare({ account_freezes: accounts.map((one) => ({ ...one, at_ms })) });
      for (const { wallet_id } of accounts) {
        store.accountFreezes.set(
          wallet_id,
          Math.max(store.accountFreezes.get(wallet_id) ?? 0, at_ms),
        );
      }
    }
    if (policy !== undefined) putPolicy(policy);
  }

  function putPolicy(policy: NonNullable<LedgerWrites["policy"]>): void {
    const { name, version } = policy;
    // a record that was not read follows the newest one
    if (!store.readPolicies.has(name)) {
      changes.rare({ policies: [{ ...policy, after: null }] });
      return;
    }
    const before = store.policies.get(name);
    if (before?.version === version) return;
    store.policies.set(name, { version, generation: (before?.generation ?? 0) + 1 });
    changes.rare({ policies: [{ ...policy, after: before?.generation ?? 0 }] });
  }

  async function putWithdrawals(rows: readonly StoredWithdrawal[]): Promise<void> {
    const ids = rows.map((row) => row.withdrawal_id).filter((id) => !store.looked.has(id));
    if (ids.length > 0) await load(ids, []);
    const keys = rows
      .flatMap((row) => [row, store.withdrawals.get(row.withdrawal_id) ?? row])
      .flatMap((row) => scopesOf(row).map(scopeKey))
      .filter((key) => !store.scopes.has(key));
    if (keys.length > 0) await load([], keys);
    for (const row of rows) putWithdrawal(row);
  }

  /** Takes locks out of order: after a deadlock one of the transactions is retried. */
  async function load(ids: readonly string[], keys: readonly string[]): Promise<void> {
    await readInto(store, reader, { question: lateQuestion(ids, keys, options) });
  }

  function putWithdrawal(row: StoredWithdrawal): void {
    const before = store.withdrawals.get(row.withdrawal_id) ?? null;
    const old = before === null ? [] : scopesOf(before);
    const next = scopesOf(row);
    const isIn = (scopes: readonly Scope[], key: string) =>
      scopes.some((scope) => scopeKey(scope) === key);
    for (const key of new Set([...old, ...next].map(scopeKey))) {
      if (key === GLOBAL && !isGlobalHeld) {
        changes.globally(before, row);
        continue;
      }
      const scope = store.scopes.get(key);
      if (scope === undefined) throw new Error("a scope was left unanswered");
      const after = isIn(next, key) ? row : { ...row, ...NOTHING };
      journalChange(scope.journals, isIn(old, key) ? before : null, after);
      if (isIn(next, key)) scope.state.allows = noteAllow(scope.state.allows, row);
    }
    store.withdrawals.set(row.withdrawal_id, row);
    changes.withdrawal(row, before === null);
  }

  /** Writes what the steps have changed so far. */
  async function flush(): Promise<void> {
    const given = changes.take(store.scopes.values());
    if (given === null) return;
    const [answer = []] = await reader.query(reader.statements.write(given));
    record = toKnownRecord(answer) ?? record;
  }

  return { write, flush, record: () => record };
}

const NOTHING = { counts: "nothing", counted_at_ms: null } as const;
