/** How one session of the PostgreSQL ledger is run. */
import type { Session } from "./postgres-connection.js";
import type { LockOptions } from "./postgres-question.js";
import type { LedgerState } from "./postgres-rows.js";
import type { Statements } from "./postgres-statements.js";

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
