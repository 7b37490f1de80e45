import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasLitecoind, startNode } from "@dgb-shield/testkit/litecoind";
import { hasServer } from "@dgb-shield/testkit/services";
import pg from "pg";
import { makeLedger } from "../../src/cli/ledger/open-ledger.js";
import { loadConfig } from "../../src/service/config/load.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";
import { shield } from "../support/shield.js";

const hasNode = hasLitecoind();
const NATS_URL = "nats://127.0.0.1:4222";
const withServers =
  (await hasPostgres()) && (await hasServer(4222, "NATS", "nats-server --jetstream"));
const schema = `shield_doctor_${randomBytes(6).toString("hex")}`;
const root = mkdtempSync(join(tmpdir(), "shield-doctor-"));
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  if (!withServers) return;
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
});

type Report = { ok: boolean; checks: { name: string; status: string; detail: string }[] };

async function examined(dir: string): Promise<Record<string, string>> {
  const { stdout } = await shield("doctor", "--json", "--config", join(dir, "shield.yaml"));
  const { checks } = JSON.parse(stdout) as Report;
  return Object.fromEntries(
    checks.map(({ name, status, detail }) => [name, `${status} ${detail}`]),
  );
}

describe("shield doctor", () => {
  it.skipIf(!hasNode)("finds a live node, then what is wrong with each part", async () => {
    const dir = join(root, "live");
    const node = await startNode();
    try {
      const args = ["--node", node.url, "--cookie", node.cookieFile, "--yes"];
      await shield("init", "--dir", dir, ...args);
      const sound = await examined(dir);
      expect(sound["node node-1"]).toMatch(
        /^warn \/LitecoinCore:0\.21.* height 0, still in its initial/,
      );
      expect(sound["ledger"]).toMatch(/^ok [0-9a-f]{32}, epoch 1, SQLite$/);
      expect(sound["keys"]).toBe("ok 3 in force");
    } finally {
      await node.remove();
    }
    const data = join(dir, "shield-data");
    chmodSync(data, 0o755);
    rmSync(join(data, "ledger.sqlite"));
    writeFileSync(join(data, "keys.json"), "{}");
    const broken = await examined(dir);
    expect(broken["node node-1"]).toMatch(/^fail it does not answer \(connection\)/);
    expect(broken["data folder"]).toMatch(/^warn others may look into/);
    expect(broken["ledger"]).toMatch(/^fail /);
    expect(broken["keys"]).toMatch(/^fail .*is no file of keys, or is damaged/);
  });

  it.skipIf(!withServers)(
    "finds PostgreSQL and NATS, and says which of them does not answer",
    async () => {
      const dir = join(root, "servers");
      mkdirSync(join(dir, "data"), { recursive: true, mode: 0o700 });
      const written = (postgres: string, nats: string) => ({
        ...{ config_version: 1, deployment_id: "test", operator: "site-a", data_dir: "data" },
        ...{ chain: "litecoin_regtest", nodes: [{ node_id: "n", url: "http://127.0.0.1:1" }] },
        ...{ guardian: { max_24h: "10" }, ledger: { kind: "postgres", url: postgres, schema } },
        nats: { url: nats },
      });
      const file = join(dir, "shield.yaml");
      writeFileSync(file, JSON.stringify(written(POSTGRES_URL, NATS_URL)));
      const missing = await examined(dir);
      expect(missing["ledger"]).toMatch(/^fail .*shield_doctor_/);
      const reading = loadConfig({ file, env: {}, flags: [], cwd: dir });
      if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
      await makeLedger(reading.config);
      const sound = await examined(dir);
      expect(sound["ledger"]).toMatch(/^ok [0-9a-f]{32}, epoch 1, PostgreSQL \d+/);
      expect(sound["nats"]).toMatch(/^ok version \d+\.\d+/);
      const nowhere = "127.0.0.1:1";
      writeFileSync(
        file,
        JSON.stringify(written(`postgres://postgres@${nowhere}/test`, `nats://${nowhere}`)),
      );
      const broken = await examined(dir);
      expect(broken["ledger"]).toMatch(/^fail /);
      expect(broken["nats"]).toBe("fail no NATS server answers at 127.0.0.1");
    },
  );

  it("ends with 1 and names what is wrong with a configuration", async () => {
    const { code, stdout } = await shield("doctor", "--config", join(root, "none.yaml"));
    expect(code).toBe(1);
    expect(stdout).toContain("fail  config: ");
  });
});

describe("shield policy check", () => {
  it("lists everything that is wrong with its place, and ends with 7", async () => {
    const file = join(root, "policy.yaml");
    writeFileSync(file, "max_24h: 5\nmax_24hh: 3\ncooldown_seconds: -1\n");
    const { code, stderr } = await shield("policy", "check", file);
    expect(code).toBe(7);
    expect(stderr).toContain("policy.yaml:2:1 /max_24hh: no such field");
    expect(stderr).toContain("policy.yaml:3:1 /cooldown_seconds: give at least 0");
    writeFileSync(file, "preset: treasury\nmax_24h: 5\n");
    expect((await shield("policy", "check", file)).code).toBe(0);
  });
});

describe("shield ledger adopt", () => {
  it("raises the epoch, and says what became of the state", async () => {
    const dir = join(root, "adopted");
    await shield("init", "--dir", dir, "--yes");
    const order = ["--operator", "ann", "--reason", "moved", "--config", join(dir, "shield.yaml")];
    const { code, stdout } = await shield("ledger", "adopt", ...order);
    expect(code).toBe(0);
    expect(stdout).toContain("epoch 2");
    expect(stdout).toContain("was missing: it begins anew");
  });
});
