/**
 * The witness of a SQLite ledger: a small file beside it with the ledger's latest position. It is written after
 * each commit and not flushed, so it is never ahead of the ledger, and a restored or older file is found by it.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { z } from "zod";
import { OWN_COMMANDS } from "./commands.js";
import { rejection, unavailable } from "./errors.js";

/** How far a ledger has come. */
export type Testimony = Readonly<{ ledger_id: string; epoch: number; seq: number }>;

/** Length of the file, so that each writing replaces the one before. */
const LENGTH = 128;

/** How often the path is checked for the file. */
const LOOK_MS = 1_000;

const testimonySchema = z.strictObject({
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1),
  seq: z.int().min(0),
});

/** A witness that is being written. */
export type Witness = Readonly<{
  /** Writes how far the ledger has come, where that is further than before; never throws. */
  note(seq: number): void;
  close(): void;
}>;

/** Where the witness of a ledger is. */
export const witnessPath = (realPath: string): string => `${realPath}.witness`;

/**
 * Reads a witness; null where there is none, or where a power failure left it empty.
 *
 * @throws LedgerError where the file is of something else
 */
export function readWitness(path: string, ledgerPath: string): Testimony | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(LENGTH + 1);
    const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, bytes.length, 0));
    if (/^\0*$/.test(text)) return null;
    const parsed = testimonySchema.safeParse(parse(text));
    if (parsed.success) return parsed.data;
  } finally {
    closeSync(file);
  }
  throw rejection(`${path} is no witness of a ledger: restore or remove it`, ledgerPath);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/**
 * Holds a ledger against its witness.
 *
 * @throws LedgerError where the ledger is another one, or an older state of this one
 */
export function checkWitness(
  own: Testimony,
  witness: Testimony | null,
  paths: Readonly<{ ledger: string; witness: string }>,
): void {
  if (witness === null) return;
  if (witness.ledger_id !== own.ledger_id) {
    throw rejection(
      `the file is not the ledger of its witness ${paths.witness}: put the right one back, or adopt this one with ${OWN_COMMANDS.adopt}`,
      paths.ledger,
    );
  }
  if (witness.epoch < own.epoch) return;
  if (witness.epoch === own.epoch && witness.seq <= own.seq) return;
  throw rejection(
    `the ledger is behind its witness (record ${own.seq} of epoch ${own.epoch}, where ${witness.seq} of epoch ${witness.epoch} were written): an older copy, or one without its -wal file. Put the newest back, or adopt this one with ${OWN_COMMANDS.adopt}, which forgets what came after it`,
    paths.ledger,
  );
}

/**
 * Opens the witness, and writes the current position where that is further than the one before.
 *
 * @throws LedgerError where it cannot be written
 */
export function openWitness(
  path: string,
  own: Testimony,
  before: Testimony | null,
  ledgerPath: string,
): Witness {
  let file = open(path, ledgerPath);
  let { seq } = own;
  let lookedMs = performance.now();
  if (before?.epoch !== own.epoch || before.seq < own.seq) put(file, own);

  function stay(): void {
    if (performance.now() - lookedMs < LOOK_MS) return;
    lookedMs = performance.now();
    const there = statSync(path, { throwIfNoEntry: false });
    const own = fstatSync(file);
    if (there?.ino === own.ino && there.dev === own.dev) return;
    // Opened before the old one is closed: where it cannot be, the number of a closed file would soon be another file's.
    const next = open(path, ledgerPath);
    closeSync(file);
    file = next;
  }

  return {
    note(newest) {
      if (newest <= seq) return;
      try {
        stay();
        put(file, { ...own, seq: newest });
        seq = newest;
      } catch {
        // the ledger is durable without it; the next commit tries again
      }
    },
    close: () => closeSync(file),
  };
}

function open(path: string, ledgerPath: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw unavailable(error, ledgerPath);
  }
}

function put(file: number, testimony: Testimony): void {
  writeSync(file, `${JSON.stringify(testimony).padEnd(LENGTH - 1)}\n`, 0);
}
