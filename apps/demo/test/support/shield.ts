/** Runs the built `shield` command as a person would: as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Entry, Outcome, Summary } from "../../src/timeline/entries.js";

const CLI = join(import.meta.dirname, "..", "..", "dist", "cli.js");

/** How a run ended. */
export type Run = Readonly<{ code: number | null; stdout: string; stderr: string }>;

/** Starts `shield`; `ended` resolves when it is gone. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Run> } {
  if (!existsSync(CLI)) throw new Error("build first: pnpm exec turbo run build");
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Run>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs `shield` to its end. */
export const shield = (...args: readonly string[]): Promise<Run> => start(args).ended;

/** The entries of a `--json` run; a last line that was cut is left out. */
export const entriesOf = ({ stdout }: Run): Entry[] =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);

/** Outcomes of the withdrawals, in order. */
export const outcomesOf = (entries: readonly Entry[]): Outcome[] =>
  entries.flatMap((entry) => (entry.type === "withdrawal" ? [entry.outcome] : []));

/** The summary of the last scenario. */
export function summaryOf(entries: readonly Entry[]): Summary {
  const last = entries.at(-1);
  if (last?.type !== "summary") throw new Error("the run has no summary");
  return last.summary;
}
