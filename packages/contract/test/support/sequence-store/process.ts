/** A process that advances the key "crash" from a first sequence on, and prints each that was granted. */
import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import pg from "pg";
import { createPostgresSequenceStore } from "../../../src/adapters/sequence-postgres/index.js";
import { createSqliteSequenceStore } from "../../../src/adapters/sequence-sqlite/index.js";

const [kind = "", where = "", schema = "", first = "0"] = process.argv.slice(2);
const store =
  kind === "sqlite"
    ? createSqliteSequenceStore({ database: durable(new Database(where)) })
    : await createPostgresSequenceStore({
        pool: new pg.Pool({ connectionString: where, max: 1 }),
        schema,
      });

function durable(database: Database.Database): Database.Database {
  database.pragma("synchronous = FULL");
  return database;
}

for (let sequence = Number(first); ; sequence++) {
  if (await store.advance("crash", sequence)) writeSync(1, `${sequence}\n`);
}
