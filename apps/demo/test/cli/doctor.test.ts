import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasLitecoind, startNode } from "@dgb-shield/testkit/litecoind";
import { shield } from "../support/shield.js";

const hasNode = hasLitecoind();
const root = mkdtempSync(join(tmpdir(), "shield-doctor-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

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
