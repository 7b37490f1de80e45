/** A durable ledger in one SQLite file, shared by any number of processes of one host (design: layer 4, SQLite). */
import { setTimeout as sleep } from "node:timers/promises";
import { LedgerError } from "../errors.js";
import { type Ledger, MAX_LISTED_RECORDS } from "../ports.js";
import { checkFolder, type Connection, createConnector, isBusy } from "./sqlite-connection.js";
import { createGroups, MAX_BUSY_MS, RETRY_MS } from "./sqlite-groups.js";
import { toRecord, toWithdrawal } from "./sqlite-rows.js";
import { takeAcceptance, takeStep } from "./sqlite-session.js";

/**
 * A ledger in a SQLite file: WAL, every transaction synced to disk before its answer, concurrent
 * calls sharing one. The file is opened at the first call and, after a failure, again at the next
 * one, so that a guardian recovers by itself; a file of a newer version is refused.
 *
 * @param options.path the file; its folder must exist, on a local disk
 * @returns a ledger that rejects with `ledger_busy` after 250 ms of another process's lock, and
 * with `ledger_unavailable` for anything else
 * @throws RangeError where `path` names no file
 * @example createSqliteLedger({ path: "guardian.db" })
 */
export function createSqliteLedger({ path }: Readonly<{ path: string }>): Ledger {
  if (typeof path !== "string" || path === "") {
    throw new RangeError("path: name a file on a local disk, or :memory: for a test");
  }
  const connector = createConnector(path);
  const groups = createGroups(connector);

  async function read<T>(work: (open: Connection) => T): Promise<T> {
    const deadline = performance.now() + MAX_BUSY_MS;
    for (;;) {
      try {
        return connector.use(work);
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() >= deadline) {
          throw new LedgerError("ledger_busy", `locked for ${MAX_BUSY_MS} ms`, error, { path });
        }
      }
      await sleep(RETRY_MS);
    }
  }

  return {
    clock: "caller",
    check: () => {
      checkFolder(path);
    },
    acceptClock: (nowMs, recordOf) =>
      groups.submit((session) => takeAcceptance(session, nowMs, recordOf)),
    transact: (reads, decide) => groups.submit((session) => takeStep(session, reads, decide)),
    withdrawal: (id) => read(({ statements }) => toWithdrawal(statements.withdrawal.get(id))),
    records: (afterSeq, limit) =>
      read(({ statements }) =>
        statements.records.all(afterSeq, Math.min(limit, MAX_LISTED_RECORDS)).map(toRecord),
      ),
    close() {
      groups.close();
      connector.close();
      return Promise.resolve();
    },
  };
}
