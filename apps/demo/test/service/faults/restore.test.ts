/** A restored backup, and a ledger or a state of a newer version, at the start of the service. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/errors.js";
import { expectNothingLeaked, spentOf } from "../../support/faults/checks.js";
import type { Site } from "../../support/faults/site.js";
import { faultSuite, type Running } from "../../support/faults/suite.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";

const { hasNode, serve, running, atEnd } = faultSuite();

const ORDER = ["--operator", "ann", "--reason", "restored from the backup"];

/** Pays a few times more after the backup, restores it, and expects nothing to be paid until it is adopted. */
async function restored(
  { site, served, backEnd }: Running,
  backup: Readonly<{
    make: () => void | Promise<void>;
    put: () => void | Promise<void>;
    refused: RegExp;
  }>,
): Promise<void> {
  await served.end();
  await backup.make();
  const between = await serve(site);
  for (let i = 0; i < 4; i++) await backEnd.until("ALLOW");
  const spent = await spentOf(backEnd);
  await between.end();
  await backup.put();
  const { code, text } = await site.command("serve");
  expect(code).toBe(EXIT.bad_data_folder);
  expect(text).toMatch(backup.refused);
  const adoption = await site.command("ledger", "adopt", ...ORDER);
  expect(adoption.code, adoption.text).toBe(EXIT.done);
  const again = await serve(site);
  await backEnd.until("ALLOW");
  // What was paid after the backup is not in it: the documented reason for the import.
  expect(await spentOf(backEnd)).toBeLessThan(spent + 1);
  backEnd.site.secrets.push("planted-database-password");
  expectNothingLeaked(backEnd, text, adoption.text, between.log(), again.log());
}

describe.skipIf(!hasNode)("a backup of a SQLite ledger", { timeout: 240_000 }, () => {
  it("is refused at the start until it is adopted", async () => {
    const first = await running();
    const { ledger } = first.site;
    await restored(first, {
      make: () => copyFileSync(ledger, `${ledger}.backup`),
      put() {
        for (const end of ["-wal", "-shm"]) rmSync(ledger + end, { force: true });
        copyFileSync(`${ledger}.backup`, ledger);
      },
      refused: /behind its witness .*adopt/,
    });
  });

  it("of a newer version starts no service, and the right one starts it again", async () => {
    const { site, served, backEnd } = await running();
    const spent = await spentOf(backEnd);
    await served.end();
    const version = versionOf(site, 1);
    const { code, text } = await site.command("serve");
    expect(code).toBe(EXIT.bad_data_folder);
    expect(text).toMatch(new RegExp(`newer version ${version}.*install the newer program`));
    versionOf(site, -1);
    await serve(site);
    await backEnd.until("ALLOW");
    expect(await spentOf(backEnd)).toBe(spent + 1);
  });
});

/** Offset of the form's version in the head of a SQLite file (sqlite.org/fileformat2.html, user version). */
const VERSION_AT = 60;

/** Changes the version of a closed ledger's form; returns the new one. */
function versionOf({ ledger }: Site, by: number): number {
  const bytes = readFileSync(ledger);
  const version = bytes.readUInt32BE(VERSION_AT) + by;
  bytes.writeUInt32BE(version, VERSION_AT);
  writeFileSync(ledger, bytes);
  return version;
}

describe.skipIf(!hasNode || !(await hasPostgres()))(
  "a dump of a PostgreSQL ledger",
  { timeout: 240_000 },
  () => {
    it("is refused at the start until it is adopted", async () => {
      const schema = `restore_${randomBytes(3).toString("hex")}`;
      const pool = new pg.Pool({ connectionString: POSTGRES_URL });
      atEnd(async () => {
        await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
        await pool.end();
      });
      const ledger = createPostgresLedger({ pool, schema, create: true });
      await ledger.identity();
      await ledger.close();
      const url = POSTGRES_URL.replace("postgres@", "postgres:planted-database-password@");
      const first = await running({
        config: { ledger: { kind: "postgres", url_env: "FAULTS_URL", schema } },
        env: { FAULTS_URL: url },
      });
      let dump = "";
      await restored(first, {
        make() {
          dump = run("pg_dump", [`--schema=${schema}`, POSTGRES_URL], "");
        },
        async put() {
          await pool.query(`DROP SCHEMA ${schema} CASCADE`);
          run("psql", ["--quiet", "--set=ON_ERROR_STOP=1", POSTGRES_URL], dump);
        },
        refused: /lacks a record that was acknowledged/,
      });
    });
  },
);

function run(program: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
