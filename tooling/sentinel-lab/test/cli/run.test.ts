import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readCompactRecording } from "@dgb-shield/sentinel";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayRecordingFile } from "../../src/cli/recording-file.js";
import { run } from "../../src/cli/run.js";
import { RECORDING } from "../support/recording.js";

const folder = mkdtempSync(join(tmpdir(), "sentinel-lab-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lab(args: string[], isTTY = false) {
  let [out, err, now] = ["", "", 0];
  const code = run(args, {
    stdout: (text) => (out += text),
    stderr: { isTTY, write: (text) => (err += text), nowMs: () => (now += 60) },
  });
  return { code, out, err };
}

describe("simulate", () => {
  it("writes a recording whose header names the simulation", () => {
    const { out } = lab(["simulate", "selfish-mining-45", "--blocks", "300", "--seed", "9"]);
    const { header } = readCompactRecording(out.split("\n"));
    expect(header).toMatchObject({ source: "simulation selfish-mining-45, seed 9" });
    expect(header.notes).toMatch(/^A simulation, not a recording\./);
  });

  it("writes an honest half day in which nothing is found", () => {
    const file = join(folder, "honest.jsonl");
    expect(lab(["simulate", "honest", "--blocks", "2000", "--out", file]).code).toBe(0);
    expect(replayRecordingFile(file)).toMatchObject({ findings: [], level: "normal" });
  });
});

describe("replayRecordingFile", () => {
  it("replays on the chain that the header names, zipped or not", () => {
    const zipped = join(folder, "recording.jsonl.gz");
    writeFileSync(zipped, gzipSync(readFileSync(RECORDING)));
    const result = replayRecordingFile(zipped);
    expect(result).toMatchObject({ chain: "digibyte_regtest", blocks: 296, level: "critical" });
    expect(replayRecordingFile(RECORDING)).toEqual(result);
  });
});

describe("report", () => {
  it("ends early where a recording cannot be read", () => {
    const { code, err } = lab(["report", "--seeds", "1", "--years", "1", "--recording", "none"]);
    expect(code).toBe(3);
    expect(err).toContain("ENOENT");
  });
});

describe("run", () => {
  it.each([
    ["a recording that is none", ["report", "--recording", import.meta.filename], 3, ", line 1: "],
    ["a folder", ["report", "--recording", folder], 3, "EISDIR"],
    ["an unknown option", ["report", "--fast"], 2, "--fast"],
    ["an unknown command", ["watch"], 2, "no command watch"],
    ["nothing", [], 2, "no command given"],
    ["an unknown simulation", ["simulate", "x"], 2, "there are honest, retired-algorithm"],
    ["no simulation", ["simulate"], 2, "give one of honest, retired-algorithm"],
    ["a seed that is none", ["simulate", "honest", "--seed", "-1"], 2, "--seed"],
    ["no blocks", ["simulate", "honest", "--blocks", "0"], 2, "whole number from 1"],
    ["too many years", ["report", "--years", "1e3"], 2, "whole number from 1 to 100"],
    ["a word to report", ["report", "x"], 2, "unknown: x"],
  ])("refuses %s in one line", (_, args, exit, message) => {
    const { code, out, err } = lab(args);
    expect({ code, out }).toEqual({ code: exit, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it.each([["--help"], ["simulate", "--help"]])("prints its usage: %s", (...args) => {
    expect(lab(args)).toMatchObject({ code: 0, err: "" });
    expect(lab(args).out).toMatch(/^Usage: /);
  });
});

describe("the executable", () => {
  beforeAll(() =>
    build({
      config: false,
      entry: [join(import.meta.dirname, "../../src/cli/cli.ts")],
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
      env: { ...process.env, LAB: join(folder, "cli.mjs") },
    });
  const CLI = `"${process.execPath}" "$LAB"`;

  it.each([
    ["simulate", `${CLI} simulate retired-algorithm --seed 7 | head -c 100 > /dev/null`, "0 0"],
    ["--help", `${CLI} --help | true`, "0 0"],
    ["an error", `${CLI} report --recording none 2>&1 > /dev/null | true`, "3 0"],
  ])("ends quietly when the pipe that it writes to is closed: %s", (_, command, codes) => {
    const { stderr, stdout } = piped(command);
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe(codes);
  });

  it("reports that standard output cannot be written, and ends with the code of files", () => {
    if (process.platform !== "linux") return;
    const { stderr, stdout } = piped(`${CLI} simulate honest --blocks 300 > /dev/full`);
    expect(stderr).toMatch(/^sentinel-lab: standard output: .*ENOSPC/);
    expect(stdout.trim()).toBe("3");
  });
});
