/** The PostgreSQL ledger's schema: `schema_versions` names the migrations that it has seen. */
import { ACCEPT } from "./postgres-accept.js";
import { GLOBAL_JOURNAL } from "./postgres-global.js";
import { LISTS } from "./postgres-lists.js";
import { LOCKS, READ, WINDOWS } from "./postgres-read.js";
import { RETENTION } from "./postgres-retention.js";
import { FIRST_MIGRATIONS } from "./postgres-schema-2.js";
import { TABLES } from "./postgres-tables.js";
import { WRITE } from "./postgres-write.js";

/** Applied in order, each once, with the ledger's schema first on the search path; a released one never changes. */
export const MIGRATIONS: readonly string[] = [
  ...FIRST_MIGRATIONS,
  [TABLES, LOCKS, WINDOWS, GLOBAL_JOURNAL, READ, LISTS, WRITE, ACCEPT, RETENTION].join("\n"),
];

/** The version that this package reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
