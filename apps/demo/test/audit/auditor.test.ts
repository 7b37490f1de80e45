/** The audit beside a ledger: checkpoints when they are due, exports that fail and come back, what it refuses to sign. */
import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { digibyteRegtest } from "@dgb-shield/chain";
import { parseKeyring } from "@dgb-shield/contract/signing";
import { createMemoryLedger, type Ledger } from "@dgb-shield/wallet-guardian";
import {
  createMemoryHashStore,
  createMemorySaltStore,
  verifyRecords,
  recordPages,
} from "@dgb-shield/wallet-guardian/audit";
import { adoptSqliteLedger, createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomSalt } from "../../src/audit/salt-bytes.js";
import { readAuditKey } from "../../src/audit/audit-key.js";
import { type Auditor, type AuditorParts, createAuditor } from "../../src/audit/auditor.js";
import { createCheckpointFile } from "../../src/audit/checkpoint-file.js";
import { verifyLines } from "../../src/audit/checkpoint-line.js";
import { linesOf } from "../../src/audit/checkpoint-store.js";
import { createCommandHook } from "../../src/audit/export/command-hook.js";
import { createFileHook } from "../../src/audit/export/file-hook.js";
import type { ExportHook } from "../../src/audit/export/hook.js";
import { createHttpHook } from "../../src/audit/export/http-hook.js";
import { type AuditedFolder, auditedFolder, decideOn, keeperOf } from "../support/audit.js";
import { until } from "../support/service.js";
import { runSql } from "../support/sqlite.js";

let made: AuditedFolder;
const open: Auditor[] = [];
beforeEach(async () => {
  made = await auditedFolder();
});
afterEach(async () => {
  for (const auditor of open.splice(0)) await auditor.close();
  made.remove();
});

function auditorOf(ledger: Ledger, fields: Partial<AuditorParts> = {}) {
  const warned: string[] = [];
  const checkpoints = createCheckpointFile(made.at("data/audit"));
  const salts = fields.salts ?? createMemorySaltStore();
  const auditor = createAuditor({
    ...{ ledger, hashes: createMemoryHashStore(), checkpoints },
    ...{ salts, random: randomSalt },
    signer: readAuditKey(made.at("key.json")).signer,
    origin: { deployment_id: "exchange", genesis: digibyteRegtest.genesis?.hash ?? null },
    ...{ clock: Date.now, monotonic: () => 0, is_active: () => true, hooks: [] },
    ...{ every_records: 1_000_000, every_ms: 1_000_000, poll_ms: 600_000, retry_ms: 20 },
    warn: (text) => void warned.push(text),
    ...fields,
  });
  open.push(auditor);
  return { auditor, checkpoints, salts, warned };
}

const keys = () => parseKeyring(readFileSync(made.publicKey));
const lines = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe.skipIf(!hasSqlite)("createAuditor", { timeout: 60_000 }, () => {
  it("signs when enough records are new, when time has passed, and at its end", async () => {
    const ledger = createMemoryLedger();
    let now = 0;
    const { auditor, salts } = auditorOf(ledger, {
      ...{ every_records: 5, every_ms: 1_000, monotonic: () => now },
    });
    await auditor.round();
    expect(auditor.state()).toMatchObject({ tree_size: 0, checkpoint_size: null, failure: null });
    await decideOn(ledger, 0, 1);
    await auditor.round();
    const { tree_size } = auditor.state();
    expect(tree_size).toBeGreaterThan(0);
    expect(tree_size).toBeLessThan(5);
    expect(auditor.state().checkpoint_size).toBeNull();
    expect(await auditor.prove(1)).toBe("not_covered");
    now = 1_000;
    await auditor.round();
    expect(auditor.state().checkpoint_size).toBe(tree_size);
    await decideOn(ledger, 1, 7);
    await auditor.round();
    const { tree_size: later, checkpoint_size } = auditor.state();
    expect([later > tree_size, checkpoint_size]).toEqual([true, later]);
    expect(await auditor.prove(later + 1)).toBeNull();
    expect(await auditor.prove(1)).toMatchObject({ record: { seq: 1 } });
    await decideOn(ledger, 7, 8);
    await auditor.close();
    const again = createCheckpointFile(made.at("data/audit"), "read");
    const { checkpoints, refused } = await verifyLines(linesOf(again), { keys: keys() });
    await again.close();
    expect(refused).toEqual([]);
    const identity = await ledger.identity();
    const pages = recordPages(ledger);
    const verified = await verifyRecords({ identity, pages, store: null, salts, checkpoints });
    expect(verified).toMatchObject({ findings: [], checkpoints: 3 });
    expect(verified.covered_through).toBe(verified.last_seq);
  });

  it("leaves the tree to another process while that one decides", async () => {
    const ledger = createMemoryLedger();
    await decideOn(ledger, 0, 1);
    const { auditor } = auditorOf(ledger, { is_active: () => false });
    await auditor.round({ now: true });
    expect(auditor.state()).toMatchObject({ tree_size: 0, checkpoint_size: null });
  });

  it("hands each checkpoint to every export, whatever the others do", async () => {
    const ledger = createMemoryLedger();
    const posted: string[] = [];
    let status = 503;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += String(part)));
      request.on("end", () => {
        if (status === 200) posted.push(`${request.headers.authorization ?? ""} ${body}`);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const program =
      "process.stdin.pipe(require('fs').createWriteStream(process.argv[1],{flags:'a'}))";
    const hooks: ExportHook[] = [
      createFileHook("file", made.at("vault.jsonl")),
      createCommandHook("command", [process.execPath, "-e", program, made.at("cmd.jsonl")], 20_000),
      createCommandHook("hanging", [process.execPath, "-e", "setInterval(()=>{},1000)"], 300),
      createHttpHook("http", {
        ...{ url: `http://127.0.0.1:${port}/in`, token: "t0ken", timeout_ms: 5_000 },
      }),
    ];
    const { auditor, warned } = auditorOf(ledger, { hooks });
    try {
      for (const i of [0, 1, 2]) {
        await decideOn(ledger, i, i + 1);
        await auditor.round({ now: true });
      }
      const stateOf = (name: string) => auditor.state().exports.find((one) => one.name === name);
      const state = () => Promise.resolve(auditor.state().exports);
      await until(
        state,
        () => stateOf("file")?.exported === 3 && stateOf("command")?.exported === 3,
      );
      await until(state, () => (stateOf("hanging")?.failures ?? 0) > 0);
      await until(state, () => (stateOf("http")?.failures ?? 0) > 1);
      expect(stateOf("http")).toMatchObject({ exported: 0, pending: 3, failure: "status 503" });
      status = 200;
      await until(state, () => stateOf("http")?.exported === 3);
      expect(stateOf("http")?.failure).toBeNull();
      expect(warned.filter((text) => text.includes("http"))).toHaveLength(2);
      expect(auditor.state()).toMatchObject({ failure: null, failures: 0 });
      const all = lines(made.at("vault.jsonl"));
      expect(all).toHaveLength(3);
      expect(lines(made.at("cmd.jsonl"))).toEqual(all);
      expect(posted).toEqual(all.map((line) => `Bearer t0ken ${line}`));
      expect((await verifyLines(all, { keys: keys() })).refused).toEqual([]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("signs nothing over a ledger that is not the one that was signed, and warns once", async () => {
    const ledger = createSqliteLedger({ path: made.ledgerPath });
    await decideOn(ledger, 0, 4);
    const first = await keeperOf(made, ledger);
    await first.keeper.catchUp();
    await first.keeper.checkpoint();
    const { hashes, salts } = first.stores;
    await first.stores.close();
    runSql(made.ledgerPath, "UPDATE records SET at_ms = at_ms + 1");
    const { auditor, warned, checkpoints } = auditorOf(ledger, { hashes, salts });
    await auditor.round({ now: true });
    await auditor.round({ now: true });
    expect(auditor.state().failure).toMatch(/not the one that is in the tree/);
    expect(warned).toHaveLength(1);
    expect(await checkpoints.count()).toBe(1);
    // Without the stored hashes the tree is built anew, and does not continue what was signed.
    const other = auditorOf(ledger, { hashes: createMemoryHashStore() });
    await decideOn(ledger, 4, 6);
    await other.auditor.round({ now: true });
    expect(other.auditor.state().failure).toMatch(/does not continue/);
    expect(await other.checkpoints.count()).toBe(1);
    await auditor.close();
    await other.auditor.close();
    await ledger.close();
  });

  it("goes on from where an adopted ledger differs, in a new epoch", async () => {
    const ledger = createSqliteLedger({ path: made.ledgerPath });
    await decideOn(ledger, 0, 3);
    runSql(made.ledgerPath, `VACUUM INTO '${made.at("backup.sqlite")}'`);
    const kept = (await ledger.records(0, 1_000)).length;
    await decideOn(ledger, 3, 6);
    const before = await keeperOf(made, ledger);
    await before.keeper.catchUp();
    const signed = await before.keeper.checkpoint();
    await before.stores.close();
    await ledger.close();
    copyFileSync(made.at("backup.sqlite"), made.ledgerPath);
    const order = { operator: "ann", reason: "restored" };
    await adoptSqliteLedger({ path: made.ledgerPath, clock: Date.now, ...order });
    const restored = createSqliteLedger({ path: made.ledgerPath });
    await decideOn(restored, 10, 15);
    const { keeper, stores, warned } = await keeperOf(made, restored);
    await keeper.catchUp();
    const later = await keeper.checkpoint();
    expect(later).toMatchObject({ epoch: 2 });
    expect(warned).toEqual([expect.stringContaining(`from record ${kept} of the adopted ledger`)]);
    const { checkpoints, refused } = await verifyLines(linesOf(stores.checkpoints), {
      keys: keys(),
    });
    expect(refused).toEqual([]);
    const verified = await verifyRecords({
      ...{ identity: await restored.identity(), pages: recordPages(restored) },
      ...{ store: stores.hashes, salts: stores.salts, checkpoints },
    });
    expect(verified.findings).toEqual([
      {
        ...{ code: "lost_at_adoption", epoch: 1, from_seq: kept + 1 },
        through_seq: signed?.tree_size,
      },
    ]);
    expect(verified.covered_through).toBe(later?.tree_size);
    await stores.close();
    await restored.close();
  });
});
