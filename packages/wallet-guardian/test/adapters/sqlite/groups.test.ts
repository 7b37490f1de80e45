import { setImmediate as turn } from "node:timers/promises";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { reads } from "../../ledger/contract/fixtures.js";
import { newPath } from "../../support/ledgers.js";

/** Callers of a ledger, and how many had come when each step was taken. */
function callers() {
  const ledger = createSqliteLedger({ path: newPath(), create: true });
  const seen: number[] = [];
  let came = 0;
  const come = () => {
    came++;
    return ledger.transact(reads(), () => {
      seen.push(came);
      return { result: null, writes: null };
    });
  };
  return { ledger, seen, come };
}

describe.skipIf(!hasSqlite)("the next group", () => {
  afterEach(() => vi.restoreAllMocks());

  it("waits for callers that were answered together and come back one after the other", async () => {
    const { ledger, seen, come } = callers();
    await Promise.all([come(), come(), come(), come()]);
    // The time in which they come does not pass.
    vi.spyOn(performance, "now").mockReturnValue(performance.now());
    const again = [];
    for (let caller = 0; caller < 4; caller++) {
      again.push(come());
      await turn();
    }
    await Promise.all(again);
    expect(seen).toEqual([4, 4, 4, 4, 8, 8, 8, 8]);
    await ledger.close();
  });

  it("waits for none of them for long", async () => {
    const { ledger, seen, come } = callers();
    await Promise.all([come(), come()]);
    expect(await come()).toBeNull();
    expect(seen).toEqual([2, 2, 3]);
    await ledger.close();
  });

  it("ends its wait though one comes after the other, and fewer than before", async () => {
    const { ledger, seen, come } = callers();
    await Promise.all(Array.from({ length: 64 }, come));
    let nowMs = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const again = [];
    for (let caller = 0; caller < 40; caller++) {
      again.push(come());
      nowMs += 0.4;
      await turn();
    }
    nowMs += 1;
    await Promise.all(again);
    const [first = 0] = seen.slice(64);
    expect([first > 65, first < 104]).toEqual([true, true]);
    await ledger.close();
  });

  it("does not wait where one caller asks alone", async () => {
    const { ledger, seen, come } = callers();
    await come();
    vi.spyOn(performance, "now").mockReturnValue(performance.now());
    await Promise.all([come(), turn().then(turn).then(come)]);
    expect(seen).toEqual([1, 2, 3]);
    await ledger.close();
  });
});
