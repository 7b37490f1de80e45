/**
 * An exchange against the running service while a recorded attack unfolds, killed in the middle. FULL=1 plays 10,000
 * payments, otherwise some hundred.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@dgb-shield/testkit/servers";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { addKeys } from "../../src/service/keys/change-keys.js";
import { loadRecording } from "../../src/service/runtime/player.js";
import { runExchange } from "../support/exchange.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";
import { serveProcess } from "../support/serve-process.js";

const FILE = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);
const isFull = process.env["FULL"] === "1";
const PAYMENTS = isFull ? 10_000 : 400;
const SPEED = isFull ? 100 : 400;
/** Coins that may leave in 24 hours; about half of what is asked for. */
const MAX_24H = PAYMENTS * 3;
/** What the player may lag behind, in milliseconds of the trial's clock: a second of the machine. */
const LAG_MS = SPEED * 1_000;

/** When the node first showed a block of the retired algorithm, after the recording's begin. */
function retiredAfterMs(): number {
  const { observations } = loadRecording(FILE);
  const shown = observations.find(({ blocks }) =>
    blocks.some(({ height, version }) => height > 2_000 && ((version >> 8) & 15) === 4),
  );
  return (shown?.at_ms ?? Infinity) - (observations[0]?.at_ms ?? 0);
}

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function makeLedger(kind: "sqlite" | "postgres", folder: string): Promise<object> {
  if (kind === "sqlite") {
    const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
    await ledger.identity();
    await ledger.close();
    return { kind };
  }
  const schema = `exchange_${randomBytes(4).toString("hex")}`;
  const pool = new pg.Pool({ connectionString: POSTGRES_URL });
  const ledger = createPostgresLedger({ pool, schema, create: true });
  await ledger.identity();
  await ledger.close();
  endings.push(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await pool.end();
  });
  return { kind, url: POSTGRES_URL, schema };
}

/** A deployment of a trial: its configuration file, address and keys. */
async function deployment(kind: "sqlite" | "postgres") {
  const folder = mkdtempSync(join(tmpdir(), "shield-exchange-"));
  endings.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const port = await freePort();
  const config = {
    ...{ config_version: 1, deployment_id: "exchange", operator: "exchange", data_dir: folder },
    chain: "digibyte_regtest",
    ledger: await makeLedger(kind, folder),
    recording: { file: FILE, speed: SPEED },
    ...{ http: { port }, mode: "enforce", log: { level: "error" } },
    guardian: {
      ...{ claim: "explicit", max_per_tx: "1000", max_24h: String(MAX_24H), cooldown_seconds: 0 },
      ...{ allow_valid_seconds: 600 },
    },
  };
  const path = join(folder, "shield.json");
  writeFileSync(path, JSON.stringify(config));
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const [wallet, reader] = await addKeys(
    { path: join(folder, "keys.json"), nowMs: Date.now, random: randomBytes },
    [
      { role: "wallet", name: "backend", ...any },
      { role: "reader", name: "auditor", ...any },
    ],
    { create: true },
  );
  if (wallet === undefined || reader === undefined) throw new Error("no keys");
  const keys = { wallet: wallet.token, reader: reader.token };
  return { path, folder, url: `http://127.0.0.1:${port}`, keys };
}

type Recorded = Readonly<{ seq: number; kind: string; record: Record<string, unknown> }>;

async function recordsOf(url: string, key: string): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for (;;) {
    const response = await fetch(`${url}/v1/records?after=${all.at(-1)?.seq ?? 0}&limit=1000`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { records } = (await response.json()) as { records: Recorded[] };
    all.push(...records);
    if (records.length === 0) return all;
  }
}

const kinds = ["sqlite", ...((await hasPostgres()) ? ["postgres"] : [])] as const;

describe("an exchange against the service", { timeout: isFull ? 900_000 : 150_000 }, () => {
  it.each(kinds)(
    "loses nothing acknowledged, keeps its limit and claims nothing twice, over a kill: %s",
    async (kind) => {
      const { path, folder, url, keys } = await deployment(kind as "sqlite" | "postgres");
      const retiredMs = retiredAfterMs();
      let running = await serveProcess(path);
      endings.push(async () => {
        await running.kill();
      });
      const { began_ms } = JSON.parse(readFileSync(join(folder, "trial.json"), "utf8")) as {
        began_ms: number;
      };
      const now = (): number => began_ms + (Date.now() - began_ms) * SPEED;
      // Payments are spread over the recording, until some minutes after the first retired block.
      const endMs = began_ms + retiredMs + 4 * LAG_MS;
      const startMs = now();
      // With PostgreSQL each start waits for the lease of the process that was killed.
      const kills = new Set([Math.floor(PAYMENTS / 3)]);
      if (isFull) kills.add(Math.floor(PAYMENTS / 2));
      const seen = await runExchange({
        ...{ url, key: keys.wallet, payments: PAYMENTS, accounts: 500, batchEvery: 50 },
        ...{ atOnce: 16, seed: 20_260_628 },
        async before(number) {
          const dueMs = startMs + ((endMs - startMs) * number) / PAYMENTS;
          const waitMs = (dueMs - now()) / SPEED;
          if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
          if (!kills.delete(number)) return;
          await running.kill();
          running = await serveProcess(path);
        },
      });
      const records = await recordsOf(url, keys.reader);
      const decisions = records.filter(({ kind: one }) => one === "decision");
      const finals = new Map<string, Set<unknown>>();
      for (const { record } of decisions) {
        const own = record as { guardian?: { withdrawal_id: string }; final?: string };
        const id = own.guardian?.withdrawal_id ?? "";
        finals.set(id, (finals.get(id) ?? new Set()).add(own.final));
      }
      // No acknowledged decision is lost.
      const lost = [...seen.decisions].filter(([id, answers]) =>
        answers.some(({ final }) => finals.get(id)?.has(final) !== true),
      );
      expect(lost).toEqual([]);
      expect(seen.decisions.size).toBe(PAYMENTS);
      // Nothing is claimed twice.
      expect([...seen.claims].filter(([, signers]) => signers.size > 1)).toEqual([]);
      // What could be signed is within the limit.
      const signed = [...seen.claims.keys()].map((id) => seen.decisions.get(id)?.[0]?.amount ?? 0);
      expect(signed.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MAX_24H);
      // Nothing is allowed after the first retired block.
      const all = [...seen.decisions.values()].flat();
      const allowed = all.filter(({ final }) => final === "ALLOW");
      expect(allowed.length).toBeGreaterThan(PAYMENTS / 20);
      const late = all.filter((one) => one.decided_at_ms > began_ms + retiredMs + LAG_MS);
      expect(late.length).toBeGreaterThan(0);
      expect(late.filter(({ final }) => final === "ALLOW")).toEqual([]);
      // Every commit is in the ledger.
      const committed = records.filter(({ kind: one }) => one === "commit").length;
      expect(committed).toBeGreaterThanOrEqual(seen.commits.size);
      console.info(
        `${kind}: ${seen.decisions.size} payments, ${allowed.length} allowed, ${seen.claims.size} claimed, ` +
          `${seen.commits.size} committed, ${seen.unanswered} unanswered and asked again, faults ${JSON.stringify([...seen.faults])}`,
      );
    },
  );
});
