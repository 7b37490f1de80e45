/** A durable ledger in one SQLite file, shared by any number of processes of one host (design: layer 4, SQLite). */
import { setTimeout as sleep } from "node:timers/promises";
import { LedgerError } from "../../errors.js";
import { type Ledger, MAX_LISTED_RECORDS } from "../../ports.js";
import { type LedgerCommands, OWN_COMMANDS } from "./commands.js";
import { type Connection, createConnector, type Connector } from "./connection.js";
import { isBusy, unavailable } from "./errors.js";
import { createGroups, MAX_BUSY_MS, RETRY_MS } from "./transaction/groups.js";
import { createPruner } from "./prune.js";
import { toFreeze, toPayment, toRecord } from "./rows.js";
import { takeAcceptance, takeStep } from "./transaction/session.js";

export type { LedgerCommands } from "./commands.js";
export { type Adopted, adoptSqliteLedger, type AdoptOptions } from "./adopt.js";

/** Options of `createSqliteLedger`. */
export type SqliteLedgerOptions = Readonly<{
  /** The file; its folder must exist, on a local disk. `:memory:` is a ledger for tests, in no file. */
  path: string;
  /** Whether a missing file is made; false by default, since the limits of a missing file are lost. */
  create?: boolean;
  /** Whether `<path>.witness` is kept, by which a restored or older file is found; true by default. */
  witness?: boolean;
  /** What the texts of errors tell an operator to run; by default the command and the functions of this package. */
  commands?: LedgerCommands;
}>;

/**
 * Opens a ledger in a SQLite file: WAL, every transaction synced to disk before its answer, concurrent
 * calls sharing one. The file is opened at the first call and, after a failure, again at the next
 * one, so that a guardian recovers by itself. A file that is missing, empty, foreign, newer, moved, replaced, or an
 * older state of itself is rejected; `adoptSqliteLedger` accepts one that was moved or restored.
 *
 * @returns a ledger that rejects with `ledger_busy` after 250 ms of another process's lock, and
 * with `ledger_unavailable` for anything else, with what is wrong and what to do
 * @throws RangeError where `path` names no file, or blanks are around it
 * @example createSqliteLedger({ path: "guardian.db", create: true })
 */
export function createSqliteLedger(options: SqliteLedgerOptions): Ledger {
  const connector = createConnector(checkOptions(options));
  const groups = createGroups(connector);
  const prune = createPruner();
  const read = <T>(work: (open: Connection) => T) => groups.rejected() ?? readFrom(connector, work);
  const listed = (limit: number) => Math.min(limit, MAX_LISTED_RECORDS);
  return {
    clock: "caller",
    check: () => checkNow(connector),
    acceptClock: (nowMs, order) =>
      groups.submit(
        (session) =>
          takeAcceptance(session, nowMs, { ...order, recordOf: groups.guarded(order.recordOf) }),
        { isLast: true },
      ),
    transact: (reads, decide) =>
      groups.submit((session) => takeStep(session, reads, groups.guarded(decide))),
    prune: (step) => groups.submit(({ statements }) => ({ result: prune(statements, step) })),
    withdrawal: (id) =>
      read(({ statements }) => toPayment(statements.payment.get(id))?.withdrawal ?? null),
    records: (afterSeq, limit) =>
      read(({ statements }) => statements.records.all(afterSeq, listed(limit)).map(toRecord)),
    frozen: (after, limit) =>
      read(({ statements }) =>
        statements.frozen.all(...keyParts(after), listed(limit)).map(toFreeze),
      ),
    unsettled: (after, limit) =>
      read(({ statements }) =>
        statements.unsettled
          .all(after, listed(limit))
          .flatMap((row) => toPayment(row)?.withdrawal ?? []),
      ),
    identity: async () => (await read(() => connector.identity())) ?? unknownIdentity(),
    close() {
      groups.close();
      connector.close();
      return Promise.resolve();
    },
  };
}

function checkOptions({
  path,
  create = false,
  witness = true,
  commands = OWN_COMMANDS,
}: SqliteLedgerOptions) {
  if (typeof path !== "string" || path === "" || path !== path.trim()) {
    throw new RangeError(
      "path: name a file on a local disk, without blanks around it, or :memory: for a test",
    );
  }
  if (typeof create !== "boolean") throw new RangeError("create: true or false");
  if (typeof witness !== "boolean") throw new RangeError("witness: true or false");
  return { path, create, witness, commands };
}

/** Opens the file; a lock of another process is no fault of it. */
function checkNow(connector: Connector): void {
  try {
    connector.use(() => undefined);
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

async function readFrom<T>(connector: Connector, work: (open: Connection) => T): Promise<T> {
  const deadline = performance.now() + MAX_BUSY_MS;
  for (;;) {
    try {
      return connector.use(work);
    } catch (error) {
      if (!isBusy(error)) throw unavailable(error);
      if (performance.now() >= deadline) {
        throw new LedgerError("ledger_busy", `locked for ${MAX_BUSY_MS} ms`, error);
      }
    }
    await sleep(RETRY_MS);
  }
}

/** Scope, kind and cause of a key; ids hold no line break. */
function keyParts(key: string): readonly string[] {
  const [scope = "", kind = "", cause = ""] = key.split("\n");
  return [scope, kind, cause];
}

function unknownIdentity(): never {
  throw new LedgerError("ledger_unavailable", "the ledger is closed");
}
