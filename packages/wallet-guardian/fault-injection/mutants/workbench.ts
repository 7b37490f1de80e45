/** A copy of the package in a folder of its own, in which mutants are made; the working tree stays as it is. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Mutant } from "./mutants.js";

/** What a test file or a case came to: the first failure, or null. */
export type Look = Readonly<{ failure: string | null }> | Readonly<{ trouble: string }>;

/** A copy to work on. */
export type Workbench = Readonly<{
  /** @throws Error where the source does not have the text exactly once */
  mutate(mutant: Mutant): void;
  restore(mutant: Mutant): void;
  /** Runs a test file until its first failure. */
  test(file: string): Look;
  /** Builds the matrix of the copy as it is now. */
  build(): Look;
  /** Runs one short case on SQLite; the matrix has to be built. */
  run(name: string): Look;
  remove(): void;
}>;

const COPIED = [
  "src",
  "test",
  "fault-injection",
  "vectors",
  "bench",
  "package.json",
  "tsconfig.json",
];
const LINKED = ["node_modules", "tooling", "tsconfig.base.json"];
const TIMEOUT_MS = 180_000;

/** Copies a package, and links what it depends on. */
export function newWorkbench(packageFolder: string): Workbench {
  const root = resolve(packageFolder, "../..");
  const top = mkdtempSync(join(tmpdir(), "guardian-mutants-"));
  const folder = join(top, "packages/wallet-guardian");
  mkdirSync(folder, { recursive: true });
  for (const name of [...COPIED, "vitest.config.ts", "README.md"]) {
    cpSync(join(packageFolder, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(packageFolder, "node_modules"), join(folder, "node_modules"));
  for (const name of LINKED) symlinkSync(join(root, name), join(top, name));
  // The working tree may change meanwhile.
  const originals = join(top, "originals");
  cpSync(join(folder, "src"), originals, { recursive: true });
  const call = (program: string, args: readonly string[]) =>
    spawnSync(program, args, { cwd: folder, encoding: "utf8", timeout: TIMEOUT_MS });
  const bin = (name: string) => join(folder, "node_modules/.bin", name);
  return {
    mutate({ file, search, replace }) {
      const text = readFileSync(join(originals, file), "utf8");
      const parts = text.split(search);
      if (parts.length !== 2) {
        throw new Error(`src/${file} has ${parts.length - 1} times: ${search}`);
      }
      writeFileSync(join(folder, "src", file), parts.join(replace));
    },
    restore({ file }) {
      cpSync(join(originals, file), join(folder, "src", file));
    },
    test: (file) =>
      testResult(call(bin("vitest"), ["run", `test/${file}`, "--bail", "1", "--reporter", "json"])),
    build: () => buildResult(call(bin("tsup"), BUILD)),
    run: (name) => caseResult(call(process.execPath, [MAIN, ...SHORT, "--only", name])),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

const OUT = ".bench/fault-injection";
const MAIN = `${OUT}/main.js`;
const BUILD = [
  ...["fault-injection/main.ts", "fault-injection/worker.ts", "--no-config", "--format", "esm"],
  ...["--target", "node20", "--out-dir", OUT, "--silent"],
];
const SHORT = ["--short", "--ledger", "sqlite", "--json"];

type Ended = Readonly<{ status: number | null; stdout: string; stderr: string }>;

const troubleOf = ({ stdout, stderr }: Ended): Look => ({
  trouble: `${stdout.slice(-300)}\n${stderr.slice(-600)}`,
});

const buildResult = (ended: Ended): Look =>
  ended.status === 0 ? { failure: null } : troubleOf(ended);

type TestReport = Readonly<{
  numTotalTests: number;
  testResults: readonly Readonly<{
    assertionResults: readonly Readonly<{ status: string; fullName: string }>[];
  }>[];
}>;

function testResult(ended: Ended): Look {
  const begins = ended.stdout.indexOf("{");
  if (begins < 0) return troubleOf(ended);
  const report = JSON.parse(ended.stdout.slice(begins)) as TestReport;
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.find(({ status }) => status === "failed");
  // A file that could not be loaded proves nothing.
  if (failed === undefined && (ended.status !== 0 || report.numTotalTests === 0)) {
    return troubleOf(ended);
  }
  return { failure: failed?.fullName ?? null };
}

function caseResult(ended: Ended): Look {
  const begins = ended.stdout.indexOf("[");
  if (begins < 0) return troubleOf(ended);
  const lines = JSON.parse(ended.stdout.slice(begins)) as readonly { faults: readonly string[] }[];
  if (lines.length === 0) return { trouble: "no such case" };
  return { failure: lines.flatMap(({ faults }) => faults)[0] ?? null };
}
