/** Ends a process that advances sequences, at any moment, and checks what was granted to it. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { hasNodeSqlite } from "@dgb-shield/vitest-config/sqlite";
import { build } from "esbuild";

/** A built program; `remove` when it is not needed any more. */
export type Program = Readonly<{ script: string; remove: () => void }>;

/** What the tests use for better-sqlite3 where Node brings SQLite: the addon may have no binary there. */
const STAND_IN = fileURLToPath(import.meta.resolve("@dgb-shield/vitest-config/node-sqlite"));

/** Builds `process.ts` for plain node, in a folder from where it finds its drivers. */
export async function buildProgram(): Promise<Program> {
  const folder = join(import.meta.dirname, "../../../.fuzz");
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, "sequence-"));
  const script = join(scratch, "process.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "process.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    alias: hasNodeSqlite ? { "better-sqlite3": STAND_IN } : {},
  });
  return { script, remove: () => rmSync(scratch, { recursive: true, force: true }) };
}

/**
 * Lets a process advance the key "crash" until `least` sequences were granted to it, then kills it.
 *
 * @returns the last sequence that was granted before it ended
 */
export async function killed(
  script: string,
  args: readonly string[],
  least: number,
): Promise<number> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Math.max(last, Number(line));
    if (--least <= 0) child.kill("SIGKILL");
  }
  return last;
}
