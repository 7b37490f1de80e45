import { statSync } from "node:fs";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import type { Ledger, PruneStep } from "../../../src/ports.js";
import { GLOBAL, reads, stored, TXID, usage, WALLET } from "../../ledger/contract/fixtures.js";
import { newPath } from "../../support/ledgers.js";

const STATE = JSON.stringify({ answer: { text: "x".repeat(700) } });
const RECORD = { kind: "decision", json: JSON.stringify({ text: "y".repeat(700) }) } as const;

/** Commits withdrawals that are counted at the milliseconds `from` … `through`. */
async function fill(ledger: Ledger, from: number, through: number): Promise<void> {
  const times = Array.from({ length: through - from + 1 }, (_, n) => from + n);
  const row = (at: number) =>
    stored(`w-${at}`, {
      account_id: `a-${at % 5}`,
      status: "committed",
      txid: TXID,
      state: STATE,
      counted_at_ms: at,
    });
  await Promise.all(
    times.map((at) =>
      ledger.transact(reads({ ids: [`w-${at}`], now_ms: 0 }), () => ({
        result: null,
        writes: { withdrawals: [row(at)], records: [RECORD] },
      })),
    ),
  );
}

/** Steps until nothing is left, and the rows of each. */
async function prune(
  ledger: Ledger,
  step: Omit<PruneStep, "limit">,
  limit: number,
): Promise<number[]> {
  const rows: number[] = [];
  for (;;) {
    const pruned = await ledger.prune({ ...step, limit });
    rows.push(pruned.rows);
    if (pruned.done) return rows;
  }
}

describe.skipIf(!hasSqlite)("retention of a SQLite ledger", () => {
  it("removes states, records and running sums, of which one a journal stays, in steps", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    await fill(ledger, 1, 500);
    const step = { settled_before_ms: 401, sums_before_ms: 400, records_through_seq: 300 };
    const rows = await prune(ledger, step, 50);
    expect(Math.max(...rows)).toBe(50);
    // 400 states, 300 records, and 400 sums each of wallet, accounts together and global, but the last of each of the 7
    expect(rows.reduce((sum, n) => sum + n, 0)).toBe(400 + 300 + 3 * 400 - 7);
    expect(await prune(ledger, step, 50)).toEqual([0]);
    for (const scope of [WALLET, GLOBAL]) {
      const asked = reads({ now_ms: 600 }, [usage({ window_ms: 200 })], scope);
      const { scopes } = await ledger.transact(asked, (result) => ({ result, writes: null }));
      expect(scopes[0]?.usages[0]).toMatchObject({ amount: 10_000n, count: 100 }); // 401 … 500
    }
    await ledger.close();
  });

  it("finds what is old though it begins at another process's place, and begins anew at other times", async () => {
    const path = newPath();
    const [first, second] = [1, 2].map(() => createSqliteLedger({ path, create: true })) as [
      Ledger,
      Ledger,
    ];
    await fill(first, 1, 100);
    const step = { settled_before_ms: null, sums_before_ms: 50, records_through_seq: null };
    await first.prune({ ...step, limit: 10 });
    expect((await prune(second, step, 10)).reduce((sum, n) => sum + n, 10)).toBe(3 * 50 - 7);
    expect(await prune(first, step, 10)).toEqual([0]);
    const later = { ...step, sums_before_ms: 60 };
    expect((await prune(first, later, 10)).reduce((sum, n) => sum + n, 0)).toBe(3 * 10);
    await Promise.all([first.close(), second.close()]);
  });

  it("gives the pages back to what comes after", async () => {
    const path = newPath();
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      const ledger = createSqliteLedger({ path, create: true });
      const before = round * 1_000 + 900;
      await fill(ledger, round * 1_000 + 1, round * 1_000 + 1_000);
      const step = {
        settled_before_ms: before,
        sums_before_ms: before,
        records_through_seq: before,
      };
      await prune(ledger, step, 500);
      await ledger.close(); // then the file is whole
      sizes.push(statSync(path).size);
    }
    const [first = 0, last = 0] = [sizes[0], sizes.at(-1)];
    // what stays of 1,000 withdrawals is less than a third of what they need before they are pruned
    expect((last - first) / 5).toBeLessThan(first / 3);
  });
});
