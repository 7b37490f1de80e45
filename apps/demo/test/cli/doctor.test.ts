import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasLitecoind, startNode } from "@dgb-shield/testkit/litecoind";
import { hasProgram, hasServer } from "@dgb-shield/testkit/services";
import pg from "pg";
import { makeLedger } from "../../src/cli/ledger/open-ledger.js";
import { loadConfig } from "../../src/service/config/load.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";
import { shield } from "../support/shield.js";
import { startReceiver } from "../support/webhook-receiver.js";

const hasNode = hasLitecoind();
const hasOpenssl = hasProgram(["openssl", "version"], "Debian: apt-get install openssl");
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

/** Makes a certificate that no one trusts. */
function selfSigned(dir: string) {
  const [cert, key] = [join(dir, "tls.crt"), join(dir, "tls.key")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const { status, stderr } = spawnSync("openssl", [
    ...["req", "-x509", ...curve, "-keyout", key, "-out", cert, ...names],
  ]);
  if (status !== 0) throw new Error(String(stderr));
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

type Report = { ok: boolean; checks: { name: string; status: string; detail: string }[] };

async function examined(dir: string, ...more: string[]): Promise<Record<string, string>> {
  const { stdout } = await shield(
    "doctor",
    "--json",
    ...more,
    "--config",
    join(dir, "shield.yaml"),
  );
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

  it.skipIf(!hasOpenssl)(
    "finds a webhook's secret, the way to its receiver and its certificate, and sends it nothing unless it is told to",
    async () => {
      const dir = join(root, "webhooks");
      mkdirSync(join(dir, "data"), { recursive: true, mode: 0o700 });
      let isUp = true;
      const receiver = await startReceiver(join(dir, "ops.secret"), () => isUp);
      const certificate = selfSigned(dir);
      const tls = createTlsServer(certificate);
      await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
      try {
        writeFileSync(join(dir, "open.secret"), readFileSync(join(dir, "ops.secret")), {
          mode: 0o644,
        });
        const webhook = (name: string, url: string, secret_file = "ops.secret") => ({
          ...{ name, url, secret_file: join(dir, secret_file), timeout_seconds: 2 },
        });
        const { port } = tls.address() as AddressInfo;
        const file = join(dir, "shield.yaml");
        writeFileSync(
          file,
          JSON.stringify({
            ...{ config_version: 1, deployment_id: "test", operator: "site-a", data_dir: "data" },
            ...{ chain: "litecoin_regtest", nodes: [{ node_id: "n", url: "http://127.0.0.1:1" }] },
            guardian: { max_24h: "10" },
            webhooks: [
              webhook("ops", `${receiver.url}/planted-path?token=planted-query`),
              webhook("open", receiver.url, "open.secret"),
              webhook("none", receiver.url, "none.secret"),
              webhook("gone", "http://127.0.0.1:1/planted-path"),
              webhook("unknown", "https://no-such-host.invalid/"),
              webhook("untrusted", `https://127.0.0.1:${port}/`),
            ],
          }),
        );
        const found = await examined(dir);
        expect(found["webhook ops"]).toMatch(/^ok 127\.0\.0\.1:\d+ answers$/);
        expect(found["webhook open"]).toMatch(/^fail .*can be read by others: chmod 600 it/);
        expect(found["webhook none"]).toMatch(/^fail .*cannot be read: make it with/);
        expect(found["webhook gone"]).toMatch(
          /^fail 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/,
        );
        expect(found["webhook unknown"]).toMatch(
          /^fail .*cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
        );
        expect(found["webhook untrusted"]).toMatch(/^fail .*\((DEPTH_ZERO_)?SELF_SIGNED_CERT/);
        expect([receiver.deliveries, receiver.refused()]).toEqual([[], 0]);
        expect(JSON.stringify(found)).not.toMatch(/planted|whsec_/);

        expect((await examined(dir, "--send-test"))["webhook ops"]).toMatch(
          /^ok .*it took a test event$/,
        );
        expect(receiver.deliveries.map(({ type }) => type)).toEqual(["test"]);
        isUp = false;
        const refused = await examined(dir, "--send-test");
        expect(refused["webhook ops"]).toMatch(/^fail .*did not take a test event: status 503$/);
        expect(JSON.stringify(refused)).not.toMatch(/planted|whsec_/);
      } finally {
        await receiver.close();
        tls.close();
      }
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

  it("is what doctor, serve and adopt itself name where the ledger cannot be used", async () => {
    const dir = join(root, "moved");
    await shield("init", "--dir", dir, "--yes");
    const config = ["--config", join(dir, "shield.yaml")];
    const path = join(dir, "shield-data", "ledger.sqlite");
    renameSync(path, `${path}.away`);
    const order = ["--operator", "ann", "--reason", "moved"];
    for (const command of [["doctor"], ["serve"], ["ledger", "adopt", ...order]]) {
      const { code, stdout, stderr } = await shield(...command, ...config);
      expect(code).not.toBe(0);
      const text = stdout + stderr;
      expect(text).toContain("adopt a backup with shield ledger adopt");
      expect(text).toContain("a new ledger is made by shield init alone");
      expect(text).not.toMatch(/guardian-ledger|SqliteLedger/);
    }
  });
});
