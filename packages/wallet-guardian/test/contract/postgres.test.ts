import { PGlite } from "@electric-sql/pglite";
import { afterAll } from "vitest";
import { hasPostgres, litePool, newPostgresLedger } from "../fixtures/postgres.js";
import { describeLedger } from "./ledger-contract.js";

if (hasPostgres) describeLedger("postgres", newPostgresLedger);

const lite = new PGlite();
afterAll(() => lite.close());
describeLedger("postgres, in process", () => newPostgresLedger({ pool: litePool(lite) }));
