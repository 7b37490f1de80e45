/** `shield audit erase` over real ledgers with decisions of the whole pipeline: what is gone, what verifies, and what a kill leaves. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { runs } from "@dgb-shield/testkit/runs";
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import { type Erased, erasedValues } from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAuditStores } from "../../../src/audit/stores.js";
import { eraseAudit, type EraseOptions } from "../../../src/cli/audit/erase.js";
import { provePaymentOf } from "../../../src/cli/audit/prove.js";
import type { AuditReport } from "../../../src/cli/audit/report.js";
import { showPayment } from "../../../src/cli/audit/show.js";
import { verifyAudit, type VerifyAuditOptions } from "../../../src/cli/audit/verify.js";
import { configOf } from "../../../src/cli/config/config-options.js";
import { makeLedger, openLedger } from "../../../src/cli/ledger/open-ledger.js";
import { EXIT } from "../../../src/errors.js";
import { createContinuations } from "../../../src/service/runtime/places/continuation.js";
import { markOf } from "../../../src/service/runtime/places/place.js";
import { createDecisions } from "../../../src/service/runtime/decisions/index.js";
import { type AuditedFolder, auditedFolder, configText, keeperOver } from "../../support/audit.js";
import { CLI } from "../../support/page.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { calmSite, REQUEST } from "../../support/site.js";
import { runSql } from "../../support/sqlite.js";

const ALICE = "dgbrt1qalice0000000000000000000000000000alice";
const BOB = "dgbrt1qbob00000000000000000000000000000000bobbb";
const isUp = await hasPostgres();

let made: AuditedFolder;
beforeEach(async () => {
  made = await auditedFolder();
});
afterEach(() => made.remove());

function io() {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    ({ write: (text: string) => ((written[name] += text), true) }) as unknown as NodeJS.WriteStream;
  return { written, stdout: stream("stdout"), stderr: stream("stderr"), env: {} };
}

const ORDER = { operator: "ann", reason: "request", check: false, json: false, waitMs: 0, set: [] };

async function erase(options: Partial<EraseOptions>) {
  const given = io();
  const code = await eraseAudit({ ...ORDER, config: made.config, ...options }, given);
  return { code, text: given.written.stdout };
}

async function report(options: Partial<VerifyAuditOptions> = {}) {
  const given = io();
  const all = { set: [], checkpoints: [], treeOnly: false, offline: false, json: true };
  const code = await verifyAudit(
    { ...all, config: made.config, key: made.publicKey, ...options },
    given,
  );
  return { code, report: JSON.parse(given.written.stdout) as AuditReport };
}

/** Pays `count` payments of an account, of a customer whom the site knows by name. */
async function pay(
  ledger: Ledger,
  account_id: string,
  { address, count = 2 }: Readonly<{ address: string; count?: number }>,
): Promise<void> {
  // A site's clock stands still, and a PostgreSQL ledger's does not: each site pays a few.
  let { pipeline } = calmSite({ ledger });
  for (let i = 0; i < count; i++) {
    if (i % 20 === 19) ({ pipeline } = calmSite({ ledger }));
    const withdrawal_id = `${account_id}-${i}`;
    const destinations = [{ address, amount: "0.09" }];
    const asked = { ...REQUEST, withdrawal_id, account_id, amount: "0.1", destinations };
    await pipeline.decideWithdrawal({ ...asked, user_id: `user-${account_id}` });
    const txid = randomBytes(32).toString("hex");
    expect((await pipeline.commit(withdrawal_id, { txid })).accepted).toBe(true);
  }
}

/** Decisions of two accounts, all of them signed. */
async function decided(lines: readonly string[], count = 2): Promise<void> {
  writeFileSync(made.config, configText("addresses: text", ...lines));
  const config = configOf({ config: made.config, set: [] }, {});
  await makeLedger(config);
  const { ledger, close } = await openLedger(config);
  await pay(ledger, "alice", { address: ALICE, count });
  await pay(ledger, "bob", { address: BOB });
  const stores = await openAuditStores(config, () => undefined);
  const keeper = keeperOver(made, ledger, stores);
  await keeper.catchUp();
  await keeper.checkpoint();
  await stores.close();
  await close();
}

/** Signs what was recorded since. */
async function sign(): Promise<void> {
  const config = configOf({ config: made.config, set: [] }, {});
  const { ledger, close } = await openLedger(config);
  const stores = await openAuditStores(config, () => undefined);
  const keeper = keeperOver(made, ledger, stores);
  await keeper.catchUp();
  await keeper.checkpoint();
  await stores.close();
  await close();
}

/** Names of the files of the data folder that hold a text. */
const filesWith = (text: string): readonly string[] =>
  readdirSync(made.at("data"), { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = made.at(`data/${name}`);
    return statSync(path).isFile() && readFileSync(path).includes(text);
  });

/** The last record of a ledger. */
async function lastOf(ledger: Pick<Ledger, "records">, after = 0): Promise<LedgerRecord> {
  const page = await ledger.records(after, 1_000);
  const last = page.at(-1);
  if (last === undefined) throw new Error("the ledger has no record");
  return page.length < 1_000 ? last : lastOf(ledger, last.seq - 1).catch(() => last);
}

/** Waits for a transaction of an erasure after a record; at most ten seconds, where there is none left. */
async function erasedAfter(ledger: Pick<Ledger, "records">, seq: number): Promise<void> {
  for (let wait = 0; wait < 1_000; wait++) {
    if ((await ledger.records(seq, 10)).some(({ kind }) => kind === "erased")) return;
    await sleep(10);
  }
}

/** Runs a command and kills it at a moment; whether it still ran. */
async function killedAt(args: readonly string[], moment: Promise<unknown>): Promise<boolean> {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on("exit", (_, signal) => {
      resolve(signal);
    }),
  );
  await Promise.race([moment, ended]);
  child.kill("SIGKILL");
  return (await ended) === "SIGKILL";
}

/** Runs a command to its end; its exit code. */
const ranToEnd = (args: readonly string[]): Promise<unknown> =>
  new Promise((resolve) => {
    execFile(process.execPath, args, (error) => {
      resolve(error?.code ?? 0);
    });
  });

/** Names of the tables of a schema in which a text is. */
async function tablesWith(name: string, text: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ table: string }>(
      `SELECT table_name AS table FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE'`,
      [name],
    );
    const found: string[] = [];
    for (const { table } of rows) {
      const id = `${pg.escapeIdentifier(name)}.${pg.escapeIdentifier(table)}`;
      const { rowCount } = await client.query(
        `SELECT 1 FROM ${id} AS t WHERE strpos(t::text, $1) > 0 LIMIT 1`,
        [text],
      );
      if (rowCount !== 0) found.push(table);
    }
    return found;
  } finally {
    await client.end();
  }
}

const schema = `erase_${randomBytes(6).toString("hex")}`;
const LEDGERS: readonly (readonly [string, boolean, readonly string[]])[] = [
  ["SQLite", hasSqlite, []],
  ["PostgreSQL", isUp, [`ledger: {kind: postgres, url: "${POSTGRES_URL}", schema: ${schema}}`]],
];

describe.each(LEDGERS)("shield audit erase on %s", { timeout: 120_000 }, (name, isThere, lines) => {
  afterEach(async () => {
    if (name !== "PostgreSQL" || !isThere) return;
    const client = new pg.Client({ connectionString: POSTGRES_URL });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  });

  it.skipIf(!isThere)("removes an account's data, and everything else verifies", async () => {
    await decided(lines);
    const before = await report();
    expect(before.code).toBe(EXIT.done);
    expect(before.report.decisions).toMatchObject({ decisions: 4, computed: 4, erased: 0 });
    expect((await erase({ account: "alice", check: true })).text).toMatch(/^TO ERASE: .* 2 rows/);
    const { code, text } = await erase({ account: "alice" });
    expect(code).toBe(EXIT.done);
    expect(text).toMatch(/^ERASED: personal data of \d records and 2 rows of payments\n/);
    expect(text).toContain("frozen by this order");
    await sign();
    const after = await report();
    expect(after.report.tree.findings).toEqual([]);
    expect(after.report.tree.erased).toBeGreaterThan(0);
    expect(after.report.decisions).toMatchObject({ erased: 2, computed: 2, differences: [] });
    expect(after).toMatchObject({ code: EXIT.done, report: { verdict: "verified" } });
    const again = await erase({ account: "alice" });
    expect(again.text).toMatch(/NOTHING TO ERASE|0 records/);
  });

  it.skipIf(!isThere)("leaves a proof that verifies, and tells what is erased", async () => {
    await decided(lines);
    const proof = async (id: string) => {
      const given = io();
      expect(await provePaymentOf(id, { config: made.config, set: [] }, given)).toBe(EXIT.done);
      writeFileSync(made.at("proof.json"), given.written.stdout);
      return given.written.stdout;
    };
    const verified = async () => {
      const given = io();
      const offline = { proof: made.at("proof.json"), config: made.at("nowhere.yaml") };
      const all = { set: [], checkpoints: [], treeOnly: false, offline: false, json: false };
      const code = await verifyAudit({ ...all, key: made.publicKey, ...offline }, given);
      return { code, text: given.written.stdout };
    };
    const open = await proof("alice-0");
    expect(open).toContain(ALICE);
    expect(await verified()).toMatchObject({ code: EXIT.done });
    writeFileSync(made.at("proof.json"), open.replace(ALICE, BOB));
    expect((await verified()).code).toBe(EXIT.refused);
    await erase({ payment: "alice-0" });
    const closed = await proof("alice-0");
    expect(closed).not.toMatch(new RegExp(`${ALICE}|user-alice|"alice"`));
    const answer = await verified();
    expect(answer.code).toBe(EXIT.done);
    expect(answer.text).toMatch(/^VERIFIED: .*; 1 erased: their personal data is gone$/m);
    expect(await proof("alice-1")).toContain(ALICE);
    expect((await verified()).code).toBe(EXIT.done);
    // The proof that was handed out before is what was signed, for ever.
    writeFileSync(made.at("proof.json"), open);
    expect((await verified()).code).toBe(EXIT.done);
    const given = io();
    await showPayment("alice-0", { config: made.config, set: [], json: false }, given);
    expect(given.written.stdout).toMatch(/decision .* erased \d+ values/);
    expect(given.written.stdout).toMatch(/erased .* operator ann, reason request/);
  });

  it.skipIf(!isThere)("removes names of members that a malformed request has", async () => {
    await decided(lines, 1);
    const { ledger, close } = await openLedger(configOf({ config: made.config, set: [] }, {}));
    const { pipeline } = calmSite({ ledger });
    const malformed = {
      ...{ withdrawal_id: "odd-1", wallet_id: "hot", account_id: "carol", [`${ALICE}-a`]: "1" },
      ...{ amount: { [`${ALICE}-b`]: 1 }, max_fee: [{ [`${ALICE}-c`]: [1] }], unread: ALICE },
      ...{ destinations: { [ALICE]: "1" }, payouts: [{ [ALICE]: 1 }] },
    };
    const named = { ...REQUEST, withdrawal_id: "odd-2", account_id: "carol", [`${ALICE}-d`]: "1" };
    for (const asked of [malformed, named]) {
      const { record, final } = await pipeline.decideWithdrawal(asked);
      expect([final, record.guardian.reason_codes]).toEqual([false, ["invalid_withdrawal"]]);
    }
    await close();
    await sign();
    const texts = async () => {
      const opened = await openLedger(configOf({ config: made.config, set: [] }, {}));
      const all = JSON.stringify(await opened.ledger.records(0, 1_000));
      await opened.close();
      return all;
    };
    await erase({ account: "alice" });
    expect(await texts()).toContain(`${ALICE}-a`);
    expect((await erase({ account: "carol" })).code).toBe(EXIT.done);
    expect(await texts()).not.toMatch(new RegExp(`${ALICE}|"alice"|carol`));
    await sign();
    expect(await report()).toMatchObject({ code: EXIT.done, report: { verdict: "verified" } });
  });

  it.skipIf(!isThere)(
    "takes decisions out of a service that runs, and keeps the timeline",
    async () => {
      await decided(lines);
      const { ledger, close } = await openLedger(configOf({ config: made.config, set: [] }, {}));
      const context = { isEnforced: () => true, policyFor: () => ({}), bindsOf: () => null };
      const running = createDecisions({ ledger, context });
      const list = async (of = running) =>
        JSON.stringify(await of.list({ limit: 10, isShown: () => true }));
      expect(await list()).toContain(ALICE);
      const seqs = await running.seqsOf("alice-0");
      const all = await ledger.records(0, 1_000);
      await erase({ account: "alice" });
      // Readers of events go on behind a record that was erased.
      const later = (await ledger.records(0, 1_000)).slice(0, all.length);
      expect(later.map(markOf)).toEqual(all.map(markOf));
      const [erased] = later.filter((record) => erasedValues(record) > 0);
      const place = { ...(await ledger.identity()), seq: erased!.seq, mark: markOf(erased!) };
      expect(await createContinuations(ledger).of(place, 1_000)).toMatchObject({ kind: "same" });
      expect(await list()).not.toMatch(/alice/);
      expect(await list()).toContain(BOB);
      const started = createDecisions({ ledger, context });
      expect(await list(started)).toBe(await list());
      expect(await running.seqsOf("alice-0")).toEqual(seqs);
      expect(await started.seqsOf("alice-0")).toEqual(seqs);
      await close();
    },
  );

  it.skipIf(!isThere)(
    "waits for records that no tree has yet, and refuses what is no order",
    async () => {
      await decided(lines);
      const config = configOf({ config: made.config, set: [] }, {});
      const { ledger, close } = await openLedger(config);
      await pay(ledger, "carol", { address: ALICE });
      await close();
      await expect(erase({ account: "carol" })).rejects.toThrow(/not in the tree yet/);
      const [waited] = await Promise.all([
        erase({ account: "carol", waitMs: 60_000 }),
        sleep(300).then(sign),
      ]);
      expect(waited.code).toBe(EXIT.done);
      expect(await erase({ account: "nobody" })).toMatchObject({ code: EXIT.found });
      await expect(erase({})).rejects.toThrow(/either/);
      await expect(erase({ account: "a", payment: "b" })).rejects.toThrow(/either/);
      await expect(erase({ account: "a\nb" })).rejects.toThrow(/no id/);
      await expect(erase({ account: "bob", reason: " " })).rejects.toThrow(/reason/);
    },
  );

  it.skipIf(!isThere)(
    "that is killed at any moment is done or not done, and the tree verifies",
    { timeout: 1_800_000 },
    async () => {
      const isFile = name === "SQLite";
      const [count, rounds] = isFile
        ? [runs(450, 2_000), runs(6, 40)]
        : [runs(250, 1_000), runs(4, 40)];
      await decided(lines, count);
      const order = ["--account", "alice", "--operator", "ann", "--reason", "request"];
      const args = [CLI, "audit", "erase", "--config", made.config, ...order];
      const opened = await openLedger(configOf({ config: made.config, set: [] }, {}));
      const kills = { killed: 0, partial: 0, salts_left: 0 };
      for (let round = 0; round < rounds; round++) {
        // Every other one as soon as a transaction of the erasure is there: within it, its salts, or the next one.
        const { seq } = await lastOf(opened.ledger);
        const moment = round % 2 === 0 ? sleep(400 + round * 100) : erasedAfter(opened.ledger, seq);
        if (
          await killedAt(
            args,
            moment.then(() => sleep((round * 7) % 40)),
          )
        )
          kills.killed++;
        const { report: found } = await report({ treeOnly: true });
        expect([round, found.tree.findings]).toEqual([round, []]);
        const left = JSON.parse((await erase({ account: "alice", check: true, json: true })).text);
        const { records, leftover_salts } = left as Erased;
        if (found.tree.erased > 0 && records > 0) kills.partial++;
        if (leftover_salts > 0) kills.salts_left++;
        if (records === 0) break;
      }
      await opened.close();
      expect(kills.killed).toBeGreaterThan(0);
      expect(kills.partial).toBeGreaterThan(0);
      // Nothing may be left to do.
      expect([EXIT.done, EXIT.found]).toContain(await ranToEnd(args));
      await sign();
      const last = await report();
      expect(last.report.tree.findings).toEqual([]);
      expect(last.code).toBe(EXIT.done);
      expect(last.report.decisions).toMatchObject({ erased: count, computed: 2 });
      const after = isFile ? filesWith(ALICE) : await tablesWith(schema, ALICE);
      expect(after).toEqual([]);
      expect((await erase({ account: "alice" })).text).not.toContain("left by an erasure");
      if (process.env["SHOW_KILLS"] === "1") console.info(name, { rounds, ...kills });
    },
  );
});

describe.skipIf(!hasSqlite)("shield audit erase on the host's disk", { timeout: 300_000 }, () => {
  it("leaves nothing of the account's destinations in any file, log and free pages included", async () => {
    await decided([], 20);
    expect(filesWith(ALICE)).not.toEqual([]);
    expect((await erase({ account: "alice" })).code).toBe(EXIT.done);
    expect(filesWith(ALICE)).toEqual([]);
    expect(filesWith("user-alice")).toEqual([]);
    expect(filesWith(BOB)).not.toEqual([]);
  });

  it("is found where no order was given, and where something is put in its place", async () => {
    await decided([]);
    await erase({ account: "alice" });
    runSql(
      made.ledgerPath,
      `UPDATE records SET record = replace(record, 'ALLOW', 'DELAY') WHERE record LIKE '%"erased":{"/%'`,
    );
    const { code, report: found } = await report({ treeOnly: true });
    expect(code).toBe(EXIT.found);
    expect(found.tree.findings[0]).toMatchObject({ code: "changed" });
  });
});
