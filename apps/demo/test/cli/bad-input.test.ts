import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { shield } from "../support/shield.js";

const folder = mkdtempSync(join(tmpdir(), "shield-bad-input-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shipped = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);
const recording = readFileSync(shipped);
const text = recording.toString();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = text.split("\n");

/** One poll of a raw recording. */
const RAW_HASH = "ab".repeat(32);
const RAW = [
  [
    "getblockchaininfo",
    {
      chain: "regtest",
      blocks: 1,
      headers: 1,
      bestblockhash: RAW_HASH,
      initialblockdownload: false,
    },
  ],
  ["getbestblockhash", RAW_HASH],
  [
    "getblockheader",
    {
      hash: RAW_HASH,
      height: 1,
      version: 0x20000000,
      time: 1_780_030_000,
      previousblockhash: "cd".repeat(32),
      nonce: 0,
      bits: "207fffff",
    },
  ],
  ["getblock", { hash: RAW_HASH, height: 1, tx: [] }],
  ["getchaintips", [{ height: 1, hash: RAW_HASH, branchlen: 0, status: "active" }]],
  ["getmempoolinfo", { size: 0, bytes: 0 }],
]
  .map(([method, result], seq) =>
    JSON.stringify({ seq, time: 1_780_030_060, label: "baseline", method, params: [], result }),
  )
  .join("\n");

describe("shield demo with a bad recording", () => {
  it.each<[string, string]>([
    ["that is not there", join(folder, "missing.jsonl")],
    ["that is a folder", folder],
    ["that is empty", file("empty.jsonl", "")],
    ["cut in the middle of a line", file("cut.jsonl", text.slice(0, text.length / 2))],
    ["that lacks its last line", file("short.jsonl", `${lines.slice(0, -2).join("\n")}\n`)],
    ["with a line taken out", file("gap.jsonl", lines.filter((_, i) => i !== 50).join("\n"))],
    ["that is JSON of something else", file("foreign.jsonl", '{"hello":"world"}\n')],
    ["that is no JSON", file("plain.jsonl", "not a recording\n")],
    ["that is binary", file("binary.jsonl", Uint8Array.of(0xff, 0xfe, 0x00))],
    ["that is broken gzip", file("broken.gz", gzipSync(recording).subarray(0, 500))],
    ["of a later version", file("later.jsonl", text.replace('"version":1', '"version":3'))],
  ])("refuses one %s: one line, exit code 3, nothing written", async (_, path) => {
    const data = join(folder, "data");
    const { code, stdout, stderr } = await shield(
      "demo",
      "--recording",
      path,
      "--data",
      data,
      "--once",
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/^shield: .+\n$/);
    expect(stderr).toContain(path);
    expect(stdout).toBe("");
    expect(existsSync(data)).toBe(false);
  });

  it("plays a good one from a file, gzipped too, with no caption or order that is not its own", async () => {
    const path = file("good.jsonl.gz", gzipSync(recording));
    const { code, stdout } = await shield("demo", "--recording", path, "--once");
    expect(code).toBe(0);
    expect(stdout).toContain("RECORDING");
    expect(stdout).toContain("chain: digibyte_regtest");
    expect(stdout).not.toMatch(/operator releases/);
    expect(stdout).not.toContain("regtest retires Groestl");
  });

  it("judges a recording by the chain that its header names", async () => {
    const path = file("other.jsonl", text.replace('"digibyte_regtest"', '"litecoin_regtest"'));
    const { code, stdout } = await shield("demo", "--recording", path, "--once");
    expect(code).toBe(0);
    expect(stdout).toContain("chain: litecoin_regtest");
    expect(stdout).toContain(" LTC ");
    expect(stdout).not.toContain("retired_algorithm");
  });

  it.each<[string, string[], RegExp]>([
    ["of an unknown chain", [], /is of dogecoin; known is one of/],
    ["of another chain than is given", ["--chain", "bitcoin"], /is of dogecoin, not of bitcoin/],
  ])("refuses one %s", async (_, args, message) => {
    const path = file("dogecoin.jsonl", text.replace('"digibyte_regtest"', '"dogecoin"'));
    const { code, stderr } = await shield("demo", "--recording", path, "--once", ...args);
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
  });

  it("requires the chain of a raw recording, which names none", async () => {
    const path = file("raw.jsonl", RAW);
    const unnamed = await shield("demo", "--recording", path, "--once");
    expect([unnamed.code, unnamed.stderr]).toEqual([3, expect.stringContaining("add --chain")]);
    const named = await shield(
      "demo",
      "--recording",
      path,
      "--once",
      "--chain",
      "litecoin_regtest",
    );
    expect([named.code, named.stderr]).toEqual([0, expect.anything()]);
    expect(named.stdout).toContain("chain: litecoin_regtest");
  });
});

describe("shield with wrong usage", () => {
  it.each([
    [
      ["demo", "no-such-scenario", "--once"],
      /there is no scenario "no-such-scenario"; choose one of/,
    ],
    [["demo", "__proto__", "--once"], /there is no scenario/],
    [["demo", "--speed", "0"], /above 0/],
    [["demo", "--port", "70000"], /port from 0 to 65535/],
    [["demo", "--unknown"], /unknown option/],
    [["demo", "gw-sim-001", "--recording", "x"], /is played by itself/],
    [["demo", "--chain", "litecoin"], /goes with --recording/],
    [["demo", "--recording", "x", "--chain", "dogecoin"], /Allowed choices are/],
    [["nonsense"], /unknown command/],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, stderr, stdout } = await shield(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
  });

  it("explains itself", async () => {
    const { code, stdout } = await shield("demo", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("groestl-2026");
    expect(stdout).toContain("Exit codes");
  });
});

describe("shield demo with a bad data folder", () => {
  it.each([
    ["that is a file", () => file("a-file", "")],
    ["below a file", () => join(file("b-file", ""), "below")],
    ["that no one can write", () => "/proc/shield-data"],
  ])("refuses one %s: one line, exit code 4", async (_, make) => {
    const path = make();
    const { code, stderr, stdout } = await shield("demo", "gw-sim-001", "--once", "--data", path);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^shield: cannot write to .+\n$/);
    expect(stdout).toBe("");
  });

  it.skipIf(!hasSqlite)("refuses a ledger that is none, and leaves it as it was", async () => {
    const data = join(folder, "foreign-ledger");
    execFileSync("mkdir", ["-p", join(data, "gw-sim-001")]);
    const path = join(data, "gw-sim-001", "ledger.sqlite");
    writeFileSync(path, "this is not a database, but somebody's notes\n".repeat(100));
    const before = readFileSync(path);
    const { code, stderr } = await shield("demo", "gw-sim-001", "--once", "--data", data);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^shield: .+\n$/);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(data, "gw-sim-001"))).toEqual(["ledger.sqlite"]);
  });
});
