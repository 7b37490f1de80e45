/** Code blocks of a page of the documentation, and a folder in which they run as a person would run them. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { RegtestNode } from "@dgb-shield/testkit/litecoind";

export const CLI = join(import.meta.dirname, "..", "..", "dist", "cli.js");
const run = promisify(execFile);

/** A code block: its language, the heading above it, and its text without the page's indentation. */
export type Block = Readonly<{ language: string; heading: string; code: string }>;

/** Reads the blocks of a page that name a language other than `text`. */
export function blocksOf(page: string): Block[] {
  const found: Block[] = [];
  let heading = "";
  const parts = /^#+ (?<heading>.*)$|^(?<indent> *)```(?<language>[a-z]+)\n(?<code>[^]*?)^ *```$/gm;
  for (const { groups = {} } of page.matchAll(parts)) {
    heading = groups["heading"] ?? heading;
    const { language = "text", indent = "", code = "" } = groups;
    if (language === "text") continue;
    found.push({ language, heading, code: code.replaceAll(new RegExp(`^${indent}`, "gm"), "") });
  }
  return found;
}

/** A folder, and a command `shield` on the path. */
export function createCommandDesk(): Desk {
  const root = mkdtempSync(join(tmpdir(), "shield-desk-"));
  const [folder, bin] = [join(root, "work"), join(root, "bin")];
  for (const path of [folder, bin]) mkdirSync(path);
  const command = join(bin, "shield");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(command, 0o755);
  const path = `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path };
  return {
    folder,
    env,
    sh: (code, more = {}) =>
      run("sh", ["-euc", code], { cwd: folder, env: { ...env, ...more }, maxBuffer: 16_000_000 }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A folder with a home, a command `shield` on the path, and a node where a node usually is. */
export type Desk = Readonly<{
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Runs a block of shell; rejects where a command of it fails. */
  sh(code: string, more?: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }>;
  remove(): void;
}>;

/**
 * Makes a desk.
 *
 * @param httpPort the service's, in place of the usual one
 * @param settings further variables
 */
export function createDesk(
  node: RegtestNode,
  httpPort: number,
  settings: Readonly<Record<string, string>> = {},
): Desk {
  const root = mkdtempSync(join(tmpdir(), "shield-desk-"));
  const [folder, home, bin] = ["work", "home", "bin"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [folder, join(home, ".digibyte"), bin]) mkdirSync(path, { recursive: true });
  symlinkSync(node.cookieFile, join(home, ".digibyte", ".cookie"));
  const command = join(bin, "shield");
  // The page's addresses are those of a usual installation: only they are other ones here.
  writeFileSync(
    command,
    `#!/bin/sh
case "$1" in status) shift; exec "${process.execPath}" "${CLI}" status --url http://127.0.0.1:${httpPort} "$@";; esac
exec "${process.execPath}" "${CLI}" "$@"
`,
  );
  chmodSync(command, 0o755);
  const env = {
    ...process.env,
    ...{ HOME: home, PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
    SHIELD_HTTP_PORT: String(httpPort),
    ...settings,
  };
  const nodePort = new URL(node.url).port;
  return {
    folder,
    env,
    sh: (code, more = {}) =>
      run("sh", ["-euc", code.replaceAll("14022", nodePort)], {
        ...{ cwd: folder, env: { ...env, ...more }, maxBuffer: 16_000_000 },
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
