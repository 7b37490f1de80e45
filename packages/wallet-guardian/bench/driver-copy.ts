/** What `drivers.ts` loads once a driver: a module chooses its driver once, so that each needs a copy of it. */
export { guardianOf, withdraw } from "./durable.js";
export { makeSqlite, openSqlite, rawCommits } from "./sqlite.js";
