/** Steps of the two README commands: each is one command, timed, its output shown when it matters. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const PNPM = ["--yes", "--loglevel=error", packageManager];
const ENVIRONMENT = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Versions with the fix of CVE-2026-21717 (SECURITY.md); `engines` states the oldest alone. */
const FIXED = ["^20.20.2", "^22.22.2", ">=24.14.1"];

/** Ends the process with one clear line where this Node is too old, or lacks a security fix of its line. */
export function requireNode() {
  if (FIXED.some((range) => isWithin(process.versions.node, range))) return;
  console.error(
    `Node ${FIXED.join(" || ")} is needed; this is ${process.version}. Install Node 24 from https://nodejs.org`,
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

/** How `npx` is started, so that it runs pnpm in the version of this repository. */
const SPAWNED = { cwd: ROOT, env: ENVIRONMENT, shell: process.platform === "win32" };

/** Longest that one run of pnpm takes; what takes longer hangs, and fails. */
const PNPM_MS = 600_000;

/**
 * Runs pnpm to its end and returns its output; within a script of pnpm the same pnpm runs again, without npm in between.
 *
 * @param {string[]} args arguments of pnpm
 */
export function pnpm(args) {
  const options = { ...SPAWNED, encoding: "utf8", maxBuffer: 1 << 28, timeout: PNPM_MS };
  const own = process.env["npm_execpath"] ?? "";
  return /[\\/]pnpm\.[cm]?js$/.test(own)
    ? spawnSync(process.execPath, [own, ...args], { ...options, shell: false })
    : spawnSync("npx", [...PNPM, ...args], options);
}

/** Intervals at which a step shows that it is still running: on a terminal, and in a log. */
const REDRAW_MS = 1_000;
const LOG_MS = 15_000;

/**
 * Runs one step through pnpm and shows for how long it has been running.
 *
 * @param {string} title what the reader sees
 * @param {string[]} args arguments of pnpm
 * @param {{ show?: boolean, beside?: boolean }} options `show`: let the output through instead of keeping it for a
 *   failure; `beside`: other steps run at the same time, so that no line is redrawn
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function step(title, args, { show = false, beside = false } = {}) {
  const begun = Date.now();
  const progress = show || beside ? logLines(title) : progressOf(title, begun);
  const stdio = ["ignore", show ? 2 : "pipe", show ? "inherit" : "pipe"];
  const { passed, output } = await run(args, stdio);
  progress.end(`${passed ? "done" : "FAILED"} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  if (!passed) process.stderr.write(output);
  return passed;
}

/**
 * Runs lanes of steps at the same time, the steps of each lane one after the other.
 *
 * @param {[title: string, args: string[]][][]} lanes what each lane runs
 * @returns {Promise<boolean>} whether all steps succeeded
 */
export async function beside(...lanes) {
  const results = lanes.map(async (steps) => {
    const passed = [];
    for (const [title, args] of steps) passed.push(await step(title, args, { beside: true }));
    return passed.every(Boolean);
  });
  return (await Promise.all(results)).every(Boolean);
}

/** Steps that are running. A signal ends them all. */
const running = new Set();

function stop(signal) {
  for (const child of running) child.kill(signal);
  process.exit(130);
}

/** Starts pnpm; its output is kept in the order in which it came. A signal ends it as well. */
function run(args, stdio) {
  const child = spawn("npx", [...PNPM, ...args], { ...SPAWNED, stdio });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (one) => chunks.push(one));
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, stop);
  running.add(child);
  return new Promise((resolve) => {
    const end = (passed, more = "") => {
      running.delete(child);
      if (running.size === 0) for (const signal of SIGNALS) process.off(signal, stop);
      resolve({ passed, output: `${Buffer.concat(chunks).toString("utf8")}${more}\n` });
    };
    child.on("error", (error) => end(false, String(error)));
    child.on("close", (status) => end(status === 0));
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Shows the seconds of a step: one line that is redrawn on a terminal, a line now and then in a log. */
function progressOf(title, begun) {
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  if (!process.stderr.isTTY) {
    const lines = logLines(title);
    const timer = setInterval(() => process.stderr.write(`${title} … ${seconds()}\n`), LOG_MS);
    return { end: (result) => (clearInterval(timer), lines.end(result)) };
  }
  const draw = (text) => process.stderr.write(`\r${title} … ${text}\x1b[K`);
  draw("");
  const timer = setInterval(() => draw(seconds()), REDRAW_MS);
  return { end: (result) => (clearInterval(timer), draw(`${result}\n`)) };
}

/** Writes one line at the beginning of a step and one at its end. */
function logLines(title) {
  process.stderr.write(`${title} …\n`);
  return { end: (result) => void process.stderr.write(`${title}: ${result}\n`) };
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
