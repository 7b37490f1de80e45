import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { loadConfig } from "../../src/service/config/load.js";
import { readKeyFile } from "../../src/service/keys/key-file.js";
import { createKeyring } from "../../src/service/keys/keyring.js";
import { shield, start } from "../support/shield.js";

const hasNode = hasLitecoind();
const root = mkdtempSync(join(tmpdir(), "shield-init-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const newFolder = (): string => join(root, String(++count));

const nodes: RegtestNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.remove()));
});

describe("shield init", () => {
  it("makes configuration, private folder, ledger and three keys, and then overwrites nothing", async () => {
    const dir = newFolder();
    const { code, stdout } = await shield("init", "--dir", dir, "--chain", "litecoin", "--yes");
    expect(code).toBe(0);
    const reading = loadConfig({ file: join(dir, "shield.yaml"), env: {}, flags: [], cwd: dir });
    expect(reading).toMatchObject({
      ok: true,
      config: { mode: "observe", data_dir: join(dir, "shield-data") },
    });
    expect(statSync(join(dir, "shield-data")).mode & 0o777).toBe(0o700);
    expect(existsSync(join(dir, "shield-data", "ledger.sqlite"))).toBe(true);
    const path = join(dir, "shield-data", "keys.json");
    const ring = createKeyring({ path, monotonic: () => 0 });
    const tokens = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ +/));
    for (const [role, token = ""] of tokens) {
      expect(ring.authenticate(token, Date.now())?.role).toBe(role);
    }
    expect(tokens.map(([role]) => role)).toEqual(["operator", "wallet", "reader"]);
    const before = readFileSync(path, "utf8");
    const again = await shield("init", "--dir", dir, "--yes");
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("is set up already; nothing was changed");
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("makes no new ledger in the place of one that a deployment has lost", async () => {
    const dir = newFolder();
    await shield("init", "--dir", dir, "--yes");
    const ledger = join(dir, "shield-data", "ledger.sqlite");
    rmSync(ledger);
    const { code, stderr } = await shield("init", "--dir", dir, "--yes");
    expect(code).toBe(2);
    expect(stderr).toContain("A ledger that is missing: restore it");
    expect(existsSync(ledger)).toBe(false);
  });

  it("completes what a killed run has begun", async () => {
    const dir = newFolder();
    for (const afterMs of [150, 350, 600]) {
      const { child, ended } = start(["init", "--dir", dir, "--yes"]);
      await sleep(afterMs);
      child.kill("SIGKILL");
      await ended;
    }
    const last = await shield("init", "--dir", dir, "--yes");
    // The last kill may have come after everything was made.
    if (last.code !== 0) expect(last.stderr).toContain("is set up already");
    expect(readKeyFile(join(dir, "shield-data", "keys.json"))).toHaveLength(3);
    expect((await shield("config", "check", "--config", join(dir, "shield.yaml"))).code).toBe(0);
  });

  it("asks for --yes where no person can answer, and writes nothing", async () => {
    const dir = newFolder();
    const { code, stderr } = await shield("init", "--dir", dir);
    expect([code, existsSync(dir)]).toEqual([2, false]);
    expect(stderr).toContain("add --yes");
  });

  it("says what it cannot make", async () => {
    const { code, stderr } = await shield("init", "--dir", "/proc/none", "--yes");
    expect(code).toBe(4);
    expect(stderr).toContain("cannot make the folder");
  });

  it.skipIf(!hasNode)(
    "finds the chain of a node, and stops at one that does not answer",
    async () => {
      const node = await startNode();
      nodes.push(node);
      const dir = newFolder();
      const args = ["--node", `a=${node.url}`, "--cookie", node.cookieFile, "--yes"];
      expect((await shield("init", "--dir", dir, ...args)).code).toBe(0);
      const reading = loadConfig({ file: join(dir, "shield.yaml"), env: {}, flags: [], cwd: dir });
      expect(reading).toMatchObject({
        config: { chain: { name: "litecoin_regtest" }, nodes: [{ node_id: "a", url: node.url }] },
      });
      await node.end();
      const { code, stderr } = await shield("init", "--dir", newFolder(), ...args);
      expect(code).toBe(2);
      expect(stderr).toContain("a does not answer");
    },
  );
});

describe("shield config check", () => {
  it("lists everything that is wrong and ends with 7; secrets are not shown where nothing is", async () => {
    const file = join(root, "wrong.yaml");
    writeFileSync(file, "config_version: 1\npoll_ms: 1\nmode: x\n");
    const wrong = await shield("config", "check", "--config", file);
    expect(wrong.code).toBe(7);
    expect(wrong.stderr).toContain(
      "wrong.yaml:2:1 /poll_ms: it cannot be used: give a whole number",
    );
    expect(wrong.stderr).toContain("7 things are wrong");
    const dir = newFolder();
    await shield("init", "--dir", dir, "--yes");
    const environment = {
      SHIELD_LEDGER_KIND: "postgres",
      SHIELD_LEDGER_URL: "postgres://user:geheim@127.0.0.1/db",
    };
    const args = ["config", "check", "--json", "--config", join(dir, "shield.yaml")];
    const { code, stdout } = await start(args, environment).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      config: { ledger: { url: "postgres://127.0.0.1/db" } },
    });
    expect(stdout).not.toContain("geheim");
  });
});

describe("shield keys", () => {
  it("prints a token alone, lists, rotates and revokes", async () => {
    const file = join(root, "keys.json");
    const at = ["--keys-file", file];
    const add = ["keys", "add", "--role", "wallet", "--name", "backend", "--wallet", "hot-1"];
    const added = await shield(...add, "--create", ...at);
    expect(added.stdout).toMatch(/^shd_[0-9a-f]{12}_[\w-]{43}\n$/);
    const id = added.stdout.slice(4, 16);
    expect((await shield("keys", "rotate", id, "--overlap", "1h", ...at)).code).toBe(0);
    expect((await shield("keys", "revoke", id, ...at)).stdout).toContain("is revoked");
    const list = await shield("keys", "list", "--json", ...at);
    const [old, kept] = JSON.parse(list.stdout) as { id: string; revoked_at_ms: number | null }[];
    expect([old?.id, kept?.revoked_at_ms]).toEqual([id, null]);
    expect(old?.revoked_at_ms).toBeLessThanOrEqual(Date.now());
    expect(list.stdout).not.toContain("hash");
    expect((await shield("keys", "revoke", "0", ...at)).stderr).toContain("there is no key 0");
  });

  it.each([
    [
      "a reporter without nodes",
      ["--role", "reporter", "--name", "x"],
      "a reporter needs --operator",
    ],
    [
      "a reader with a site",
      ["--role", "reader", "--name", "x", "--operator", "b"],
      "of a reporter alone",
    ],
    ["a name of blanks", ["--role", "reader", "--name", " "], "give 1 to 128 characters"],
  ])("refuses %s", async (_, args, expected) => {
    const { code, stderr } = await shield(
      "keys",
      "add",
      ...args,
      "--keys-file",
      join(root, "none"),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
  });
});
