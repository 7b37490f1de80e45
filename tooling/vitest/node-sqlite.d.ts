/** Has what the tests use of better-sqlite3, and is given its type where it is used. */
declare const Database: unknown;
export default Database;
