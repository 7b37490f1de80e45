/** A ledger file that version 3 of the tables wrote, with every kind of row, and what that program read from it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { journalsOf } from "../../../src/adapters/sqlite/schema/sums.js";
import type {
  FreezeKind,
  Ledger,
  LedgerRecord,
  LedgerSnapshot,
  StoredFreeze,
  Usage,
} from "../../../src/ports.js";
import { type Scope, scopeKey } from "../../../src/scopes.js";
import { newPath } from "../../support/ledgers.js";

const DAY = 86_400_000;

/** Scopes of the withdrawal `w-7`, the requested one. */
const OWNERS = new Set(["hot", "y", "global"]);

type OldFreeze = Omit<StoredFreeze, "last_at_ms" | "count">;
type Seen = Readonly<{
  scope: Scope;
  now_ms: number;
  seen_ms: number;
  usages: readonly Usage[];
  last_allow_ms: number | null;
  attempts: number;
  frozen_by: readonly FreezeKind[];
  freezes: readonly OldFreeze[];
  accepted: LedgerSnapshot["accepted"];
}>;
type OldRow = Readonly<
  Record<string, unknown> & { withdrawal_id: string; status: string; answer: string | null }
>;
type Fixture = Readonly<{
  statements: readonly string[];
  expected: readonly Seen[];
  rows: readonly OldRow[];
  records: readonly LedgerRecord[];
}>;

const text = readFileSync(join(import.meta.dirname, "../../support/sqlite-version-3.json"), "utf8");
const fixture = JSON.parse(text, (_key, value: unknown) =>
  typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
) as Fixture;

/** The file as that program left it; with the global scope's journal once a global limit was applied. */
function oldFile(hasGlobalJournal: boolean): string {
  const path = newPath();
  const db = new Database(path);
  db.pragma("synchronous = OFF");
  db.exec(`BEGIN; ${fixture.statements.join("; ")}; COMMIT`);
  if (hasGlobalJournal) db.exec(journalsOf("'global'", "TRUE"));
  db.pragma("journal_mode = WAL");
  db.close();
  return path;
}

const look = (
  ledger: Ledger,
  { scope, now_ms }: Pick<Seen, "scope" | "now_ms">,
): Promise<LedgerSnapshot> => {
  const usages = [60_000, 600_000, 3_600_000, DAY].flatMap((window_ms) =>
    [false, true].map((include_requested) => ({
      window_ms,
      include_requested,
      keep_amount: 5_000n,
      keep_count: 3,
    })),
  );
  const attempts = { window_ms: DAY, limit: 100 };
  const scopes = [{ scope, lock: true, usages, attempts }];
  return ledger.transact(
    { now_ms, ids: OWNERS.has(scope.id) ? ["w-7"] : [], scopes, freezes: { scope } },
    (snapshot) => ({
      result: snapshot,
      writes: null,
    }),
  );
};

/** Freezes of an automatic kind as one: the first, with the latest time and a count. */
function merged(freezes: readonly OldFreeze[]): readonly StoredFreeze[] {
  const kinds = (["risk", "limit"] as const).flatMap((kind) => {
    const all = freezes.filter((freeze) => freeze.kind === kind);
    const first = all.find(
      ({ frozen_at_ms }) => frozen_at_ms === Math.min(...all.map((one) => one.frozen_at_ms)),
    );
    if (first === undefined) return [];
    return [
      { ...first, count: all.length, last_at_ms: Math.max(...all.map((one) => one.frozen_at_ms)) },
    ];
  });
  const orders = freezes
    .filter(({ kind }) => kind === "operator")
    .map((freeze) => ({ ...freeze, count: 1, last_at_ms: freeze.frozen_at_ms }));
  return [...kinds, ...orders];
}

const byKey = (freezes: readonly StoredFreeze[]): readonly StoredFreeze[] =>
  [...freezes].sort((a, b) => `${a.kind}${a.cause_id}`.localeCompare(`${b.kind}${b.cause_id}`));

describe.skipIf(!hasSqlite).each([false, true])(
  "a SQLite file of version 3 (global journal: %s)",
  (hasGlobalJournal) => {
    it.each(
      fixture.expected.map((seen) => [`${scopeKey(seen.scope)} at ${seen.now_ms}`, seen] as const),
    )("counts, freezes and waits as before in %s", async (_name, seen) => {
      const ledger = createSqliteLedger({ path: oldFile(hasGlobalJournal) });
      const snapshot = await look(ledger, seen);
      const [scope] = snapshot.scopes;
      expect(scope?.usages).toEqual(seen.usages);
      expect(snapshot.now_ms).toBe(seen.seen_ms);
      expect(scope?.last_allow_ms).toBe(seen.last_allow_ms);
      expect(scope?.attempts).toBe(seen.attempts);
      expect(new Set(scope?.frozen_by.map(({ kind }) => kind))).toEqual(new Set(seen.frozen_by));
      expect(byKey(snapshot.freezes)).toEqual(byKey(merged(seen.freezes)));
      expect(snapshot.accepted).toEqual(seen.accepted);
      await ledger.close();
    });

    it("keeps every row: what was reserved may have been signed, and is claimed", async () => {
      const ledger = createSqliteLedger({ path: oldFile(hasGlobalJournal) });
      expect(new Set(fixture.rows.map(({ status }) => status)).size).toBe(4);
      for (const { answer, ...row } of fixture.rows) {
        const status = row.status === "reserved" ? "claimed" : row.status;
        const expected = { ...row, payment_id: row.withdrawal_id, status, state: answer };
        expect(await ledger.withdrawal(row.withdrawal_id)).toEqual(expected);
      }
      const claimed = fixture.rows.filter(({ status }) => status === "reserved").length;
      expect(await ledger.unsettled("", 1_000)).toHaveLength(claimed);
      await ledger.close();
    });

    it("keeps every record, and goes on with the next number", async () => {
      const ledger = createSqliteLedger({ path: oldFile(hasGlobalJournal) });
      expect(await ledger.records(0, 1_000)).toEqual(fixture.records);
      const reads = { now_ms: 0, ids: [], scopes: [], freezes: null };
      const records = [{ kind: "event", json: "{}" }] as const;
      await ledger.transact(reads, () => ({ result: null, writes: { records, keep_times: true } }));
      const next = fixture.records.length + 1;
      expect((await ledger.records(next - 1, 10)).map(({ seq }) => seq)).toEqual([next]);
      await ledger.close();
    });

    it("gets an identity of its own, which stays, for the path where it lies", async () => {
      const path = oldFile(hasGlobalJournal);
      const first = createSqliteLedger({ path });
      const identity = await first.identity();
      expect(identity).toMatchObject({
        ledger_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        epoch: 1,
      });
      await first.close();
      const again = createSqliteLedger({ path });
      expect(await again.identity()).toEqual(identity);
      await again.close();
    });

    it("takes an ALLOW of the future out of force, but not the claim that it was", async () => {
      const ledger = createSqliteLedger({ path: oldFile(hasGlobalJournal) });
      const recordOf = () => ({ kind: "clock_accepted", json: "{}" }) as const;
      await ledger.acceptClock(1_000, { ahead_ms: 0, recordOf });
      const row = await ledger.withdrawal("huge");
      expect(row).toMatchObject({ status: "claimed", counted_at_ms: 1_000, allowed_at_ms: 1_000 });
      // `record` alone marks a state of that version, whose ALLOW was the claim
      expect(row?.state).toBe('{"record":null}');
      await ledger.close();
    });
  },
);
