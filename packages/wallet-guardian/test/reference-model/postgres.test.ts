import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasPostgres, newPostgresLedger } from "../support/postgres.js";
import { agree, newTally } from "./agree.js";
import { histories } from "./history/index.js";

describe.skipIf(!hasPostgres)(
  "the model of section 7 and the engine on the postgres ledger",
  () => {
    it("agree on random histories, and every hint is exact", async () => {
      const tally = newTally();
      await fc.assert(
        fc.asyncProperty(histories, (history) => agree(history, tally, () => newPostgresLedger())),
        { seed: 7, numRuns: 25 },
      );
      expect(tally.said.size).toBeGreaterThan(5);
    }, 180_000);
  },
);
