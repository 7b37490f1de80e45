/** One scope of the SQLite ledger: read once, changed in memory, written at the end of a transaction. */
import { type LastAllows, NO_ALLOWS } from "../../../ledger/last-allow-times.js";
import { CHANNELS, type Channel, type Entry, NO_SUMS, type Sums } from "../../../ledger/sums.js";
import {
  BUCKET_LEVELS,
  bucketOf,
  type Journal,
  type Journals,
} from "../../../ledger/prefix-sums.js";
import type { FrozenBy } from "../../../ports.js";
import { type Scope, scopeKey } from "../../../scopes.js";
import {
  fromSums,
  type StoredJournal,
  toCorrections,
  toFrozenBy,
  toScopeRow,
  toSums,
} from "../rows.js";
import type { Statements } from "../statements.js";

/** A scope under the transaction's lock. */
export type SqliteScope = Readonly<{
  journals: Journals;
  state: {
    time_ms: number;
    allows: LastAllows;
    attempted_ms: number | null;
  };
  /** The number under which its rows stand; a new scope gets one. */
  number(): number;
  /** The number, or null where the scope is new. */
  knownNumber(): number | null;
  /** Kinds of the freezes in force. */
  frozenBy(): readonly FrozenBy[];
  /** Reads the freezes again. */
  forgetFreezes(): void;
  /** Writes what has changed. */
  flush(): void;
}>;

const NO_JOURNAL: StoredJournal = { newest: null, corrected_ms: null };

/** Reads a scope. */
export function openScope(statements: Statements, scope: Scope): SqliteScope {
  const key = scopeKey(scope);
  const row = toScopeRow(statements.scope.get(key));
  const state = {
    time_ms: row?.time_ms ?? 0,
    allows: row?.allows ?? NO_ALLOWS,
    attempted_ms: row?.attempted_ms ?? null,
  };
  let stored = { ...state };
  let known = row?.number ?? null;
  const number = () => (known ??= Number(statements.addScope.run(key).lastInsertRowid));
  const journals = {
    main: openJournal(statements, number, { channel: "main", stored: row?.main ?? NO_JOURNAL }),
    reserved: openJournal(statements, number, {
      channel: "reserved",
      stored: row?.reserved ?? NO_JOURNAL,
    }),
  };
  let frozen: readonly FrozenBy[] | null = null;
  const isSame = () =>
    state.time_ms === stored.time_ms &&
    state.allows === stored.allows &&
    state.attempted_ms === stored.attempted_ms;
  return {
    journals,
    state,
    number,
    knownNumber: () => known,
    frozenBy: () => (frozen ??= statements.frozenKinds.all({ scope: key }).flatMap(toFrozenBy)),
    forgetFreezes() {
      frozen = null;
    },
    flush() {
      const [main, reserved] = [journals.main.flush(), journals.reserved.flush()];
      if (main !== null || !isSame()) {
        const { last_allow_id, last_allow_ms, other_allow_ms } = state.allows;
        statements.setScope.run(
          state.time_ms,
          last_allow_id,
          last_allow_ms,
          other_allow_ms,
          state.attempted_ms,
          ...(main ?? journals.main.columns()),
          number(),
        );
        stored = { ...state };
      }
      if (reserved !== null) statements.setReserved.run(...reserved, number());
    },
  };
}

/** A journal that collects what is to be written. */
type OpenJournal = Journal &
  Readonly<{
    /** Writes the newest running sum; the columns of the scope where they have changed. */
    flush(): readonly unknown[] | null;
    columns(): readonly unknown[];
  }>;

type JournalOptions = Readonly<{ channel: Channel; stored: StoredJournal }>;

function openJournal(
  statements: Statements,
  scope: () => number,
  options: JournalOptions,
): OpenJournal {
  let { newest, corrected_ms: corrected } = options.stored;
  let changed = false;
  let pending: Entry | null = null;
  const known = new Map<number, Sums>();
  const journal = () => scope() * CHANNELS.length + CHANNELS.indexOf(options.channel);
  const columns = () => [newest?.at_ms ?? null, ...fromSums(newest?.sums ?? NO_SUMS), corrected];

  function write(): void {
    if (pending === null) return;
    statements.putRunningSums.run(journal(), pending.at_ms, ...fromSums(pending.sums));
    pending = null;
  }

  return {
    newest: () => newest,
    correctedMs: () => corrected,
    through(atMs) {
      const sums = known.get(atMs) ?? toSums(statements.runningSums.get(journal(), atMs));
      known.set(atMs, sums);
      return sums;
    },
    put(entry) {
      if (newest !== null && entry.at_ms > newest.at_ms) write();
      newest = pending = entry;
      changed = true;
    },
    corrections: (level, first, last) =>
      toCorrections(statements.corrections.get(journal(), level, first, last)),
    correct({ at_ms, sums }) {
      for (let level = 0; level < BUCKET_LEVELS; level++) {
        statements.addCorrection.run(journal(), level, bucketOf(at_ms, level), ...fromSums(sums));
      }
      corrected = Math.max(corrected ?? 0, at_ms);
      changed = true;
    },
    columns,
    flush() {
      write();
      known.clear();
      if (!changed) return null;
      changed = false;
      return columns();
    },
  };
}
