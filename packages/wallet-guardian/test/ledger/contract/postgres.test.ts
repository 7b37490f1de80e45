import { PGlite } from "@electric-sql/pglite";
import { afterAll } from "vitest";
import { hasPostgres, litePool, newPostgresLedger } from "../../support/postgres.js";
import { describeLedger } from "./ledger-contract.js";

if (hasPostgres) describeLedger("postgres", newPostgresLedger);

let lite: PGlite | undefined;
afterAll(() => lite?.close());
// made where the first test needs it: its start takes the whole process for seconds
describeLedger("postgres, in process", () =>
  newPostgresLedger({ pool: litePool((lite ??= new PGlite())) }),
);
