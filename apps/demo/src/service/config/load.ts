/** Loads the configuration of the service: file, then environment, then flags; everything wrong is listed at once. */
import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { completeConfig } from "./complete.js";
import { MAX_CONFIG_BYTES, type Position, readConfigText } from "./config-text.js";
import { type ConfigIssue, issuesIn, placed, type UnplacedIssue } from "./issues.js";
import {
  bare,
  type Environment,
  type FlagSetting,
  type Laid,
  layOver,
  type Tree,
} from "./layers.js";
import { passwordsIn } from "./rules.js";
import { serviceConfigSchema } from "./schema.js";
import type { ServiceConfig } from "./service-config.js";

/** Name of the file that is read where none is named. */
export const CONFIG_FILE = "shield.yaml";

/** Where a configuration comes from. */
export type ConfigSources = Readonly<{
  /** The file that was read; null: there is none. */
  file: Readonly<{ path: string; bytes: Uint8Array }> | null;
  env: Environment;
  flags: readonly FlagSetting[];
  /** The folder that relative paths of variables and flags begin in. */
  cwd: string;
}>;

/** A configuration that is ready for use, or everything that is wrong. */
export type ConfigReading =
  | Readonly<{ ok: true; config: ServiceConfig; file: string | null }>
  | Readonly<{ ok: false; issues: readonly ConfigIssue[]; file: string | null }>;

/**
 * Reads a configuration. Never throws; no issue contains a value.
 *
 * @returns the configuration, or every issue
 */
export function readConfig(sources: ConfigSources): ConfigReading {
  const { file, env, flags, cwd } = sources;
  const name = file === null ? null : nameOf(file.path, cwd);
  const text = file === null ? null : readConfigText(file.bytes);
  const faults = (text?.faults ?? []).map(({ at, problem, remedy }) => ({
    path: "",
    place: placeIn(name, at),
    problem,
    remedy,
  }));
  if (text?.ok === false) return { ok: false, issues: faults, file: name };
  const value = text?.value ?? bare();
  if (!isTree(value)) {
    const problem = "it holds no fields";
    const remedy = "write fields such as `config_version: 1`, each on a line of its own";
    return { ok: false, issues: [{ path: "", place: name, problem, remedy }], file: name };
  }
  const secrets = passwordsIn(value);
  const { laid, issues } = layOver(value, env, flags);
  const layerOf = layers(laid);
  const inFile = (path: readonly PropertyKey[]): string | null =>
    text === null ? null : placeIn(name, text.positionOf(path));
  const isBegunInFile = (path: readonly PropertyKey[]): boolean =>
    path.length < 2 || text?.has(path) === true || text?.has(path.slice(0, -1)) === true;
  const placeOf = (path: readonly PropertyKey[]): string | null =>
    layerOf(path)?.place ?? (isBegunInFile(path) ? null : besideOf(laid, path)) ?? inFile(path);
  const folderOf = (path: readonly PropertyKey[]): string =>
    file === null || layerOf(path) !== undefined ? cwd : dirname(file.path);
  const found: ConfigIssue[] = [
    ...faults,
    ...issues.map((issue) => ({ path: "", ...issue })),
    ...[...secrets, ...flagSecrets(value, laid, flags), ...issuesIn(value)].map((issue) =>
      placed(issue, placeOf),
    ),
  ];
  if (found.length > 0) return { ok: false, issues: found, file: name };
  const completion = completeConfig(serviceConfigSchema.parse(value), { env, folderOf });
  return completion.ok
    ? { ok: true, config: completion.config, file: name }
    : { ok: false, issues: completion.issues.map((one) => placed(one, placeOf)), file: name };
}

/** Finds the last value that was laid over a field, or around it. */
const layers =
  (laid: readonly Laid[]) =>
  (path: readonly PropertyKey[]): Laid | undefined =>
    laid.findLast((one) => one.path.every((part, at) => String(path[at]) === part));

/** Where the object was begun that lacks a field. */
const besideOf = (laid: readonly Laid[], path: readonly PropertyKey[]): string | null =>
  laid.findLast((one) => path.slice(0, -1).every((part, at) => one.path[at] === String(part)))
    ?.place ?? null;

/** Passwords on the command line, which every user of the machine can read. */
function flagSecrets(
  value: Tree,
  laid: readonly Laid[],
  flags: readonly FlagSetting[],
): UnplacedIssue[] {
  const places = new Set(flags.map(({ flag }) => flag));
  const layerOf = layers(laid);
  return passwordsIn(value).filter(({ path }) => places.has(layerOf(path)?.place ?? ""));
}

const placeIn = (name: string | null, { line, col }: Position): string | null =>
  name === null ? null : `${name}:${line}:${col}`;

/** The shorter name of a file. */
function nameOf(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === "" || near.startsWith("..") ? path : near;
}

/** What a command line gives of a configuration. */
export type ConfigRequest = Readonly<{
  /** `--config`; else `SHIELD_CONFIG`, else `shield.yaml` in `cwd` where there is one. */
  file?: string | undefined;
  env: Environment;
  flags: readonly FlagSetting[];
  cwd: string;
}>;

/** Finds and reads the configuration. Never throws: a file that cannot be read is an issue. */
export function loadConfig({ file, env, flags, cwd }: ConfigRequest): ConfigReading {
  const named = file ?? env["SHIELD_CONFIG"];
  const path = resolve(cwd, named ?? CONFIG_FILE);
  try {
    const found = statSync(path);
    if (!found.isFile()) return unreadable(nameOf(path, cwd), "it is no regular file");
    // One byte more than is accepted, so that too large a file is found to be.
    const bytes =
      found.size > MAX_CONFIG_BYTES ? new Uint8Array(MAX_CONFIG_BYTES + 1) : readFileSync(path);
    return readConfig({ file: { path, bytes }, env, flags, cwd });
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    if (errno === "ENOENT" && named === undefined) {
      return readConfig({ file: null, env, flags, cwd });
    }
    return unreadable(nameOf(path, cwd), `the file cannot be read (${errno})`);
  }
}

function unreadable(place: string, problem: string): ConfigReading {
  const remedy = "name another with --config, or make one with `shield init`";
  return { ok: false, issues: [{ path: "", place, problem, remedy }], file: place };
}

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);
