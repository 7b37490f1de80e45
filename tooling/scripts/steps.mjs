/** Steps of the two README commands: each is one command, timed, its output shown when it matters. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const { packageManager, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const PNPM = ["--yes", "--loglevel=error", packageManager];
const ENVIRONMENT = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Ends the process with one clear line where this Node is too old, or lacks a security fix of its line. */
export function requireNode() {
  if (engines.node.split(" || ").some((range) => isWithin(process.versions.node, range))) return;
  console.error(
    `Node ${engines.node} is needed; this is ${process.version}. Install Node 24 from https://nodejs.org`,
  );
  process.exit(2);
}

/** Whether a version lies within `^a.b.c` (of that major version) or `>=a.b.c`. */
function isWithin(version, range) {
  const [, kind, wanted] = /^(\^|>=)(\d+\.\d+\.\d+)$/.exec(range);
  const [have, least] = [version, wanted].map((text) => text.split(".").map(Number));
  const differs = have.findIndex((part, at) => part !== least[at]);
  if (kind === "^" && differs === 0) return false;
  return differs === -1 || have[differs] > least[differs];
}

/**
 * Runs pnpm, in the version of this repository, to its end.
 *
 * @param {string[]} args arguments of pnpm
 * @param {import("node:child_process").StdioOptions} stdio where its output goes; by default it is returned
 */
export const pnpm = (args, stdio = ["ignore", "pipe", "pipe"]) =>
  spawnSync("npx", [...PNPM, ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
    shell: process.platform === "win32",
    stdio,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });

/**
 * Runs one step through pnpm and says how long it took.
 *
 * @param {string} title what the reader sees
 * @param {string[]} args arguments of pnpm
 * @param {{ show?: boolean }} options `show`: let the output through instead of keeping it for a failure
 * @returns {boolean} whether it succeeded
 */
export function step(title, args, { show = false } = {}) {
  const begun = Date.now();
  process.stderr.write(show ? `${title} …\n` : `${title} … `);
  const stdio = ["ignore", show ? 2 : "pipe", show ? "inherit" : "pipe"];
  const { status, stdout, stderr, error } = pnpm(args, stdio);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const passed = status === 0;
  process.stderr.write(`${show ? `${title}: ` : ""}${passed ? "done" : "FAILED"} (${seconds} s)\n`);
  if (!passed && !show) process.stderr.write(`${error ?? ""}${stdout ?? ""}${stderr ?? ""}\n`);
  return passed;
}

/** Whether Node brings SQLite (22.16, 24): then nothing has to be compiled. */
const hasNodeSqlite = Object.hasOwn(
  process.getBuiltinModule("node:sqlite")?.StatementSync.prototype ?? {},
  "setReturnArrays",
);

/** Installs exactly what the lockfile names. */
export const install = () =>
  step("Installing (a minute or two the first time)", [
    "install",
    "--frozen-lockfile",
    ...(hasNodeSqlite ? ["--ignore-scripts"] : []),
  ]);

/** Builds every package that changed. */
export const build = () =>
  step("Building", ["exec", "turbo", "run", "build", "--output-logs=errors-only"]);
