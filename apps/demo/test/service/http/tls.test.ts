/** HTTPS, a proxy in front, what may listen where, and the form of the log. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { hasProgram } from "@dgb-shield/testkit/services";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { createTlsReload, readTls, type SecureServer } from "../../../src/cli/serve/tls.js";
import { type HttpService, startHttpService } from "../../support/http-service.js";
import { makeKeys, serveProcess } from "../../support/serve-process.js";
import { shield } from "../../support/shield.js";

const hasOpenssl = hasProgram(["openssl", "version"], "Debian: apt-get install openssl");
const DAY_MS = 86_400_000;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "shield-tls-"));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a certificate of its own for localhost, valid for two days. */
function makePair(folder: string, name: string) {
  const files = { cert_file: join(folder, `${name}.crt`), key_file: join(folder, `${name}.key`) };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const { status, stderr } = spawnSync("openssl", [
    ...["req", "-x509", ...curve, "-keyout", files.key_file, "-out", files.cert_file],
    ...["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
  ]);
  if (status !== 0) throw new Error(String(stderr));
  return files;
}

/** The fingerprint of what a server shows, which `ca` has to vouch for. */
async function fingerprintAt(port: number, ca: Buffer): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe.skipIf(!hasOpenssl)("http.tls", { timeout: 60_000 }, () => {
  it("refuses what cannot be served, with the field, what is wrong and what to do", () => {
    const folder = folderOf();
    const [one, other] = [makePair(folder, "one"), makePair(folder, "other")];
    const garbage = join(folder, "garbage");
    writeFileSync(garbage, "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n");
    const now = Date.now();
    expect(readTls(one, now).ends_ms).toBeGreaterThan(now + DAY_MS);
    const cases = [
      [
        { ...one, cert_file: join(folder, "none") },
        now,
        /^\/http\/tls\/cert_file .*no such file: /,
      ],
      [{ ...one, key_file: join(folder, "none") }, now, /^\/http\/tls\/key_file .*no such file: /],
      [{ ...one, cert_file: garbage }, now, /cert_file .*no certificate: give/],
      [{ ...one, key_file: garbage }, now, /key_file .*no private key, .*: give/],
      [{ ...one, key_file: other.key_file }, now, /key_file .*not the certificate's key: /],
      [one, now + 3 * DAY_MS, /cert_file .*has expired at .*: renew it/],
      [one, now - DAY_MS, /cert_file .*is valid from .*: check the clock/],
    ] as const;
    for (const [files, at, message] of cases) {
      expect(() => readTls(files, at)).toThrow(message);
      expect(() => readTls(files, at)).toThrow(expect.objectContaining({ code: "bad_config" }));
    }
  });

  it("serves HTTPS, takes a renewed certificate without a restart, and keeps the old one where the new is of no use", async () => {
    const folder = folderOf();
    const files = makePair(folder, "served");
    const first = readTls(files, Date.now());
    const http: HttpService = await startHttpService({
      settings: { tls: { cert: first.cert, key: first.key } },
    });
    endings.push(() => http.close());
    const before = await fingerprintAt(http.port, first.cert);
    const logged: string[] = [];
    const reload = createTlsReload(files, http.app.server as unknown as SecureServer, {
      clock: Date.now,
      log: (level, text) => void logged.push(`${level}: ${text}`),
    });
    writeFileSync(files.cert_file, "torn");
    reload();
    expect(await fingerprintAt(http.port, first.cert)).toBe(before);
    makePair(folder, "served");
    reload();
    const after = await fingerprintAt(http.port, readFileSync(files.cert_file));
    expect(after).not.toBe(before);
    expect(logged).toEqual([
      expect.stringMatching(/^error: the certificate before goes on: \/http\/tls\/cert_file/),
      expect.stringMatching(/^info: the certificate was read again/),
    ]);
  });
});

describe("http.behind_proxy", { timeout: 60_000 }, () => {
  const few = { rate_limit: { per_key_per_minute: 1_000, per_address_per_minute: 2 } };
  const statuses = async (http: HttpService, forwarded: readonly string[]): Promise<number[]> => {
    const found = [];
    for (const address of forwarded) {
      const headers = { "x-forwarded-for": address };
      found.push((await http.call("GET /v1/status", { key: null, headers })).status);
    }
    return found;
  };
  const clients = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"];

  it.each([
    [
      "of a trusted proxy: each client has a rate of its own",
      true,
      ["127.0.0.1"],
      [401, 401, 401, 401],
    ],
    ["of any other address: the header is not trusted", true, ["10.0.0.0/8"], [401, 401, 429, 429]],
    ["without a proxy: the header is not trusted", false, ["127.0.0.1"], [401, 401, 429, 429]],
  ])("%s", async (_, behind_proxy, trusted_proxies, expected) => {
    const http = await startHttpService({ settings: { ...few, behind_proxy, trusted_proxies } });
    endings.push(() => http.close());
    expect(await statuses(http, clients)).toEqual(expected);
  });

  it("counts the address that a trusted proxy saw, not one that the client wrote before it", async () => {
    const http = await startHttpService({
      settings: { ...few, behind_proxy: true, trusted_proxies: ["127.0.0.1"] },
    });
    endings.push(() => http.close());
    const forged = clients.map((client) => `${client}, 203.0.113.9`);
    expect(await statuses(http, forged)).toEqual([401, 401, 429, 429]);
  });

  it("checks Host and Origin, whatever X-Forwarded-Host says", async () => {
    const http = await startHttpService({
      settings: { behind_proxy: true, allowed_hosts: ["shield.example"] },
    });
    endings.push(() => http.close());
    const headers = { "x-forwarded-host": "evil.example", origin: "https://evil.example" };
    expect((await http.call("GET /livez", { key: null, headers })).body.code).toBe(
      "origin_not_allowed",
    );
  });
});

describe("shield serve", { timeout: 120_000 }, () => {
  async function deployment(fields: object) {
    const folder = folderOf();
    const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
    await ledger.identity();
    await ledger.close();
    chmodSync(folder, 0o700);
    const path = join(folder, "shield.json");
    writeFileSync(
      path,
      JSON.stringify({
        ...{ config_version: 1, deployment_id: "tls", operator: "site", data_dir: folder },
        ...{ chain: "litecoin_regtest", http: { port: 0 }, guardian: { max_24h: "10" } },
        nodes: [{ node_id: "node-1", url: "http://127.0.0.1:1" }],
        ...fields,
      }),
    );
    return { folder, path };
  }

  it.each([
    [
      "without TLS and proxy",
      { host: "0.0.0.0", allowed_hosts: ["a"] },
      /\/http\/host.*give http\.tls/,
    ],
    [
      "without keys",
      { host: "0.0.0.0", port: 0, allowed_hosts: ["a"], behind_proxy: true },
      /\/http\/host 0\.0\.0\.0: other machines could call, and no key counts .*shield keys add/,
    ],
    [
      "without its certificate",
      { port: 0, tls: { cert_file: "/nowhere/a.crt", key_file: "/nowhere/a.key" } },
      /\/http\/tls\/cert_file \/nowhere\/a\.crt: there is no such file/,
    ],
    [
      "with every address as a proxy",
      { trusted_proxies: ["0.0.0.0/0"] },
      /\/http\/trusted_proxies\/0/,
    ],
  ])("does not listen %s", async (_, http, message) => {
    const { path } = await deployment({ http });
    const { code, stderr } = await shield("serve", "--config", path);
    expect(stderr).toMatch(message);
    expect(code).toBe(7);
  });

  it("writes the log as text with log.format pretty, down to the last line", async () => {
    const { folder, path } = await deployment({ log: { level: "info", format: "pretty" } });
    await makeKeys(join(folder, "keys.json"));
    const { child, log } = await serveProcess(path);
    child.kill("SIGHUP");
    child.kill("SIGTERM");
    await once(child, "close");
    expect(log()).toMatch(/INFO: the keys were read/);
    expect(log()).not.toMatch(/^\{/m);
  });
});
