import { afterAll, beforeAll, describe } from "vitest";
import { createLiteLedgers, hasPostgres, newPostgresLedger } from "../../support/postgres.js";
import { describeLedger } from "./ledger-contract.js";

if (hasPostgres) describeLedger("postgres", newPostgresLedger);

describe("in process", () => {
  const ledgers = createLiteLedgers();
  beforeAll(ledgers.prepare);
  afterAll(ledgers.end);
  describeLedger("postgres, in process", ledgers.create);
});
