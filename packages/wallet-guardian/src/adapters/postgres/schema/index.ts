/** The PostgreSQL ledger's schema: `schema_versions` names the migrations that it has seen. */
import { ACCEPT } from "./accept-clock.js";
import { GLOBAL_JOURNAL } from "./global-journal.js";
import { LISTS } from "./lists.js";
import { LOCKS, READ, WINDOWS } from "./read.js";
import { RETENTION } from "./prune.js";
import { FIRST_MIGRATIONS } from "./version-2.js";
import { TABLES } from "./tables.js";
import { ERASABLE } from "./version-4.js";
import { WRITE } from "./write.js";

/** Applied in order, each once, with the ledger's schema first on the search path; a released one never changes. */
export const MIGRATIONS: readonly string[] = [
  ...FIRST_MIGRATIONS,
  [TABLES, LOCKS, WINDOWS, GLOBAL_JOURNAL, READ, LISTS, WRITE, ACCEPT, RETENTION].join("\n"),
  ERASABLE,
];

/** The version that this package reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
