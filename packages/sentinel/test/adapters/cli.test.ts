import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/adapters/cli/run.js";
import { readCompactRecording } from "../../src/index.js";

const RECORDING = join(import.meta.dirname, "../../recordings/digibyte-core-8.22-regtest.jsonl");
const folder = mkdtempSync(join(tmpdir(), "sentinel-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sentinel(args: string[], isTTY = false) {
  let [out, err, now] = ["", "", 0];
  const code = run(args, {
    stdout: (text) => (out += text),
    stderr: { isTTY, write: (text) => (err += text), nowMs: () => (now += 60) },
  });
  return { code, out, err };
}

describe("sentinel replay", () => {
  it("prints what it found, and says by its exit code that it did", () => {
    const { code, out, err } = sentinel(["replay", RECORDING]);
    expect(code).toBe(1);
    expect(err).toBe("");
    expect(out).toContain("digibyte_regtest, regtest-8.22: 296 blocks in 340 observations\n");
    expect(out).toContain("critical 0.99  retired_algorithm:2001\n");
    expect(out).toContain('at height 2001, 1 blocks and 13 s into "groestl"');
  });

  it("reads the same from a gzipped file", () => {
    const zipped = join(folder, "recording.jsonl.gz");
    writeFileSync(zipped, gzipSync(readFileSync(RECORDING)));
    expect(sentinel(["replay", zipped]).out).toBe(sentinel(["replay", RECORDING]).out);
  });

  it.each([
    ["recording.bom.jsonl", () => readFileSync(RECORDING, "utf8"), "retired_algorithm:2001"],
    [
      "headers.csv",
      () =>
        [
          "height,hash,previous_hash,version,time_s",
          `9112321,${"b".repeat(64)},${"a".repeat(64)},1024,1782664805`,
        ].join("\n"),
      "retired_algorithm:9112321",
    ],
  ])(
    "reads %s behind a byte order mark, with Windows line ends, zipped or not",
    (name, text, id) => {
      const content = `\uFEFF${text().replaceAll("\n", "\r\n")}`;
      const [plain, zipped] = [join(folder, name), join(folder, `${name}.gz`)];
      writeFileSync(plain, content);
      writeFileSync(zipped, gzipSync(content));
      expect(sentinel(["replay", plain])).toMatchObject({ code: 1, err: "" });
      expect(sentinel(["replay", plain]).out).toContain(id);
      expect(sentinel(["replay", zipped]).out).toBe(sentinel(["replay", plain]).out);
    },
  );

  it("gives one JSON object with --json", () => {
    const { out } = sentinel(["replay", RECORDING, "--json"]);
    expect(JSON.parse(out)).toMatchObject({ blocks: 296, level: "critical" });
  });

  it("finds nothing in an honest half day", () => {
    const file = join(folder, "honest.jsonl");
    expect(sentinel(["simulate", "honest", "--blocks", "2000", "--out", file]).code).toBe(0);
    const { code, out } = sentinel(["replay", file]);
    expect(out).toContain("worst level: normal\nnothing found\n");
    expect(code).toBe(0);
  });

  it("draws a bar on a terminal and takes it away", () => {
    const { err } = sentinel(
      ["report", "--seeds", "1", "--years", "1", "--recording", "none"],
      true,
    );
    expect(err).toContain("ENOENT");
    const file = join(folder, "attack.jsonl");
    sentinel(["simulate", "retired-algorithm", "--out", file]);
    const bar = sentinel(["replay", file], true).err;
    expect(bar).toMatch(/\[█+─*\] +\d+ % \d+ blocks/);
    expect(bar.endsWith("\r\u001b[2K")).toBe(true);
  });

  it.each([
    ["no such file", ["replay", join(folder, "none")], 3, "ENOENT"],
    ["a file that is none", ["replay", import.meta.filename], 3, "cli.test.ts, line 1: "],
    ["a folder", ["replay", folder], 3, "EISDIR"],
    ["no file", ["replay"], 2, "give one FILE"],
    ["two files", ["replay", "a", "b"], 2, "give one FILE"],
    [
      "an unknown chain",
      ["replay", "a", "--chain", "doge"],
      2,
      'no chain "doge"; there are digibyte',
    ],
    ["an unknown format", ["replay", "a", "--format", "xml"], 2, "recording, csv, jsonl"],
    ["an unknown option", ["replay", "a", "--fast"], 2, "--fast"],
    ["an unknown command", ["watch"], 2, "no command watch"],
    ["nothing", [], 2, "no command given"],
    ["an unknown simulation", ["simulate", "x"], 2, "there are honest, retired-algorithm"],
    ["a seed that is none", ["simulate", "honest", "--seed", "-1"], 2, "--seed"],
    ["no blocks", ["simulate", "honest", "--blocks", "0"], 2, "whole number from 1"],
    ["too many years", ["report", "--years", "1e3"], 2, "whole number from 1 to 100"],
    ["a word to report", ["report", "x"], 2, "unknown: x"],
  ])("refuses %s in one line", (_, args, exit, message) => {
    const { code, out, err } = sentinel(args);
    expect({ code, out }).toEqual({ code: exit, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it.each([["--help"], ["replay", "--help"]])("explains itself: %s", (...args) => {
    expect(sentinel(args)).toMatchObject({ code: 0, err: "" });
    expect(sentinel(args).out).toMatch(/^Usage: sentinel <command>\n/);
  });
});

describe("sentinel simulate", () => {
  it("writes a recording that says that it is a simulation", () => {
    const { out } = sentinel(["simulate", "selfish-mining-45", "--blocks", "300", "--seed", "9"]);
    const { header } = readCompactRecording(out.split("\n"));
    expect(header).toMatchObject({ source: "simulation selfish-mining-45, seed 9" });
    expect(header.notes).toMatch(/^A simulation, not a recording\./);
  });
});

describe("the executable", () => {
  beforeAll(() =>
    build({
      config: false,
      entry: [join(import.meta.dirname, "../../src/adapters/cli/cli.ts")],
      outDir: folder,
      format: "esm",
      target: "node20",
      noExternal: [/.*/],
      outExtension: () => ({ js: ".mjs" }),
      silent: true,
      esbuildOptions(options) {
        options.conditions = ["@dgb-shield/source"];
      },
    }),
  );

  const piped = (command: string) =>
    spawnSync("bash", ["-c", `${command}; echo \${PIPESTATUS[*]}`], {
      encoding: "utf8",
      env: { ...process.env, SENTINEL: join(folder, "cli.mjs"), RECORDING },
    });
  const CLI = `"${process.execPath}" "$SENTINEL"`;

  it.each([
    ["simulate", `${CLI} simulate retired-algorithm --seed 7 | head -c 100 > /dev/null`, "0 0"],
    ["replay", `${CLI} replay "$RECORDING" --json | head -c 1 > /dev/null`, "1 0"],
    ["--help", `${CLI} --help | true`, "0 0"],
    ["an error", `${CLI} replay none 2>&1 > /dev/null | true`, "3 0"],
  ])("ends quietly when its reader has enough: %s", (_, command, codes) => {
    const { stderr, stdout } = piped(command);
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe(codes);
  });

  it("says that standard output cannot be written, and ends with the code of files", () => {
    if (process.platform !== "linux") return;
    const { stderr, stdout } = piped(`${CLI} simulate honest --blocks 300 > /dev/full`);
    expect(stderr).toMatch(/^sentinel: standard output: .*ENOSPC/);
    expect(stdout.trim()).toBe("3");
  });

  it("reads gzip from standard input", () => {
    const { stdout } = spawnSync(process.execPath, [join(folder, "cli.mjs"), "replay", "-"], {
      input: gzipSync(readFileSync(RECORDING)),
      encoding: "utf8",
    });
    expect(stdout).toContain("retired_algorithm:2001");
  });

  it("reads standard input and ends with the code of what it found", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(folder, "cli.mjs"), "replay", "-"],
      { input: readFileSync(RECORDING), encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(stdout).toContain("retired_algorithm:2001");
    expect(status).toBe(1);
  });
});
