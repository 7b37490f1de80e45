/** `shield replay`, called in this process; `Command` itself is tested with the other commands. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { replayCommand, type ReplayCommandOptions } from "../../src/cli/replay.js";
import { CommandError, EXIT } from "../../src/errors.js";

const RECORDING = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);
const folder = mkdtempSync(join(tmpdir(), "shield-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function replay(file: string, options: Partial<ReplayCommandOptions> = {}, isTTY = false) {
  let [out, err] = ["", ""];
  const code = replayCommand(
    file,
    { nodeId: "replayed-node", atOnce: 1, json: false, ...options },
    {
      stdout: { write: (text) => Boolean((out += String(text))) },
      stderr: { isTTY, columns: 120, write: (text) => Boolean((err += String(text))) },
    },
  );
  return { code, out, err };
}

const HEADERS = [
  "height,hash,previous_hash,version,time_s",
  `9112321,${"b".repeat(64)},${"a".repeat(64)},1024,1782664805`,
].join("\n");

describe("replayCommand", () => {
  it("prints what was found, and exits with the code of findings", () => {
    const { code, out, err } = replay(RECORDING);
    expect({ code, err }).toEqual({ code: EXIT.found, err: "" });
    expect(out).toContain("digibyte_regtest, regtest-8.22: 296 blocks in 340 observations\n");
    expect(out).toContain("critical 0.99  retired_algorithm:2001\n");
    expect(out).toContain('at height 2001, 1 blocks and 13 s into "groestl"');
  });

  it("gives one JSON object where it is asked for", () => {
    expect(JSON.parse(replay(RECORDING, { json: true }).out)).toMatchObject({
      blocks: 296,
      level: "critical",
    });
  });

  it.each([
    ["recording.bom.jsonl", readFileSync(RECORDING, "utf8"), "retired_algorithm:2001"],
    ["headers.csv", HEADERS, "retired_algorithm:9112321"],
  ])(
    "reads %s behind a byte order mark, with Windows line ends, zipped or not",
    (name, text, id) => {
      const content = `\uFEFF${text.replaceAll("\n", "\r\n")}`;
      const [plain, zipped] = [join(folder, name), join(folder, `${name}.gz`)];
      writeFileSync(plain, content);
      writeFileSync(zipped, gzipSync(content));
      expect(replay(plain).out).toContain(id);
      expect(replay(zipped).out).toBe(replay(plain).out);
    },
  );

  it("finds nothing where there is nothing to find", () => {
    const file = join(folder, "quiet.csv");
    writeFileSync(file, HEADERS.replace("1024", "512"));
    const { code, out } = replay(file);
    expect(out).toContain("worst level: normal\nnothing found\n");
    expect(code).toBe(EXIT.done);
  });

  const shipped = (name: string) => join(dirname(RECORDING), `${name}.jsonl.gz`);
  /** A raw recording of one poll and of the software of its node. */
  function raw(name: string, software: string | undefined, info: object = {}): string {
    const hash = "ab".repeat(32);
    const answers: [string, unknown][] = [
      ["getblockchaininfo", { chain: "regtest", initialblockdownload: false, ...info }],
      ["getbestblockhash", hash],
      ["getblockheader", { hash, height: 700, version: 0x2000_0402, time: 1_780_030_000 }],
      ["getblock", {}],
      ["getchaintips", []],
      ["getmempoolinfo", { size: 0, bytes: 0 }],
      ...(software === undefined ? [] : [["getnetworkinfo", { subversion: software }] as never]),
    ];
    const file = join(folder, name);
    const line = ([method, result]: [string, unknown], seq: number) =>
      JSON.stringify({ seq, time: 1_780_030_001, label: "x", method, params: [], result });
    writeFileSync(file, answers.map(line).join("\n"));
    return file;
  }
  const ALGORITHMS = { difficulties: { scrypt: 1 } };

  it.each([
    ["litecoind-0.21-regtest-clock-back", "litecoin_regtest, ltc-edge-a"],
    ["digibyte-core-8.22-regtest-split-b", "digibyte_regtest, dgb-split-b"],
  ])("judges %s by the chain that it is of", (name, first) => {
    expect(replay(shipped(name)).out).toContain(first);
  });

  it.each([
    ["/DigiByte:8.22.0/", "digibyte_regtest,", "nothing found"],
    ["/DigiByte:9.26.5/", "digibyte_regtest_26,", "retired_algorithm:700"],
  ])("judges a raw recording of %s by its own regtest", (software, chain, found) => {
    const { out } = replay(raw("dgb.jsonl", software, ALGORITHMS));
    expect(out).toContain(chain);
    expect(out).toContain(found);
  });

  it("asks for the chain where it is ambiguous, with those that fit", () => {
    const file = raw("ambiguous.jsonl", undefined, ALGORITHMS);
    const advice = "choose one of digibyte_regtest, digibyte_regtest_26; add --chain";
    expect(() => replay(file)).toThrow(advice);
    expect(replay(file, { chain: "digibyte_regtest_26" }).out).toContain("digibyte_regtest_26,");
  });

  it.each([
    [RECORDING, "digibyte_regtest, not of digibyte"],
    [shipped("litecoind-0.21-regtest-clock-back"), "litecoin_regtest, not of digibyte"],
  ])("refuses %s as DigiByte's mainnet, naming both", (file, message) => {
    expect(() => replay(file, { chain: "digibyte" })).toThrow(CommandError);
    expect(() => replay(file, { chain: "digibyte" })).toThrow(message);
  });

  it("draws a progress bar on a terminal and takes it away", () => {
    const file = join(folder, "long.csv");
    const rows = Array.from({ length: 600 }, (_, i) => {
      const [hash, below] = [i + 1, i].map((n) => n.toString(16).padStart(64, "0"));
      return `${23_800_000 + i},${hash},${below},512,${1_790_000_000 + 15 * i}`;
    });
    writeFileSync(file, [HEADERS.split("\n")[0], ...rows].join("\n"));
    const { err } = replay(file, {}, true);
    expect(err).toMatch(/\[█*─*\] +\d+ % 500 blocks/);
    expect(err.endsWith("\r\u001b[2K")).toBe(true);
  });

  it.each([
    ["a missing file", join(folder, "none"), "ENOENT"],
    ["a file that is no recording", import.meta.filename, "line 1: "],
    ["a folder", folder, "EISDIR"],
  ])("refuses %s in one line that names it", (_, file, message) => {
    expect(() => replay(file)).toThrow(CommandError);
    expect(() => replay(file)).toThrow(message);
  });
});
