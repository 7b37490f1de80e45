import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../src/adapters/sqlite/schema/index.js";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import type { LedgerReads, Scope } from "../../../src/index.js";
import { newPath } from "../../support/ledgers.js";

const HASH = "0".repeat(64);
const NOW = 10_000;
const LARGE = 2n ** 63n - 1n;

type Row = Readonly<{
  id: string;
  wallet: string;
  account?: string;
  amount?: bigint;
  at: number;
  counts?: string;
}>;

const ROWS: readonly Row[] = [
  { id: "1", wallet: "a", account: "x", at: 9_100 },
  { id: "2", wallet: "a", at: 9_500, amount: LARGE },
  { id: "3", wallet: "a", at: 9_500, amount: LARGE },
  { id: "4", wallet: "a", account: "x", at: 9_600, counts: "asked" },
  { id: "5", wallet: "b", account: "x", at: 8_000 }, // out of the window
  { id: "6", wallet: "b", at: 9_700, counts: "nothing" },
];

/** A file as the first version wrote it. */
function firstVersion(): string {
  const path = newPath();
  const db = new Database(path);
  db.exec(MIGRATIONS[0] ?? "");
  const insert = db.prepare(
    "INSERT INTO withdrawals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
  );
  for (const { id, wallet, account = null, amount = 1n, at, counts = "allowed" } of ROWS) {
    const status = counts === "allowed" ? "reserved" : "open";
    const countedAt = counts === "nothing" ? null : at;
    insert.run(
      id,
      wallet,
      account,
      amount,
      HASH,
      status,
      counts,
      countedAt,
      counts === "asked" ? null : at,
    );
  }
  db.exec("INSERT INTO times VALUES ('wallet:a', 9600), ('wallet:empty', 12000), ('global', 9700)");
  db.exec("INSERT INTO attempts (scope, at_ms) VALUES ('wallet:a', 9400), ('wallet:a', 9450)");
  db.exec("INSERT INTO freezes VALUES ('wallet', 'b', 'operator', 'cause', 9000, 'op', 'r')");
  db.exec("INSERT INTO records (at_ms, kind, record) VALUES (9000, 'freeze', '{}')");
  db.pragma("user_version = 1");
  db.close();
  return path;
}

const look = (scope: Scope, own: string | null = null): LedgerReads => ({
  now_ms: NOW,
  ids: own === null ? [] : [own],
  scopes: [
    {
      scope,
      lock: true,
      usages: [
        { window_ms: 1_000, include_requested: false, keep_amount: null, keep_count: 0 },
        { window_ms: 1_000, include_requested: true, keep_amount: null, keep_count: null },
      ],
      attempts: { window_ms: 1_000, limit: 10 },
    },
  ],
  freezes: null,
});

describe.skipIf(!hasSqlite)("a SQLite file of the first version", () => {
  const ledger = () => createSqliteLedger({ path: firstVersion() });
  const read = (scope: Scope, own?: string) =>
    ledger().transact(look(scope, own), (snapshot) => ({ result: snapshot, writes: null }));

  it.each<[Scope, bigint, number, number, number]>([
    // 1 + 2 × LARGE at 9,100 and 9,500; the one of 9,600 was only requested
    [{ type: "wallet", id: "a" }, 1n + 2n * LARGE, 3, 4, 9_500],
    [{ type: "wallet", id: "b" }, 0n, 0, 0, 9_700],
    [{ type: "account", id: "x" }, 1n, 1, 2, 9_100],
    [{ type: "global", id: "global" }, 1n + 2n * LARGE, 3, 4, 9_700],
  ])("counts in %o what it counted", async (scope, amount, count, includeRequested, lastAllow) => {
    const snapshot = await read(scope);
    const [allowed, all] = snapshot.scopes[0]!.usages;
    expect(allowed).toMatchObject({ amount, count });
    expect(all).toMatchObject({ count: includeRequested });
    expect(snapshot.scopes[0]!.last_allow_ms).toBe(lastAllow);
  });

  it("keeps times, attempts, freezes, records and rows", async () => {
    const wallet = await read({ type: "wallet", id: "a" }, "3");
    expect(wallet.scopes[0]).toMatchObject({ attempts: 2, last_allow_ms: 9_500 });
    expect(wallet.withdrawals[0]).toMatchObject({ withdrawal_id: "3", amount: LARGE });
    expect((await read({ type: "wallet", id: "empty" })).now_ms).toBe(12_000);
    expect((await read({ type: "wallet", id: "b" })).scopes[0]!.frozen_by).toEqual([
      { kind: "operator", last_at_ms: 9_000 },
    ]);
    expect(await ledger().records(0, 10)).toEqual([
      { seq: 1, at_ms: 9_000, kind: "freeze", record: {} },
    ]);
  });

  it("goes on from there", async () => {
    const opened = ledger();
    const global: Scope = { type: "global", id: "global" };
    const released = (await opened.withdrawal("2"))!;
    const write = {
      ...released,
      status: "released",
      counts: "nothing",
      counted_at_ms: null,
    } as const;
    await opened.transact(look({ type: "wallet", id: "a" }, "2"), () => ({
      result: null,
      writes: { withdrawals: [write] },
    }));
    for (const scope of [global, { type: "wallet", id: "a" } as const]) {
      const { scopes } = await opened.transact(look(scope), (result) => ({ result, writes: null }));
      expect(scopes[0]!.usages[0]).toEqual({ amount: 1n + LARGE, count: 2, free_at_ms: 10_500 });
    }
    await opened.close();
  });
});
