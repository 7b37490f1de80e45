/** How one session of the PostgreSQL ledger is run. */
import type { Session } from "../connection.js";
import type { LockOptions } from "./reads.js";
import type { LedgerState } from "../rows.js";
import type { Statements } from "../statements.js";

/** How a session is run. */
export type SessionOptions = LockOptions &
  Readonly<{
    session: Session;
    statements: Statements;
    /** Whose time counts. */
    clock: "database" | "caller";
    /** Entries of records that the ledger is asked for. */
    knownEntries: readonly number[];
    /** Refuses a ledger that is not the one that this process knows. */
    verify: (found: LedgerState) => void;
    /** Longest decision, in milliseconds. */
    limitMs: number;
  }>;
