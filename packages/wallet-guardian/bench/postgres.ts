/** 64 callers over 8 connections to PostgreSQL against pgbench, which does one comparable insert a transaction. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import pg from "pg";
import { createPostgresLedger } from "../src/adapters/postgres/index.js";
import { createGuardian, type Guardian } from "../src/index.js";
import { median, newFolder } from "./durable.js";

const URL = process.env["SHIELD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const CALLERS = 64;
const CONNECTIONS = 8;
const ROUNDS = 5;
const SECONDS = 3;

/** A row as large as a decision's: id, wallet, amount, hash, times, and the stored answer. */
const INSERT = `\\set id random(1, 9000000000000000)
INSERT INTO :schema.rows VALUES (:id::bigint, 'wallet-' || (:id::bigint % 64), 100000000, repeat('0', 64),
  'reserved', 'allowed', 1782664805000, 1782664805000, repeat('x', 450)) ON CONFLICT DO NOTHING;
`;

function pgbench(): string | null {
  const versions = "/usr/lib/postgresql";
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  const found = installed.map((version) => `${versions}/${version}/bin/pgbench`).find(existsSync);
  return found ?? (spawnSync("pgbench", ["--version"]).status === 0 ? "pgbench" : null);
}

/** Compares, or prints why it cannot. */
export async function comparePostgres(): Promise<void> {
  const program = pgbench();
  const pool = new pg.Pool({ connectionString: URL, max: CONNECTIONS });
  pool.on("error", () => undefined);
  const isUp = await pool.query("SELECT 1").catch(() => null);
  if (program === null || isUp === null) {
    console.log(`\nPostgreSQL: skipped, needs a server at ${URL} and pgbench`);
    await pool.end();
    return;
  }
  const schema = `guardian_bench_${randomBytes(4).toString("hex")}`;
  const folder = newFolder();
  const script = folder.file("insert.sql");
  writeFileSync(script, INSERT.replace(":schema", schema));
  await pool.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.rows (id bigint PRIMARY KEY,
    wallet text, amount bigint, hash text, status text, counts text, at bigint, allowed bigint, answer text)`);
  const raw = (): number => {
    const args = [
      "-n",
      "-f",
      script,
      "-c",
      `${CONNECTIONS}`,
      "-j",
      "2",
      "-T",
      `${SECONDS}`,
      "-M",
      "prepared",
      URL,
    ];
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    const tps = /tps = ([\d.]+)/.exec(stdout)?.[1];
    if (tps === undefined) throw new Error(`pgbench: ${stderr}`);
    return Number(tps);
  };
  const ledger = createPostgresLedger({
    pool,
    schema,
    connections: Number(process.env["BENCH_CONNECTIONS"] ?? 4),
    limitMs: 30_000,
  });
  const guardian = createGuardian({
    policy: { max_per_tx: "5000", max_24h: "100000000" },
    ledger,
    clock: () => Date.now(),
    monotonic: () => performance.now(),
  });
  const rounds: { raw: number; wallets: number; wallet: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    rounds.push({
      raw: raw(),
      wallets: await decisions(guardian, (caller) => `wallet-${caller}`),
      wallet: await decisions(guardian, () => "hot-1"),
    });
  }
  rounds.shift();
  await ledger.close();
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  await pool.end();
  folder.remove();
  console.log(
    `\nPostgreSQL, ${CALLERS} callers, ${CONNECTIONS} connections (median of ${ROUNDS} rounds in turn)`,
  );
  const line = (name: string, pick: "raw" | "wallets" | "wallet") => {
    const perSecond = median(rounds.map((round) => round[pick]));
    const ratio = median(rounds.map((round) => round[pick] / round.raw));
    console.log(
      `  ${name.padEnd(44)} ${Math.round(perSecond).toString().padStart(8)}/s ${ratio.toFixed(2).padStart(7)} ×`,
    );
  };
  line("pgbench, one insert a transaction", "raw");
  line("decisions, a wallet each", "wallets");
  line("decisions, one wallet", "wallet");
}

let asked = 0;

async function decisions(
  guardian: Guardian,
  walletOf: (caller: number) => string,
): Promise<number> {
  const end = performance.now() + SECONDS * 1_000;
  let count = 0;
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      while (performance.now() < end) {
        const request = {
          withdrawal_id: `pg-${asked++}`,
          wallet_id: walletOf(caller),
          amount: "1",
        };
        const answer = await guardian.evaluate(request, "LOW");
        if (!answer.final) throw new Error(`bench: ${answer.reason_codes.join()}`);
        count++;
      }
    }),
  );
  return count / SECONDS;
}
