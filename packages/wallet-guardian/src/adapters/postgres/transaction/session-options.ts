/** Options of one session of the PostgreSQL ledger. */
import type { Session } from "../connection.js";
import type { LockOptions } from "./reads.js";
import type { LedgerState } from "../rows.js";
import type { Statements } from "../statements.js";

/** Options of a session. */
export type SessionOptions = LockOptions &
  Readonly<{
    session: Session;
    statements: Statements;
    /** The clock that counts. */
    clock: "database" | "caller";
    /** Quoted name of the table with the generation of the evidence; null where none is read. */
    evidenceTable: string | null;
    /** Entries of records to read. */
    knownEntries: readonly number[];
    /** Rejects another ledger than the one that this process has used before. */
    verify: (found: LedgerState) => void;
    /** Longest decision, in milliseconds. */
    limitMs: number;
  }>;
