/** Two connections to one SQLite file, in turns, against the memory ledger: what one has read is not older than what the other has written. */
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { createMemoryLedger } from "../../../src/ledger/memory/index.js";
import type {
  Counts,
  Ledger,
  LedgerReads,
  LedgerSnapshot,
  LedgerWrites,
} from "../../../src/ports.js";
import {
  ACCOUNT,
  freeze,
  GLOBAL,
  OTHER,
  reads,
  scopeRead,
  stored,
  usage,
  WALLET,
} from "../../ledger/contract/fixtures.js";
import { newPath } from "../../support/ledgers.js";

const SCOPES = [ACCOUNT, WALLET, OTHER, GLOBAL];
const time = fc.integer({ min: 0, max: 400 }).map((n) => n * 10);
const scope = fc.constantFrom(...SCOPES);

const statusOf = (counts: Counts) =>
  (({ allowed: "claimed", reserved: "reserved", asked: "open", nothing: "released" }) as const)[
    counts
  ];

const row = fc
  .record({
    id: fc.integer({ min: 0, max: 11 }),
    counts: fc.constantFrom<Counts>("allowed", "reserved", "asked", "nothing"),
    counted: time,
    allowed: fc.option(time),
  })
  .map(({ id, counts, counted, allowed }) =>
    stored(`w-${id}`, {
      wallet_id: id % 3 === 0 ? "b" : "a",
      account_id: id % 2 === 0 ? "x" : null,
      amount: BigInt(id + 1) << BigInt(id * 5),
      status: statusOf(counts),
      counts,
      counted_at_ms: counts === "nothing" ? null : counted,
      allowed_at_ms: allowed,
    }),
  );

const writes: fc.Arbitrary<LedgerWrites> = fc.record(
  {
    withdrawals: fc.uniqueArray(row, {
      maxLength: 3,
      selector: ({ withdrawal_id }) => withdrawal_id,
    }),
    freezes: fc.array(
      fc
        .tuple(scope, fc.constantFrom("risk", "limit", "operator"), time)
        .map(([of, kind, at]) =>
          freeze({ scope: of, kind, frozen_at_ms: at, cause_id: `cause-${at % 3}` }),
        ),
      { maxLength: 2 },
    ),
    lifts: fc.array(
      fc.oneof(
        scope.map((of) => ({ scope: of, kinds: ["risk", "limit"] as const })),
        fc.constantFrom({ cause_id: "cause-0" }, { cause_id: "cause-1" }),
      ),
      { maxLength: 1 },
    ),
    attempts: fc.array(scope, { maxLength: 2 }),
    reset_attempts: fc.array(scope, { maxLength: 1 }),
    account_freezes: fc.array(
      fc.record({ wallet_id: fc.constant("a"), account_id: fc.constantFrom("x", "y") }),
      { maxLength: 2 },
    ),
    records: fc.array(fc.constant({ kind: "decision", json: "{}" } as const), { maxLength: 2 }),
    policy: fc.constantFrom({ name: "p", version: "1" }, { name: "p", version: "2" }),
  },
  { requiredKeys: [] },
);

type Step =
  | Readonly<{ kind: "write"; now_ms: number; writes: LedgerWrites }>
  | Readonly<{ kind: "fail" | "accept" | "prune"; now_ms: number }>;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("write" as const), now_ms: time, writes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("fail" as const, "accept" as const, "prune" as const),
      now_ms: time,
    }),
  },
);

const question = (now_ms: number): LedgerReads =>
  reads({
    now_ms,
    ids: ["w-1", "w-2", "w-3", "w-6"],
    policy: "p",
    account_freezes: { wallet_id: "a", window_ms: 700, limit: 50 },
    scopes: SCOPES.map((of) =>
      scopeRead(
        of,
        [
          usage({ window_ms: 500, keep_amount: 7n, keep_count: 1 }),
          usage({ window_ms: 2_000, include_requested: true, keep_count: 0 }),
        ],
        { attempts: { window_ms: 700, limit: 50 } },
      ),
    ),
  });

async function take(ledger: Ledger, { kind, now_ms, ...rest }: Step): Promise<unknown> {
  if (kind === "accept") {
    const recordOf = () => ({ kind: "clock_accepted", json: "{}" }) as const;
    return ledger.acceptClock(now_ms, { ahead_ms: 300, recordOf });
  }
  if (kind === "prune") {
    await ledger.prune({
      settled_before_ms: null,
      sums_before_ms: null,
      records_through_seq: 1,
      limit: 100,
    });
    return null;
  }
  return ledger
    .transact(
      question(now_ms),
      (snapshot): Readonly<{ result: LedgerSnapshot; writes: LedgerWrites | null }> => {
        if (kind === "fail") throw new Error("no");
        return { result: snapshot, writes: (rest as { writes: LedgerWrites }).writes };
      },
    )
    .catch(() => "failed");
}

/** What both ledgers have to agree on. */
async function seen(ledger: Ledger, now_ms: number): Promise<unknown> {
  const snapshot = await ledger.transact(question(now_ms), (result) => ({ result, writes: null }));
  const freezes = await ledger.frozen("", 100);
  return {
    snapshot,
    freezes,
    unsettled: await ledger.unsettled("", 100),
    records: await ledger.records(0, 1_000),
  };
}

describe.skipIf(!hasSqlite)("a SQLite ledger over two connections", () => {
  it("reads and counts like the memory ledger, whoever wrote last", async () => {
    const turns = fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(turns, async (all) => {
        const path = newPath();
        const memory = createMemoryLedger();
        const pair = [1, 2].map(() => createSqliteLedger({ path, create: true }));
        try {
          for (const [next, isSecond] of all) {
            const ledger = pair[isSecond ? 1 : 0]!;
            expect(await take(ledger, next)).toEqual(await take(memory, next));
            for (const side of pair)
              expect(await seen(side, next.now_ms)).toEqual(await seen(memory, next.now_ms));
          }
        } finally {
          await Promise.all(pair.map((side) => side.close()));
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});
