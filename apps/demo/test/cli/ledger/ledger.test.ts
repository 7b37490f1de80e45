/** `shield ledger import`, `export` and `prune`, on SQLite and on PostgreSQL. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuardian, type Ledger } from "@dgb-shield/wallet-guardian";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/service/config/load.js";
import { addLedger } from "../../../src/cli/ledger/add-ledger.js";
import { makeLedger, openLedger } from "../../../src/cli/ledger/open-ledger.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { runInProcess } from "../../support/in-process.js";
import { shield } from "../../support/shield.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import { addressNo } from "../../support/addresses.js";

const ORDER = ["--operator", "ann", "--reason", "before the first day"];
const HEADER = "withdrawal_id,wallet_id,account_id,amount,fee,destination,paid_at,txid";
const GUARDIAN = { max_per_tx: "1000", max_24h: "500", cooldown_seconds: 0 };
const schema = `shield_cli_${randomBytes(6).toString("hex")}`;
const root = mkdtempSync(join(tmpdir(), "shield-ledger-"));
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  if (!withPostgres) return;
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
});

const withPostgres = await hasPostgres();
const STORES: readonly (readonly [string, object])[] = [
  ...(hasSqlite ? ([["sqlite", {}]] as const) : []),
  ...(withPostgres
    ? ([["postgres", { ledger: { kind: "postgres", url: POSTGRES_URL, schema } }]] as const)
    : []),
];

const agoIso = (ms: number): string => new Date(Date.now() - ms).toISOString();
const txid = (n: number): string => n.toString(16).padStart(64, "0");
const HOUR = 3_600_000;

describe.each(STORES)("shield ledger on %s", { timeout: 120_000 }, (name, fields) => {
  const folder = join(root, name);
  const config = `${folder}.json`;
  const pathOf = (file: string) => join(root, `${name}-${file}`);

  const run = (...args: string[]) =>
    runInProcess(addLedger, ["ledger", ...args, "--config", config]);

  /** Opens the ledger as a service does. */
  async function opened<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
    const reading = loadConfig({ file: config, env: {}, flags: [], cwd: root });
    if (!reading.ok) throw new Error(JSON.stringify(reading));
    await makeLedger(reading.config);
    const { ledger, close } = await openLedger(reading.config);
    try {
      return await use(ledger);
    } finally {
      await close();
    }
  }

  const spent = () =>
    opened(async (ledger) => {
      const view = await createGuardian({ policy: GUARDIAN, ledger, clock: Date.now }).wallet(
        "hot",
      );
      return "windows" in view ? view.windows[0]?.spent : view;
    });

  it("imports CSV and JSON Lines once, and shows what a file would change", async () => {
    writeFileSync(
      config,
      JSON.stringify({
        ...{ config_version: 1, deployment_id: "test", operator: "site-a", data_dir: folder },
        ...{ chain: "litecoin_regtest", nodes: [{ node_id: "n", url: "http://127.0.0.1:1" }] },
        guardian: GUARDIAN,
        wallets: {
          cold: {
            mode: "enforce",
            guardian: { max_24h: "900", limits: { account: { max_24h: "9" } } },
          },
        },
        ...fields,
      }),
    );
    mkdirSync(folder, { mode: 0o700 });
    expect(await spent()).toBe("0");
    const csv = pathOf("paid.csv");
    const rows = [
      HEADER,
      `w-1,hot,ada,10.5,0.5,"${addressNo(litecoinRegtest, 1)}",${agoIso(HOUR)},${txid(1)}`,
      `w-2,hot,,20,,,${agoIso(2 * HOUR)},${txid(2)}`,
      `w-3,hot,,40,,,${agoIso(30 * HOUR)},${txid(3)}`,
    ];
    writeFileSync(csv, `${rows.join("\r\n")}\r\n`);
    const checked = await run("import", csv, ...ORDER, "--check");
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).toMatch(/^3 payments would be imported, 0 are in the ledger already; /);
    expect(await spent()).toBe("0");
    const imported = await run("import", csv, ...ORDER, "--json");
    expect(JSON.parse(imported.stdout)).toMatchObject({ ok: true, imported: 3, repeated: 0 });
    expect(await spent()).toBe("30.5");

    const jsonl = pathOf("paid.jsonl");
    const lines = [
      { withdrawal_id: "w-2", amount: "20", paid_at: rows[2]?.split(",")[6], txid: txid(2) },
      { withdrawal_id: "w-4", amount: "1", paid_at: agoIso(HOUR), txid: txid(2) },
    ];
    writeFileSync(
      jsonl,
      lines.map((line) => JSON.stringify({ wallet_id: "hot", ...line })).join("\n"),
    );
    const again = await run("import", jsonl, ...ORDER);
    expect(again.stdout).toMatch(/^1 payments imported, 1 were in the ledger already/);
    expect(await spent()).toBe("31.5");
  });

  it("imports nothing of a file with anything wrong, and names each line and what to do", async () => {
    const csv = pathOf("wrong.csv");
    const good = `w-9,hot,,1,,,${agoIso(HOUR)},${txid(9)}`;
    writeFileSync(csv, `${HEADER}\n${good}\nw-10,hot,,0,,,${agoIso(HOUR)},${txid(9)}\n`);
    const refused = await run("import", csv, ...ORDER);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/wrong\.csv:3: amount: zero; give coins/);
    expect(refused.stderr).toContain("nothing was imported");
    expect(await spent()).toBe("31.5");
    writeFileSync(csv, `${HEADER}\n${good}\nw-2,hot,,21,,,${agoIso(HOUR)},${txid(2)}\n`);
    const changed = await run("import", csv, ...ORDER, "--json");
    writeFileSync(
      csv,
      `${HEADER}\n${good}\n${good.replace("hot", "cold").replace("w-9", "w-8")}\n`,
    );
    const own = await run("import", csv, ...ORDER);
    expect(own.stderr).toMatch(/wrong\.csv:3: account_id: missing/);
    expect(changed.code).toBe(6);
    expect(JSON.parse(changed.stdout)).toMatchObject({
      ...{ ok: false, issues_count: 1, issues: [{ line: 3 }] },
    });
    expect(await spent()).toBe("31.5");
  });

  it("exports to a file that it goes on with, and to standard output", async () => {
    const file = pathOf("records.jsonl");
    const first = await run("export", file);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const before = readFileSync(file, "utf8");
    expect(before.match(/"kind":"import"/g)).toHaveLength(4);
    expect(await run("export", file, "--json")).toMatchObject({
      ...{ code: 0, stdout: `${JSON.stringify({ records: 0, through_seq: 4 })}\n` },
    });
    expect(readFileSync(file, "utf8")).toBe(before);
    const streamed = await run("export", "-", "--after", "3");
    expect(streamed.stdout.trim().split("\n")).toHaveLength(2);
    expect(streamed.stderr).toMatch(/^1 records exported/);
    const other = pathOf("other.jsonl");
    writeFileSync(other, "not an export\n");
    const refused = await run("export", other);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("give another file");
  });

  it("prunes what the file has and is older than --keep, and no id becomes free", async () => {
    const file = pathOf("records.jsonl");
    const kept = await run("prune", file, "--keep", "1h", ...ORDER, "--json");
    expect(kept.code).toBe(0);
    expect((await opened((ledger) => ledger.records(0, 1)))[0]?.seq).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const pruned = await run("prune", file, "--keep", "1s", ...ORDER);
    expect(pruned).toMatchObject({ code: 0 });
    const left = await opened((ledger) => ledger.records(0, 100));
    expect(left.every(({ kind }) => kind === "pruned")).toBe(true);
    expect(await spent()).toBe("31.5");
    const again = await shield(
      "ledger",
      "import",
      pathOf("paid.csv"),
      ...ORDER,
      "--config",
      config,
    );
    expect(again.stdout).toMatch(/^0 payments imported, 3 were in the ledger already/);
  });

  it("without an order or with a malformed one is wrong usage", async () => {
    expect((await run("import", pathOf("paid.csv"))).code).toBe(2);
    const blank = await run("import", pathOf("paid.csv"), "--operator", "ann", "--reason", " ");
    expect(blank.code).toBe(2);
    expect(blank.stderr).toContain("/reason: ");
  });
});
