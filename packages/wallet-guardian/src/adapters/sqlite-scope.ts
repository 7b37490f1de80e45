/** One scope of the SQLite ledger while a transaction lasts: read once, changed in memory, written at its end. */
import { type LastAllows, NO_ALLOWS } from "../internal/last-allows.js";
import { type Entry, NO_SUMS, type Sums } from "../internal/sums.js";
import { BUCKET_LEVELS, bucketOf, type Journal } from "../internal/window-journal.js";
import type { FreezeKind } from "../ports.js";
import { type Scope, scopeKey } from "../scopes.js";
import { fromSums, toKind, toScopeRow, toSums } from "./sqlite-rows.js";
import type { Statements } from "./sqlite-statements.js";

/** A scope under the transaction's lock. */
export type SqliteScope = Readonly<{
  journal: Journal;
  state: {
    time_ms: number;
    /** Account and wallet always have a journal, the global scope from its first limit on. */
    is_journaled: boolean;
    allows: LastAllows;
    attempted_ms: number | null;
  };
  /** Kinds of the freezes in force. */
  frozenBy(): readonly FreezeKind[];
  /** Reads the freezes again. */
  forgetFreezes(): void;
  /** Writes what has changed. */
  flush(): void;
}>;

/** Reads a scope. */
export function openScope(statements: Statements, scope: Scope): SqliteScope {
  const key = scopeKey(scope);
  const row = toScopeRow(statements.scope.get(key));
  const state = {
    time_ms: row?.time_ms ?? 0,
    is_journaled: row?.is_journaled ?? scope.type !== "global",
    allows: row?.allows ?? NO_ALLOWS,
    attempted_ms: row?.attempted_ms ?? null,
  };
  const before = { ...state };
  const journal = openJournal(statements, key, row);
  let kinds: readonly FreezeKind[] | null = null;
  return {
    journal: journal.journal,
    state,
    frozenBy: () => (kinds ??= statements.frozenKinds.all(scope).map(toKind)),
    forgetFreezes() {
      kinds = null;
    },
    flush() {
      const isSame =
        state.time_ms === before.time_ms &&
        state.is_journaled === before.is_journaled &&
        state.allows === before.allows &&
        state.attempted_ms === before.attempted_ms;
      if (isSame && !journal.hasChanged()) return;
      journal.flush();
      statements.putScope.run({
        scope: key,
        time_ms: state.time_ms,
        journaled: state.is_journaled ? 1 : 0,
        ...state.allows,
        attempted_ms: state.attempted_ms,
        ...journal.columns(),
      });
    },
  };
}

type StoredJournal = Readonly<{ newest: Entry | null; corrected_ms: number | null }>;

function openJournal(statements: Statements, scope: string, stored: StoredJournal | null) {
  let newest = stored?.newest ?? null;
  let corrected = stored?.corrected_ms ?? null;
  let changed = false;
  let isPending = false;
  const known = new Map<number, Sums>();

  function flush(): void {
    if (!isPending || newest === null) return;
    statements.putRunningSums.run({ scope, at_ms: newest.at_ms, ...fromSums(newest.sums) });
    isPending = false;
  }

  const journal: Journal = {
    newest: () => newest,
    correctedMs: () => corrected,
    through(atMs) {
      const sums = known.get(atMs) ?? toSums(statements.runningSums.get(scope, atMs));
      known.set(atMs, sums);
      return sums;
    },
    put(entry) {
      if (newest !== null && entry.at_ms > newest.at_ms) flush();
      newest = entry;
      isPending = changed = true;
    },
    corrections: (level, first, last) =>
      toSums(statements.corrections.get(scope, level, first, last)),
    correct({ at_ms, sums }) {
      for (let level = 0; level < BUCKET_LEVELS; level++) {
        const bucket = bucketOf(at_ms, level);
        statements.addCorrection.run({ scope, level, bucket, ...fromSums(sums) });
      }
      corrected = Math.max(corrected ?? 0, at_ms);
      changed = true;
    },
  };
  const columns = () => ({
    newest_ms: newest?.at_ms ?? null,
    ...fromSums(newest?.sums ?? NO_SUMS),
    corrected_ms: corrected,
  });
  return { journal, flush, columns, hasChanged: () => changed };
}
