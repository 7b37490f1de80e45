/** `shield audit` over a real SQLite ledger with decisions of the whole pipeline, and attacks on its file. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provePaymentOf } from "../../../src/cli/audit/prove.js";
import { showPayment } from "../../../src/cli/audit/show.js";
import type { AuditReport } from "../../../src/cli/audit/report.js";
import { verifyAudit, type VerifyAuditOptions } from "../../../src/cli/audit/verify.js";
import { makeKeyFiles } from "../../../src/cli/tip/key-file.js";
import { EXIT } from "../../../src/errors.js";
import {
  type AuditedFolder,
  auditedFolder,
  configText,
  decideOn,
  keeperOf,
} from "../../support/audit.js";
import { runSql } from "../../support/sqlite.js";

let made: AuditedFolder;
beforeEach(async () => {
  made = await auditedFolder();
  const ledger = createSqliteLedger({ path: made.ledgerPath });
  await decideOn(ledger, 0, 6);
  const { keeper, stores } = await keeperOf(made, ledger);
  await keeper.catchUp();
  await keeper.checkpoint();
  await decideOn(ledger, 6, 12);
  await keeper.catchUp();
  await keeper.checkpoint();
  await stores.close();
  await ledger.close();
}, 60_000);
afterEach(() => made.remove());

/** Streams that keep what is written. */
function io() {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    ({ write: (text: string) => ((written[name] += text), true) }) as unknown as NodeJS.WriteStream;
  return { written, stdout: stream("stdout"), stderr: stream("stderr"), env: {} };
}

const DEFAULTS = { set: [], checkpoints: [], treeOnly: false, offline: false, json: false };

async function verify(options: Partial<VerifyAuditOptions> = {}) {
  const given = io();
  const all = { ...DEFAULTS, config: made.config, key: made.publicKey, ...options };
  const code = await verifyAudit(all, given);
  return { code, text: given.written.stdout };
}

async function report(options: Partial<VerifyAuditOptions> = {}) {
  const { code, text } = await verify({ ...options, json: true });
  return { code, report: JSON.parse(text) as AuditReport };
}

/** Changes the ledger's file; the witness beside it would show a shorter one, so it goes as well. */
function sql(text: string): void {
  runSql(made.ledgerPath, text);
  rmSync(`${made.ledgerPath}.witness`, { force: true });
}

describe.skipIf(!hasSqlite)("shield audit verify", { timeout: 60_000 }, () => {
  it("verifies records and decisions, by the public key and by the configured one", async () => {
    const { code, report: found } = await report();
    expect(found).toMatchObject({ verdict: "verified", refused: [] });
    expect(found.tree).toMatchObject({ checkpoints: 2, findings: [], pruned: 0 });
    expect(found.tree.covered_through).toBe(found.tree.last_seq);
    expect(found.decisions).toMatchObject({ decisions: 12, computed: 12, differences: [] });
    expect(code).toBe(EXIT.done);
    const own = await verify({ key: undefined } as never);
    expect(own.text).toMatch(/^VERIFIED: /);
    expect(own.code).toBe(EXIT.done);
  });

  it.each([
    [
      "flipped",
      "UPDATE records SET record = replace(record, 'REFUSED', 'ALLOW') WHERE seq = 5",
      "changed",
      5,
    ],
    ["dated otherwise", "UPDATE records SET at_ms = at_ms + 1 WHERE seq = 5", "changed", 5],
    ["renamed", "UPDATE records SET kind = 'claim' WHERE seq = 5", "changed", 5],
    ["made unreadable", "UPDATE records SET record = '{' WHERE seq = 5", "unreadable", 5],
    ["removed", "DELETE FROM records WHERE seq = 5", "missing", 5],
    [
      "exchanged",
      "UPDATE records SET seq = 1000 WHERE seq = 5; UPDATE records SET seq = 5 WHERE seq = 6; UPDATE records SET seq = 6 WHERE seq = 1000",
      "changed",
      5,
    ],
    [
      "removed and the rest moved up",
      "DELETE FROM records WHERE seq = 5; UPDATE records SET seq = -(seq - 1) WHERE seq > 5; UPDATE records SET seq = -seq WHERE seq < 0",
      "changed",
      5,
    ],
    [
      "inserted",
      "UPDATE records SET seq = -(seq + 1) WHERE seq >= 5; UPDATE records SET seq = -seq WHERE seq < 0; INSERT INTO records SELECT 5, at_ms, kind, record FROM records WHERE seq = 3",
      "changed",
      5,
    ],
    ["cut off", "DELETE FROM records WHERE seq >= 9", "truncated", 9],
  ])("locates records that were %s", async (_, attack, code, seq) => {
    sql(attack);
    const { code: exit, report: found } = await report({ treeOnly: true });
    expect(exit).toBe(EXIT.found);
    const [first] = found.tree.findings;
    expect(first).toMatchObject({ code });
    expect(
      "seq" in (first ?? {})
        ? (first as { seq: number }).seq
        : (first as { from_seq: number }).from_seq,
    ).toBe(seq);
  });

  it("names an older copy of the ledger", async () => {
    const copy = made.at("data/copy.sqlite");
    runSql(made.ledgerPath, `VACUUM INTO '${copy}'`);
    const ledger = createSqliteLedger({ path: made.ledgerPath });
    await decideOn(ledger, 12, 14);
    const { keeper, stores } = await keeperOf(made, ledger);
    await keeper.catchUp();
    const last = await keeper.checkpoint();
    await stores.close();
    await ledger.close();
    // In place, so that the ledger is found the same file; its witness still knows better.
    writeFileSync(made.ledgerPath, readFileSync(copy));
    await expect(report()).rejects.toThrow(/behind|older|witness|missing/i);
    expect(last?.tree_size).toBeGreaterThan(12);
  });

  it("finds a decision that was signed, and that the rules do not give", async () => {
    const other = await auditedFolder();
    try {
      // Before any checkpoint of the other folder: what is signed there is already false.
      const ledger = createSqliteLedger({ path: other.ledgerPath });
      await decideOn(ledger, 0, 4);
      await ledger.close();
      runSql(
        other.ledgerPath,
        `UPDATE records SET record = replace(record, '"decision":"REJECT"', '"decision":"ALLOW"') WHERE record LIKE '%per_tx_limit%' AND kind = 'decision'`,
      );
      const opened = createSqliteLedger({ path: other.ledgerPath });
      const { keeper, stores } = await keeperOf(other, opened);
      await keeper.catchUp();
      await keeper.checkpoint();
      await stores.close();
      await opened.close();
      const found = await report({ config: other.config, key: other.publicKey });
      expect(found.code).toBe(EXIT.found);
      expect(found.report.tree.findings).toEqual([]);
      expect(found.report.decisions?.differences_count).toBeGreaterThan(0);
      expect(
        (await report({ config: other.config, key: other.publicKey, treeOnly: true })).code,
      ).toBe(EXIT.done);
    } finally {
      other.remove();
    }
  });

  it("has a verdict and an exit code of its own for other policies", async () => {
    writeFileSync(made.config, configText().replace('"100"', '"90"'));
    const { code, report: found } = await report();
    expect(code).toBe(EXIT.rules_differ);
    expect(found).toMatchObject({ verdict: "rules_differ" });
    expect(found.decisions?.other_rules).toEqual([
      expect.objectContaining({ layer: "guardian", decisions: 12 }),
    ]);
    expect((await verify()).text).toMatch(/^VERIFIED, RULES DIFFER: /);
  });

  it("refuses checkpoints of another key and of another deployment, and a ledger without one", async () => {
    const key = made.at("other.pub.json");
    const files = { key: made.at("other.json"), public: key };
    makeKeyFiles({ operator: "thief", days: 1, ...files }, "audit_checkpoint", Date.now());
    expect((await verify({ key })).code).toBe(EXIT.found);
    writeFileSync(made.config, configText().replace("deployment_id: exchange", "deployment_id: x"));
    const { report: found, code } = await report();
    expect(found.refused.map((one) => one.code)).toEqual(["other_deployment", "other_deployment"]);
    expect(code).toBe(EXIT.found);
    const empty = await auditedFolder();
    const unsigned = await verify({ config: empty.config, key: empty.publicKey });
    empty.remove();
    expect(unsigned.text).toMatch(/^UNSIGNED: /);
    expect(unsigned.code).toBe(EXIT.refused);
  });

  it("refuses an altered line and one that was left out", async () => {
    const path = made.at("data/audit/checkpoints.jsonl");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect((await verify({ offline: true, checkpoints: [path] })).code).toBe(EXIT.done);
    const [first = "", second = ""] = lines;
    const cases: readonly (readonly [string, number])[] = [
      [`${first}\n${second}\n${second}\n`, EXIT.done],
      [`${first.slice(0, 900)}\n${first}\n${second}\n`, EXIT.done],
      [`${second}\n${first}\n`, EXIT.refused],
      [`${first}\n${second.replace(/"previous_size":\d+/, '"previous_size":5')}\n`, EXIT.refused],
      [`${first.replace(/"sig":"./, '"sig":"_')}\n${second}\n`, EXIT.refused],
      [`${first.slice(0, 900)}\n${second}\n`, EXIT.refused],
      ["", EXIT.refused],
    ];
    for (const [text, code] of cases) {
      writeFileSync(made.at("lines.jsonl"), text);
      const answer = await verify({ offline: true, checkpoints: [made.at("lines.jsonl")] });
      expect([text.length, answer.code]).toEqual([text.length, code]);
    }
  });

  it("locates a change by exported checkpoints where everything on the host was rewritten", async () => {
    const exported = made.at("vault.jsonl");
    copyFileSync(made.at("data/audit/checkpoints.jsonl"), exported);
    sql("UPDATE records SET record = replace(record, 'REFUSED', 'ALLOW') WHERE seq = 5");
    rmSync(made.at("data/audit"), { recursive: true });
    const ledger = createSqliteLedger({ path: made.ledgerPath });
    const { keeper, stores } = await keeperOf(made, ledger);
    await keeper.catchUp();
    await keeper.checkpoint();
    await stores.close();
    await ledger.close();
    expect((await report({ treeOnly: true })).code).toBe(EXIT.done);
    const { code, report: found } = await report({ treeOnly: true, checkpoints: [exported] });
    expect(code).toBe(EXIT.found);
    expect(found.tree.findings[0]).toMatchObject({ code: "checkpoint_differs", from_seq: 1 });
  });
});

describe.skipIf(!hasSqlite)("shield audit prove and show", { timeout: 60_000 }, () => {
  it("proves one payment, which verifies without the ledger", async () => {
    const given = io();
    const options = { set: [], config: made.config };
    expect(await provePaymentOf("w-3", options, given)).toBe(EXIT.done);
    const proof = given.written.stdout;
    expect(proof).not.toContain('"w-4"');
    writeFileSync(made.at("proof.json"), proof);
    const offline = { config: made.at("nowhere.yaml"), proof: made.at("proof.json") };
    const { code, text } = await verify(offline);
    expect(code).toBe(EXIT.done);
    expect(text).toMatch(/^VERIFIED: \d records? of payment w-3/);
    writeFileSync(made.at("proof.json"), proof.replace("REJECT", "ALLOW"));
    expect((await verify(offline)).code).toBe(EXIT.refused);
    await expect(provePaymentOf("w-99", options, io())).rejects.toThrow(/no record/);
  });

  it("proves no record that was changed", async () => {
    sql("UPDATE records SET at_ms = at_ms + 1");
    await expect(provePaymentOf("w-3", { set: [], config: made.config }, io())).rejects.toThrow(
      /not the one that was signed/,
    );
  });

  it("shows a payment's records, and hostile text without its control characters", async () => {
    const ledger = createSqliteLedger({ path: made.ledgerPath });
    await ledger.transact({ now_ms: Date.now(), ids: [], scopes: [], freezes: null }, () => ({
      result: null,
      writes: {
        records: [
          {
            kind: "freeze",
            json: JSON.stringify({ payment_id: "w-3", reason: "\u001b[2J\u202e\nVERIFIED" }),
          },
        ],
      },
    }));
    await ledger.close();
    const given = io();
    const options = { set: [], config: made.config, json: false };
    expect(await showPayment("w-3", options, given)).toBe(EXIT.done);
    const { stdout } = given.written;
    expect(stdout).toContain("per_tx_limit");
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/);
    expect(stdout).not.toMatch(/^VERIFIED/m);
  });
});
