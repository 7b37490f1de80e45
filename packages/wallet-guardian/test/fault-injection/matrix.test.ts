import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMatrix } from "../../fault-injection/run.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";
import { buildProgram, type Program } from "../support/programs.js";

const SIZE = { requests: 24, rounds: 1, seconds: 0.5 };
const TIMEOUT_MS = 180_000;

describe.each([
  ["sqlite", hasSqlite],
  ["postgres", hasPostgres],
] as const)("the matrix, short, on the %s ledger", (ledger, hasLedger) => {
  let worker: Program;
  beforeAll(async () => {
    worker = await buildProgram("worker", join(import.meta.dirname, "../../fault-injection"));
  });
  afterAll(() => worker.remove());

  it.skipIf(!hasLedger)(
    "loses nothing, exceeds nothing, decides by its records, leaves nothing locked",
    async () => {
      const lines = await runMatrix({
        worker: worker.script,
        size: SIZE,
        ledgers: [ledger],
        url: POSTGRES_URL,
        only: "",
        progress: () => undefined,
      });
      expect(lines.length).toBeGreaterThan(12);
      for (const { name, faults } of lines) expect([name, ...faults]).toEqual([name]);
    },
    TIMEOUT_MS,
  );
});
