/** Ledgers to inject faults into: made, read by the checker, held locked, and removed. */
import type { Contents } from "../check.js";
import type { LedgerAddress } from "../clients/plan.js";
import type { LogRecord } from "../replay/replay.js";

/** One ledger under test. */
export type Store = Readonly<{
  address: LedgerAddress;
  read(): Promise<Contents>;
  /** The records after one, in their order. */
  records(afterSeq: number): Promise<readonly LogRecord[]>;
  /** Takes the lock that the wallet `wallet-0` needs; resolves to its release. */
  hold(): Promise<() => Promise<void>>;
  /** Locks that are held though nothing is at work. */
  leftLocked(): Promise<number>;
  remove(): Promise<void>;
}>;
