import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "guardian-mode-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasSqlite)("createSqliteLedger", () => {
  it("creates files that only their owner may read", async () => {
    const { createSqliteLedger } = await import("../../../src/adapters/sqlite/index.js");
    const path = join(folder, "ledger.sqlite");
    const ledger = createSqliteLedger({ path, create: true });
    await ledger.records(0, 1);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }
    await ledger.close();
  });
});
