/** The packed package in an empty project, with its declared dependencies beside it and nothing else. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";

export const PACKAGE = join(import.meta.dirname, "..", "..", "..");
export const WORKSPACE = join(PACKAGE, "..", "..");
const DIST = join(PACKAGE, "dist");
const BUILD_FIRST = "build it first: pnpm --filter @dgb-shield/contract build";

export const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;

/** What has run: its exit code and all that it printed. */
export type Run = Readonly<{ status: number | null; output: string }>;

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], cwd: string): Run {
  const shell = process.platform === "win32" && command !== process.execPath;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, shell, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/**
 * Rejects a missing build, and one that was made of other sources: source maps carry the sources
 * they were made of, which is more exact than times of files.
 */
function requireFreshBuild(): void {
  if (!existsSync(join(DIST, "index.js"))) throw new Error(`dist is missing; ${BUILD_FIRST}`);
  for (const map of readdirSync(DIST).filter((file) => file.endsWith(".map"))) {
    const { sources, sourcesContent = [] } = readJson(join(DIST, map)) as {
      sources: string[];
      sourcesContent?: string[];
    };
    sources.forEach((source, index) => {
      const file = join(DIST, source);
      if (!existsSync(file) || readFileSync(file, "utf8") !== sourcesContent[index]) {
        throw new Error(`dist is older than ${source}; ${BUILD_FIRST}`);
      }
    });
  }
}

/** A project in a folder of its own. */
export type Project = Readonly<{
  folder: string;
  /** Where the package is installed. */
  installed: string;
  /** Puts a package of the workspace beside it. */
  add: (dependency: string) => void;
  remove: () => void;
}>;

/** Packs the build as it would be published and installs it, with zod, in an empty project. */
export function createProject(): Project {
  requireFreshBuild();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "dgb-shield-packed-")));
  const installed = join(folder, "node_modules", "@dgb-shield", "contract");
  const add = (dependency: string): void => {
    const link = join(folder, "node_modules", dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(join(PACKAGE, "node_modules", dependency)), link, "junction");
  };
  unpack(pack(folder), installed);
  writeFileSync(join(folder, "package.json"), '{ "name": "empty", "type": "module" }');
  add("zod");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { folder, installed, add, remove };
}

/** `pnpm pack`, which applies `publishConfig`, as `pnpm publish` does. */
function pack(folder: string): string {
  const { packageManager } = readJson(join(WORKSPACE, "package.json"));
  const args = ["--yes", String(packageManager), "pack", "--pack-destination", folder];
  const { status, output } = run("npx", args, PACKAGE);
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (status !== 0 || archive === undefined) throw new Error(`pnpm pack failed: ${output}`);
  return join(folder, archive);
}

function unpack(archive: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { status, output } = run("tar", ["-xzf", archive, "--strip-components=1"], folder);
  if (status !== 0) throw new Error(`tar failed: ${output}`);
}

/** Files under a folder, by their path with slashes, in order. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((file) => file.split(sep).join("/"))
    .sort();
