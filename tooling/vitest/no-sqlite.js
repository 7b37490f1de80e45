/** Stands in for better-sqlite3 where it is not installed, so that files that import it still load. */
export default class Database {
  constructor() {
    throw new Error("better-sqlite3 is not installed");
  }
}
