/**
 * Identifies the PostgreSQL ledger of a process, over restarts by a witness file, so that the process rejects a
 * ledger that lacks what was acknowledged: a standby that was behind, an old primary, a backup (design, section 7).
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { LedgerError } from "../../errors.js";
import { ownCode } from "../../internal/own.js";
import { newerSchema } from "./migrate.js";
import type { KnownRecord, LedgerState } from "./rows.js";
import { SCHEMA_VERSION } from "./schema/index.js";
import { ERASED_HASH } from "./schema/version-4.js";

/** Acknowledged records that are kept: as many as may be committed at the same time. */
const MAX_RECORDS = 8;

const witnessSchema = z.object({
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1),
  seq: z.int().min(0),
  records: z.array(z.strictObject({ entry: z.int().min(1), hash: z.string() })).max(MAX_RECORDS),
});

/** What is kept of a ledger. */
export type Known = Readonly<{
  ledger_id: string;
  epoch: number;
  /** The last acknowledged records, in order. */
  records: readonly KnownRecord[];
}>;

/** The identity as one process keeps it. */
export type LedgerMemory = Readonly<{
  /** Null: nothing was acknowledged yet. */
  known(): Known | null;
  /**
   * Rejects another ledger, or one that lacks an acknowledged record.
   *
   * @throws LedgerError
   */
  verify(state: LedgerState, known: Known | null): void;
  /** Stores what was acknowledged, ignoring a witness file that cannot be written. */
  acknowledge(state: LedgerState, record: KnownRecord | null): void;
}>;

/**
 * Keeps the identity in memory, and in a file where one is given.
 *
 * @throws LedgerError where there is a file that is no witness
 */
export function rememberLedger(witness: string | undefined): LedgerMemory {
  let known = witness === undefined ? null : readWitness(witness);

  function note(now: Known): void {
    if (witness === undefined) return;
    try {
      writeWitness(witness, now);
    } catch {
      // what was committed is durable without it; the next commit tries again
    }
  }

  return {
    known: () => known,
    verify(state, expected) {
      const fault = faultOf(state, expected);
      if (fault !== null) throw fault;
    },
    acknowledge({ ledger_id, epoch }, record) {
      // A transaction that began before the ledger was adopted may end after a later one.
      if (known?.ledger_id === ledger_id && known.epoch > epoch) return;
      const isSame = known?.ledger_id === ledger_id && known.epoch === epoch;
      if (isSame && record === null) return;
      const before = isSame ? (known?.records ?? []) : [];
      const records = [...before, ...(record === null ? [] : [record])].slice(-MAX_RECORDS);
      known = { ledger_id, epoch, records };
      note(known);
    },
  };
}

function faultOf(state: LedgerState, known: Known | null): LedgerError | null {
  if (state.version > SCHEMA_VERSION) return newerSchema(state.version);
  if (known === null) return null;
  if (state.ledger_id !== known.ledger_id) {
    return rejection("another ledger than the one that this process has used before");
  }
  if (state.epoch > known.epoch) return null;
  if (state.epoch < known.epoch) return rejection("an earlier epoch of the ledger");
  const found = new Map(state.records.map(({ entry, hash }) => [entry, hash]));
  const isLost = known.records.some(({ entry, hash }) => {
    const there = found.get(entry);
    if (there === undefined) return entry > state.pruned_entry;
    return there !== hash && there !== ERASED_HASH;
  });
  return isLost ? rejection("the ledger lacks a record that was acknowledged") : null;
}

const rejection = (what: string): LedgerError =>
  new LedgerError(
    "ledger_unavailable",
    `${what} (a standby that was behind, an old primary, a restored backup?): restore what is missing, or adopt the ledger`,
  );

function readWitness(path: string): Known | null {
  try {
    const { ledger_id, epoch, records } = witnessSchema.parse(
      JSON.parse(readFileSync(path, "utf8")),
    );
    return { ledger_id, epoch, records };
  } catch (error) {
    if (ownCode(error) === "ENOENT") return null;
    throw new LedgerError("ledger_unavailable", `no witness can be read from ${path}`, error, {
      path,
    });
  }
}

/** Writes the witness after the commit, without a flush: a stale witness rejects too little, never too much. */
function writeWitness(path: string, { ledger_id, epoch, records }: Known): void {
  const seq = records.at(-1)?.entry ?? 0;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ledger_id, epoch, seq, records }));
  renameSync(draft, path);
}
