/** Salts that were lost, cut off, zeroed or exchanged: what `shield audit verify` and `erase` answer, and that the service signs nothing. */
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { appendLeaves, leafHash, type SaltStore } from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomSalt } from "../../../src/audit/salt-bytes.js";
import { type AuditStores, openAuditStores } from "../../../src/audit/stores.js";
import { eraseAudit } from "../../../src/cli/audit/erase.js";
import { verifyAudit } from "../../../src/cli/audit/verify.js";
import { configOf } from "../../../src/cli/config/config-options.js";
import { makeLedger, openLedger } from "../../../src/cli/ledger/open-ledger.js";
import { EXIT } from "../../../src/errors.js";
import { type AuditedFolder, auditedFolder, configText, keeperOver } from "../../support/audit.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { calmSite, REQUEST } from "../../support/site.js";

const isUp = await hasPostgres();
const schema = `salts_${randomBytes(6).toString("hex")}`;
const LEDGERS: readonly (readonly [string, boolean, readonly string[]])[] = [
  ["SQLite", hasSqlite, []],
  ["PostgreSQL", isUp, [`ledger: {kind: postgres, url: "${POSTGRES_URL}", schema: ${schema}}`]],
];

let made: AuditedFolder;
beforeEach(async () => {
  made = await auditedFolder();
});
afterEach(() => made.remove());

async function on<T>(use: (ledger: Ledger, stores: AuditStores) => Promise<T>): Promise<T> {
  const config = configOf({ config: made.config, set: [] }, {});
  const { ledger, close } = await openLedger(config);
  const stores = await openAuditStores(config, () => undefined);
  try {
    return await use(ledger, stores);
  } finally {
    await stores.close();
    await close();
  }
}

const sign = () =>
  on(async (ledger, stores) => {
    const keeper = keeperOver(made, ledger, stores);
    await keeper.catchUp();
    await keeper.checkpoint();
  });

async function run(command: (io: never) => Promise<number>) {
  const written = { text: "" };
  const stream = { write: (text: string) => ((written.text += text), true) };
  const code = await command({ stdout: stream, stderr: { write: () => true }, env: {} } as never);
  return { code, text: written.text };
}

const SET = { set: [], json: false };
const verified = () =>
  run((io) => {
    const options = { ...SET, checkpoints: [], treeOnly: true, offline: false };
    return verifyAudit({ ...options, config: made.config, key: made.publicKey }, io);
  });
const erase = (account: string) =>
  run((io) => {
    const order = { ...SET, operator: "ann", reason: "r", check: false, waitMs: 0 };
    return eraseAudit({ ...order, account, config: made.config }, io);
  });

/** Six payments of two accounts, and then a record without personal data at the end. */
async function decided(lines: readonly string[]): Promise<void> {
  writeFileSync(made.config, configText("addresses: text", ...lines));
  await makeLedger(configOf({ config: made.config, set: [] }, {}));
  await on(async (ledger) => {
    const { pipeline } = calmSite({ ledger });
    for (let i = 0; i < 6; i++) {
      const withdrawal_id = `w-${i}`;
      const asked = { ...REQUEST, withdrawal_id, account_id: i % 2 === 0 ? "alice" : "bob" };
      await pipeline.decideWithdrawal({ ...asked, amount: "1" });
      const txid = randomBytes(32).toString("hex");
      expect((await pipeline.commit(withdrawal_id, { txid })).accepted).toBe(true);
    }
  });
  await sign();
}

const KEEP = 4;
const all = (count: number) => Array.from({ length: count }, (_, at) => at);
const FAULTS: readonly (readonly [string, RegExp, (salts: SaltStore) => Promise<void>])[] = [
  ["were lost", /salts? .*missing/, (salts) => salts.truncate(0)],
  ["were cut off", /salts? .*missing/, (salts) => salts.truncate(KEEP)],
  ["were zeroed", /salts? .*missing/, async (salts) => salts.erase(all(await salts.count()))],
  [
    "are another ledger's",
    /salts are (?:of another|not those)/,
    async (salts) => {
      const count = await salts.count();
      await salts.truncate(0);
      await salts.append(0, all(count).map(randomSalt));
    },
  ],
];

describe.each(LEDGERS)("salts on %s", { timeout: 120_000 }, (name, isThere, lines) => {
  afterEach(async () => {
    if (name !== "PostgreSQL" || !isThere) return;
    const client = new pg.Client({ connectionString: POSTGRES_URL });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  });

  it.skipIf(!isThere).each(FAULTS)(
    "that %s: nothing is verified, erased or signed, and the texts name the remedy",
    async (_, text, harm) => {
      await decided(lines);
      expect((await verified()).code).toBe(EXIT.done);
      const kept = await on(async (ledger, { salts }) => {
        const before = await salts.read(0, await salts.count());
        await harm(salts);
        return { salts: before, records: await ledger.records(0, 1_000) };
      });
      const found = await verified();
      expect(found.code).toBe(EXIT.found);
      expect(found.text).toMatch(/^CHANGED: /);
      expect(found.text).toMatch(text);
      expect(found.text).toContain("restore the salts");
      expect(found.text).not.toMatch(/erased: personal data is gone/);
      for (const account of ["alice", "bob", "of-none"])
        await expect(erase(account)).rejects.toThrow(text);
      await expect(sign()).rejects.toThrow(text);
      // Nothing of the ledger was changed, and with its salts all of it verifies and erases again.
      await on(async (ledger, { salts }) => {
        expect(await ledger.records(0, 1_000)).toEqual(kept.records);
        await salts.truncate(0);
        await salts.append(0, kept.salts);
      });
      expect((await verified()).code).toBe(EXIT.done);
      await sign();
      expect((await erase("alice")).code).toBe(EXIT.done);
      expect((await verified()).text).toMatch(/erased: personal data is gone/);
    },
  );

  it.skipIf(!isThere)("of a record that was changed are not erased with it", async () => {
    await decided(lines);
    await on(async (ledger) => {
      const [first] = (await ledger.records(0, 100)).filter(({ kind }) => kind === "decision");
      if (first === undefined) throw new Error("no decision");
      const json = JSON.stringify(first.record).replace('"amount":"1"', '"amount":"2"');
      const redactions = [{ seq: first.seq, was: first.record, json }];
      const reads = { now_ms: 0, ids: [], scopes: [], freezes: null };
      await ledger.transact(reads, () => ({ result: null, writes: { redactions } }));
    });
    await expect(erase("alice")).rejects.toThrow(/record \d+ is not the one that was entered/);
    expect((await verified()).text).toMatch(/^ {2}record \d+: not the one that was entered/m);
  });
});

describe.skipIf(!hasSqlite)("a tree from before salts were kept", () => {
  it("goes on without them, and says so", async () => {
    await decided([]);
    await on(async (opened, { hashes, salts }) => {
      const records = await opened.records(0, 1_000);
      await hashes.truncate(0);
      await salts.truncate(0);
      await appendLeaves(hashes, 0, records.map(leafHash));
    });
    rmSync(`${made.at("data")}/audit/checkpoints.jsonl`);
    await sign();
    expect((await verified()).code).toBe(EXIT.done);
    expect((await erase("alice")).code).toBe(EXIT.found);
  });
});
