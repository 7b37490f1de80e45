/** Every ledger that the contract suites run against. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createMemoryLedger, type Ledger } from "../../src/index.js";

/** A path in a new folder of its own. */
export const newPath = (): string => join(mkdtempSync(join(tmpdir(), "guardian-")), "ledger.db");

const ALL: readonly (readonly [string, () => Ledger])[] = [
  ["memory", createMemoryLedger],
  ["sqlite", () => createSqliteLedger({ path: newPath(), create: true })],
];

export const LEDGERS = ALL.filter(([name]) => hasSqlite || name !== "sqlite");
