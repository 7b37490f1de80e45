/** Whether the tests that need SQLite run. */
export declare const hasSqlite: boolean;
/** Whether Node brings SQLite itself, and the ledgers use it. */
export declare const hasNodeSqlite: boolean;
