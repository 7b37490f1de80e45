/** One scope of the PostgreSQL ledger while a transaction lasts: read once, changed in memory, written in one go. */
import { type LastAllows, NO_ALLOWS } from "../../../ledger/last-allow-times.js";
import { type Channel, type Entry, minus, NO_SUMS, plus, type Sums } from "../../../ledger/sums.js";
import { BUCKET_LEVELS, bucketOf, type JournalWriter } from "../../../ledger/prefix-sums.js";
import type { FrozenBy } from "../../../ports.js";
import { fromSums, type ScopeRow, toSums } from "../rows.js";

/** The changes of a scope, as the argument of `ledger_write` has them. */
export type ScopeChanges = Readonly<{
  entries: object[];
  corrections: object[];
  scopes: object[];
  attempts: object[];
}>;

/** One journal under the transaction's lock. */
export type PostgresJournal = JournalWriter &
  Readonly<{
    key: string;
    /** Latest time at which something is entered; null: never anything. */
    latestMs(): number | null;
    /** What counts after a time, by that time; kept up with what is entered. */
    sums: Map<number, Sums>;
    takeEntries(): Readonly<{ entries: object[]; corrections: object[] }>;
    columns(): object;
  }>;

/** A scope under the transaction's lock. */
export type PostgresScope = Readonly<{
  key: string;
  journals: Readonly<Record<Channel, PostgresJournal>>;
  state: { time_ms: number; allows: LastAllows };
  /** The latest attempt that was stored when the scope was read. */
  attemptedMs: number | null;
  /** Numbers of those attempts, by the time since which and the most of them. */
  attempts: Map<string, number>;
  /** Times of attempts since then. */
  newAttempts: number[];
  frozen: readonly FrozenBy[];
  /** When windows will have room, by the argument of `free_at`; valid until something allowed is entered. */
  rooms: Map<string, number>;
  /** Takes the changes since the last call. */
  takeChanges(): ScopeChanges;
}>;

/** The row that the journal of a scope's reservations has. */
export const reservedKey = (key: string): string => `reserved/${key}`;

type Found = Readonly<{
  row: ScopeRow | undefined;
  reserved: ScopeRow | undefined;
  frozen: readonly FrozenBy[];
}>;

/** A scope as it was read. */
export function openScope(key: string, { row, reserved, frozen }: Found): PostgresScope {
  const rooms = new Map<string, number>();
  const state = {
    time_ms: row?.time_ms ?? 0,
    allows: row === undefined ? NO_ALLOWS : allowsOf(row),
  };
  let before = { ...state };
  const newAttempts: number[] = [];
  let writtenAttempts = 0;
  const onAllowed = () => {
    rooms.clear();
  };
  const journals = {
    main: openJournal(key, row, onAllowed),
    reserved: openJournal(reservedKey(key), reserved, onAllowed),
  };

  function takeChanges(): ScopeChanges {
    const main = journals.main.takeEntries();
    const kept = journals.reserved.takeEntries();
    const isStateSame = state.time_ms === before.time_ms && state.allows === before.allows;
    before = { ...state };
    const attempts = newAttempts.slice(writtenAttempts);
    writtenAttempts = newAttempts.length;
    const mainRow = { scope: key, time_ms: state.time_ms, ...journals.main.columns() };
    const keptRow = { scope: reservedKey(key), time_ms: 0, ...journals.reserved.columns() };
    return {
      entries: [...main.entries, ...kept.entries],
      corrections: [...main.corrections, ...kept.corrections],
      scopes: [
        ...(isStateSame && isEmpty(main) ? [] : [{ ...mainRow, ...state.allows }]),
        ...(isEmpty(kept) ? [] : [{ ...keptRow, ...NO_ALLOWS }]),
      ],
      attempts: attempts.map((at_ms) => ({ scope: key, at_ms })),
    };
  }

  return {
    key,
    journals,
    state,
    attemptedMs: row?.attempted_ms ?? null,
    attempts: new Map(),
    newAttempts,
    frozen,
    rooms,
    takeChanges,
  };
}

function openJournal(
  key: string,
  row: ScopeRow | undefined,
  onAllowed: () => void,
): PostgresJournal {
  let newest: Entry | null =
    row === undefined || row.newest_ms === null
      ? null
      : { at_ms: row.newest_ms, sums: toSums(row) };
  let correctedMs = row?.corrected_ms ?? null;
  let entries = new Map<number, Sums>();
  let corrections: object[] = [];
  const sums = new Map<number, Sums>();

  function enter({ at_ms, sums: change }: Entry): void {
    if (change.allowed_count !== 0) onAllowed();
    for (const [afterMs, sum] of sums) if (at_ms > afterMs) sums.set(afterMs, plus(sum, change));
  }

  return {
    key,
    sums,
    newest: () => newest,
    latestMs: () =>
      newest === null && correctedMs === null
        ? null
        : Math.max(newest?.at_ms ?? 0, correctedMs ?? 0),
    put(entry) {
      enter({ at_ms: entry.at_ms, sums: minus(entry.sums, newest?.sums ?? NO_SUMS) });
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
    takeEntries() {
      const taken = {
        entries: [...entries].map(([at_ms, all]) => ({ scope: key, at_ms, ...fromSums(all) })),
        corrections,
      };
      entries = new Map();
      corrections = [];
      return taken;
    },
    columns: () => ({
      newest_ms: newest?.at_ms ?? null,
      ...fromSums(newest?.sums ?? NO_SUMS),
      corrected_ms: correctedMs,
    }),
  };
}

const isEmpty = ({
  entries,
  corrections,
}: Readonly<{ entries: object[]; corrections: object[] }>) =>
  entries.length + corrections.length === 0;

const allowsOf = ({ last_allow_id, last_allow_ms, other_allow_ms }: ScopeRow): LastAllows => ({
  last_allow_id,
  last_allow_ms,
  other_allow_ms,
});
