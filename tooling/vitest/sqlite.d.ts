/** Whether the tests that need better-sqlite3 run. */
export declare const hasSqlite: boolean;
