import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { lastAllowBut, NO_ALLOWS, noteAllow } from "../../src/ledger/last-allow-times.js";
import { newScope } from "../../src/ledger/memory/scope.js";
import { entryOf } from "../../src/ledger/sums.js";
import { journalChange, windowUsage } from "../../src/ledger/prefix-sums.js";
import type { StoredWithdrawal, UsageRead } from "../../src/index.js";

type Kept = Readonly<
  Pick<StoredWithdrawal, "withdrawal_id" | "counts" | "counted_at_ms" | "amount">
>;

/** Times from milliseconds to years apart, so that every level of buckets is met. */
const time = fc.oneof(
  fc.nat({ max: 200 }),
  fc.nat({ max: 100_000 }),
  fc.nat({ max: 10_000_000_000 }),
  fc.nat({ max: 1_000_000_000_000 }),
);

const change = fc.record({
  id: fc.nat({ max: 12 }),
  counts: fc.constantFrom("allowed", "reserved", "asked", "nothing"),
  at: time,
});

const question = fc.record({
  nowMs: time,
  own: fc.option(fc.nat({ max: 12 })),
  window_ms: fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 31_622_400_000 }),
  ),
  include_requested: fc.boolean(),
  keep_amount: fc.option(fc.bigInt({ min: 0n, max: 60n })),
  keep_count: fc.option(fc.nat({ max: 8 })),
});

const kept = (id: number, counts: Kept["counts"], at: number): StoredWithdrawal => ({
  withdrawal_id: String(id),
  payment_id: String(id),
  wallet_id: "a",
  account_id: null,
  amount: BigInt(id + 1),
  content_hash: "0".repeat(64),
  status: "open",
  counts,
  counted_at_ms: counts === "nothing" ? null : at,
  allowed_at_ms: counts === "allowed" ? at : null,
  txid: null,
  state: null,
});

/** When a row leaves a window: a reservation at its end, whatever the window. */
const leavesAt = (row: StoredWithdrawal, windowMs: number): number =>
  (row.counted_at_ms ?? 0) + (row.counts === "reserved" ? 0 : windowMs);

/** The same by adding up a list, what leaves last first. */
function usageByList(all: readonly StoredWithdrawal[], read: UsageRead, nowMs: number) {
  const entries = all
    .filter(({ counts }) => counts !== "nothing" && (counts !== "asked" || read.include_requested))
    .filter((row) => leavesAt(row, read.window_ms) > nowMs)
    .sort((a, b) => leavesAt(b, read.window_ms) - leavesAt(a, read.window_ms));
  let [amount, count]: [bigint, number] = [0n, 0];
  let free_at_ms: number | null = null;
  for (const row of entries) {
    amount += row.amount;
    count += 1;
    const over =
      (read.keep_amount !== null && amount > read.keep_amount) ||
      (read.keep_count !== null && count > read.keep_count);
    if (over) free_at_ms ??= leavesAt(row, read.window_ms);
  }
  return { amount, count, free_at_ms };
}

describe("windowUsage", () => {
  it("agrees with a list, in whatever order things change, with any id left out", () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.array(question, { minLength: 1, maxLength: 20 }),
        (changes, questions) => {
          const rows = new Map<number, StoredWithdrawal>();
          const { journals } = newScope();
          for (const { id, counts, at } of changes) {
            const next = kept(id, counts, at);
            journalChange(journals, rows.get(id) ?? null, next);
            rows.set(id, next);
          }
          for (const { nowMs, own, ...read } of questions) {
            const others = [...rows].flatMap(([id, row]) => (id === own ? [] : [row]));
            const ownEntry = own === null ? null : entryOf(rows.get(own) ?? null);
            const ownEntries = ownEntry === null ? [] : [ownEntry];
            expect(windowUsage(journals, { read, nowMs, own: ownEntries })).toEqual(
              usageByList(others, read, nowMs),
            );
          }
        },
      ),
      { numRuns: runs(500, 2_000) },
    );
  });
});

describe("noteAllow", () => {
  it("finds the last ALLOW without any one id", () => {
    const allow = fc.record({ id: fc.nat({ max: 4 }), at: fc.nat({ max: 50 }) });
    fc.assert(
      fc.property(fc.array(allow, { maxLength: 30 }), (allowed) => {
        const last = new Map<number, number>();
        let allows = NO_ALLOWS;
        for (const { id, at } of allowed) {
          last.set(id, Math.max(at, last.get(id) ?? 0)); // an id's last ALLOW only moves ahead
          allows = noteAllow(allows, kept(id, "allowed", last.get(id) ?? 0));
        }
        for (const own of [null, 0, 1, 2, 3, 4]) {
          const times = [...last].flatMap(([id, at]) => (id === own ? [] : [at]));
          const expected = times.length === 0 ? null : Math.max(...times);
          expect(lastAllowBut(allows, own === null ? null : String(own))).toBe(expected);
        }
      }),
      { numRuns: runs(500, 2_000) },
    );
  });
});
