/** A schema of the version before: everything that it holds counts, is frozen and is recorded after the migration. */
import { afterEach, describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createPostgresLedger } from "../../../src/adapters/postgres/index.js";
import { MIGRATIONS } from "../../../src/adapters/postgres/schema/index.js";
import { harness, said } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema } from "../../support/postgres.js";
import { callsOf, HASH, reads, scopeRead, TXID, usage } from "../../ledger/contract/fixtures.js";

const ANSWER = '{"decision":{"decision":"ALLOW"},"record":null}';

describe.skipIf(!hasPostgres)("a PostgreSQL schema of version 2", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** A schema as version 2 made it, with what `fill` puts there. */
  async function oldSchema(fill: string) {
    const schema = newSchema();
    const pool = newPool(6);
    cleanUps.push(async () => {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const client = await pool.connect();
    await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}, pg_temp;
      CREATE TABLE schema_versions (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
    for (const migration of MIGRATIONS.slice(0, 2)) await client.query(migration);
    await client.query("INSERT INTO schema_versions (version) VALUES (1), (2)");
    await client.query(fill);
    await client.query("RESET search_path");
    client.release();
    const start = () => {
      const ledger = createPostgresLedger({ pool, schema, clock: "caller", limitMs: 30_000 });
      cleanUps.push(() => ledger.close());
      return ledger;
    };
    return { schema, pool, start };
  }

  const row = (id: string, status: string, counts: string, more: string) =>
    `('${id}', 'a', 'x', 100, '${HASH}', '${status}', '${counts}', ${more})`;

  const ROWS = `INSERT INTO withdrawals VALUES
    ${row("reserved", "reserved", "allowed", `1000, 1000, NULL, '${ANSWER}'`)},
    ${row("committed", "committed", "allowed", `1200, 1100, '${TXID}', '${ANSWER}'`)},
    ${row("released", "released", "nothing", "NULL, 900, NULL, NULL")},
    ${row("asked", "open", "asked", "1300, NULL, NULL, NULL")};
  INSERT INTO scopes (scope, time_ms, journaled, newest_ms, allowed, allowed_count, asked, asked_count, corrected_ms,
      last_allow_id, last_allow_ms, other_allow_ms, attempted_ms)
    VALUES ('wallet:a', 1300, false, 1300, 200, 2, 150, 2, 1250, 'committed', 1100, 1000, 1250),
      ('account:x', 1300, false, 1300, 200, 2, 100, 1, NULL, 'committed', 1100, 1000, NULL);
  INSERT INTO running_sums SELECT scope, at_ms, allowed, n, asked, m FROM
    (VALUES ('wallet:a'), ('account:x')) AS s (scope),
    (VALUES (1000, 100, 1, 0, 0), (1200, 200, 2, 0, 0), (1300, 200, 2, 100, 1)) AS r (at_ms, allowed, n, asked, m);
  UPDATE running_sums SET asked = 150, asked_count = 2 WHERE scope = 'wallet:a' AND at_ms = 1300;
  UPDATE scopes SET asked = 150, asked_count = 2 WHERE scope = 'wallet:a';
  INSERT INTO corrections SELECT 'wallet:a', level, 1250 / (64 ^ level)::bigint, -50, 0, 0, 0 FROM generate_series(0, 6) AS level;
  INSERT INTO freezes VALUES ('wallet', 'a', 'limit', 'second', 20, NULL, 'r2'), ('wallet', 'a', 'limit', 'first', 10, NULL, 'r1'),
    ('wallet', 'a', 'limit', 'third', 30, NULL, 'r3'), ('wallet', 'a', 'risk', 'high', 15, NULL, 'r'),
    ('wallet', 'a', 'operator', 'order-1', 12, 'op', 'r'), ('wallet', 'a', 'operator', 'order-2', 14, 'op', 'r'),
    ('account', 'x', 'limit', 'second', 20, NULL, 'r2'), ('global', 'global', 'operator', 'order-1', 12, 'op', 'r');
  INSERT INTO attempts VALUES ('wallet:a', 1240), ('wallet:a', 1250);
  INSERT INTO records (seq, at_ms, kind, record) VALUES (2, 20, 'commit', '{"n":2}'), (1, 10, 'decision', '{"n":1}'),
    (NULL, 30, 'freeze', '{"n":3}');
  UPDATE clock SET accepted = 4, accepted_ms = 77;`;

  it("keeps every row, count, freeze, attempt and record", async () => {
    const { start } = await oldSchema(ROWS);
    const ledger = start();
    const { look } = callsOf(() => ledger);
    const rows = await Promise.all(
      ["reserved", "committed", "released", "asked"].map((id) => ledger.withdrawal(id)),
    );
    const common = { wallet_id: "a", account_id: "x", amount: 100n, content_hash: HASH };
    const of = (withdrawal_id: string, more: object) => ({
      withdrawal_id,
      payment_id: withdrawal_id,
      ...common,
      txid: null,
      state: null,
      ...more,
    });
    expect(rows).toEqual([
      // what was reserved may have been signed
      of("reserved", {
        status: "claimed",
        counts: "allowed",
        counted_at_ms: 1_000,
        allowed_at_ms: 1_000,
        state: ANSWER,
      }),
      of("committed", {
        status: "committed",
        counts: "allowed",
        counted_at_ms: 1_200,
        allowed_at_ms: 1_100,
        txid: TXID,
        state: ANSWER,
      }),
      of("released", {
        status: "released",
        counts: "nothing",
        counted_at_ms: null,
        allowed_at_ms: 900,
      }),
      of("asked", { status: "open", counts: "asked", counted_at_ms: 1_300, allowed_at_ms: null }),
    ]);
    const scopes = (
      [
        ["wallet", "a"],
        ["account", "x"],
        ["global", "global"],
      ] as const
    ).map(([type, id]) => ({ type, id }));
    const asked = [
      usage(),
      usage({ include_requested: true }),
      usage({ window_ms: 300, keep_count: 0 }),
    ];
    const question = reads({
      scopes: scopes.map((scope) => scopeRead(scope, asked)),
      freezes: { scope: scopes[0]! },
    });
    // the global journal is built beside the first calls
    await expect
      .poll(() =>
        look(question).then(
          () => "built",
          () => "being built",
        ),
      )
      .toBe("built");
    const snapshot = await look(question);
    expect([snapshot.now_ms, snapshot.stored_ms, snapshot.accepted]).toEqual([
      1_500,
      1_300,
      { count: 4, at_ms: 77 },
    ]);
    const [wallet, account, global] = snapshot.scopes;
    // the wallet's journal has a correction of −50 at 1,250 and 50 more requested, which the others lack
    expect(wallet?.usages.map(({ amount, count }) => [amount, count])).toEqual([
      [150n, 2],
      [300n, 4],
      [-50n, 0],
    ]);
    expect(account?.usages.map(({ amount, count }) => [amount, count])).toEqual([
      [200n, 2],
      [300n, 3],
      [0n, 0],
    ]);
    expect(global?.usages.map(({ amount, count }) => [amount, count])).toEqual([
      [200n, 2],
      [300n, 3],
      [0n, 0],
    ]);
    expect([wallet, account, global].map((scope) => scope?.last_allow_ms)).toEqual([
      1_100, 1_100, 1_100,
    ]);
    expect([wallet?.attempts, account?.attempts]).toEqual([2, 0]);
    const automatic = { scope: scopes[0], operator: null };
    const order = { scope: scopes[0], kind: "operator", operator: "op", reason: "r", count: 1 };
    expect(snapshot.freezes).toEqual([
      {
        ...automatic,
        kind: "limit",
        cause_id: "first",
        reason: "r1",
        frozen_at_ms: 10,
        last_at_ms: 30,
        count: 3,
      },
      { ...order, cause_id: "order-1", frozen_at_ms: 12, last_at_ms: 12 },
      { ...order, cause_id: "order-2", frozen_at_ms: 14, last_at_ms: 14 },
      {
        ...automatic,
        kind: "risk",
        cause_id: "high",
        reason: "r",
        frozen_at_ms: 15,
        last_at_ms: 15,
        count: 1,
      },
    ]);
    expect(
      (await ledger.frozen("", 10)).map(({ scope, cause_id }) => `${scope.type} ${cause_id}`),
    ).toEqual([
      "account second",
      "global order-1",
      "wallet first",
      "wallet order-1",
      "wallet order-2",
      "wallet high",
    ]);
    expect(
      (await ledger.records(0, 10)).map(({ seq, at_ms, record }) => [seq, at_ms, record]),
    ).toEqual([
      [1, 10, { n: 1 }],
      [2, 20, { n: 2 }],
      [3, 30, { n: 3 }],
    ]);
    expect((await ledger.unsettled("", 10)).map((one) => one.withdrawal_id)).toEqual(["reserved"]);
    expect(await ledger.identity()).toMatchObject({ epoch: 1 });
  });

  it("is refused by a process of that version once it is migrated", async () => {
    const { schema, pool, start } = await oldSchema(ROWS);
    await start().identity();
    for (const call of [
      "read_ledger('{}'::jsonb)",
      "write_ledger('{}'::jsonb)",
      "accept_clock('{}'::jsonb)",
      "number_records_1()",
    ]) {
      await expect(pool.query(`SELECT ${schema}.${call}`)).rejects.toMatchObject({ code: "42883" });
    }
  });

  it("gets a global journal of many withdrawals beside other callers, of whom none is rejected as busy", async () => {
    const N = runs(30_000, 300_000);
    const now = Date.now();
    const { start } =
      await oldSchema(`INSERT INTO withdrawals SELECT 'old-' || i, 'w', NULL, 100000000, repeat('0', 64),
      'committed', 'allowed', ${now} - i, ${now} - i, repeat('1', 64), NULL FROM generate_series(1, ${N}) AS i`);
    const ledgers = [start(), start()];
    await ledgers[0]!.identity();
    const plain = harness({ name: "plain", max_24h: "5000000" }, ledgers[0]);
    const bounded = harness(
      { name: "bounded", max_24h: "5000000", limits: { global: { max_24h: String(N + 20) } } },
      ledgers[1],
    );
    for (const { time } of [plain, bounded]) time.now = now;
    const told: string[] = [];
    const building = { isOver: false };
    const others = (async () => {
      for (let n = 0; !building.isOver || n < 10; n++) {
        const id = `other-${n % 10}`;
        told.push(said(await plain.ask(id, "1", { wallet_id: "elsewhere" })));
      }
    })();
    const answers: string[] = [];
    while (answers.length < 300 && !answers.includes("ALLOW within_limits")) {
      answers.push(said(await bounded.ask("mine", "1", { wallet_id: "new" })));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    building.isOver = true;
    await others;
    expect(answers.pop()).toBe("ALLOW within_limits");
    expect(answers.filter((answer) => answer !== "REJECT ledger_unavailable")).toEqual([]);
    expect(new Set(told)).toEqual(new Set(["ALLOW within_limits"]));
    // N + 10 + 1 are counted: 9 are left, whatever was decided while the journal was built
    expect(said(await bounded.ask("over", "10", { wallet_id: "new" }))).toBe("DELAY daily_limit");
    expect(said(await bounded.ask("fits", "9", { wallet_id: "new" }))).toBe("ALLOW within_limits");
  }, 120_000);
});
