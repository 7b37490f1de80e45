/** One scope of the PostgreSQL ledger while a transaction lasts: read once, changed in memory, written in one go. */
import { type LastAllows, NO_ALLOWS } from "../internal/last-allows.js";
import { type Entry, minus, NO_SUMS, plus, type Sums } from "../internal/sums.js";
import { BUCKET_LEVELS, bucketOf, type JournalWriter } from "../internal/window-journal.js";
import type { FreezeKind } from "../ports.js";
import { scopeKey, GLOBAL_SCOPE } from "../scopes.js";
import { fromSums, type ScopeRow } from "./postgres-rows.js";

/** A scope under the transaction's lock. */
export type PostgresScope = Readonly<{
  key: string;
  journal: JournalWriter;
  state: {
    time_ms: number;
    /** Account and wallet always have a journal, the global scope from its first limit on. */
    is_journaled: boolean;
    allows: LastAllows;
  };
  attemptedMs: number | null;
  frozen: readonly FreezeKind[];
  /** What counts after a time, by that time; kept up with what is entered. */
  sums: Map<number, Sums>;
  /** When windows have room again, by question, as long as nothing allowed is entered. */
  rooms: Map<string, number>;
  /** What has changed since the last call, as `write_ledger` takes it. */
  takeChanges(): Readonly<{ entries: object[]; corrections: object[]; row: object[] }>;
}>;

type Found = Readonly<{ row: ScopeRow | undefined; frozen: readonly FreezeKind[] }>;

/** A scope as it was read. */
export function openScope(key: string, { row, frozen }: Found): PostgresScope {
  const state = {
    time_ms: row?.time_ms ?? 0,
    is_journaled: key === scopeKey(GLOBAL_SCOPE) ? (row?.journaled ?? false) : true,
    allows: row === undefined ? NO_ALLOWS : allowsOf(row),
  };
  let before = { ...state };
  let newest: Entry | null =
    row === undefined || row.newest_ms === null ? null : { at_ms: row.newest_ms, sums: row };
  let correctedMs = row?.corrected_ms ?? null;
  let entries = new Map<number, Sums>();
  let corrections: object[] = [];
  const sums = new Map<number, Sums>();
  const rooms = new Map<string, number>();

  function enter({ at_ms, sums: change }: Entry): void {
    if (change.allowed_count !== 0) rooms.clear();
    for (const [afterMs, sum] of sums) if (at_ms > afterMs) sums.set(afterMs, plus(sum, change));
  }

  const journal: JournalWriter = {
    newest: () => newest,
    put(entry) {
      const last = newest?.sums ?? NO_SUMS;
      enter({ at_ms: entry.at_ms, sums: minus(entry.sums, last) });
      newest = entry;
      entries.set(entry.at_ms, entry.sums);
    },
    correct(entry) {
      enter(entry);
      correctedMs = Math.max(correctedMs ?? 0, entry.at_ms);
      for (let level = 0; level < BUCKET_LEVELS; level++) {
        const bucket = bucketOf(entry.at_ms, level);
        corrections.push({ scope: key, level, bucket, ...fromSums(entry.sums) });
      }
    },
  };

  function takeChanges() {
    const isSame =
      state.time_ms === before.time_ms &&
      state.allows === before.allows &&
      entries.size + corrections.length === 0;
    const changes = {
      entries: [...entries].map(([at_ms, all]) => ({ scope: key, at_ms, ...fromSums(all) })),
      corrections,
      row: isSame ? [] : [rowOf()],
    };
    before = { ...state };
    entries = new Map();
    corrections = [];
    return changes;
  }

  const rowOf = () => ({
    scope: key,
    time_ms: state.time_ms,
    journaled: state.is_journaled,
    newest_ms: newest?.at_ms ?? null,
    ...fromSums(newest?.sums ?? NO_SUMS),
    corrected_ms: correctedMs,
    ...state.allows,
  });

  return {
    key,
    journal,
    state,
    attemptedMs: row?.attempted_ms ?? null,
    frozen,
    sums,
    rooms,
    takeChanges,
  };
}

const allowsOf = ({ last_allow_id, last_allow_ms, other_allow_ms }: ScopeRow): LastAllows => ({
  last_allow_id,
  last_allow_ms,
  other_allow_ms,
});
