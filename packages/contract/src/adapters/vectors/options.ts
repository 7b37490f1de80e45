/** Arguments of the command `contract check`. */
import { parseArgs } from "node:util";
import { vectorFilesAt } from "./load.js";
import { CONTRACT_SUITES, DQSN_SUITES, type SuiteName, SUITES } from "../../vectors/format.js";

/** Options of the runner. */
export type CheckOptions = Readonly<{
  target: Readonly<{ url: URL }> | Readonly<{ command: string }>;
  suites: readonly SuiteName[];
  /** Further files of vectors. */
  files: readonly string[];
  timeoutMs: number;
  json: boolean;
}>;

/** Wrong arguments; the message names them and what is possible. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const DEFAULT_TIMEOUT_SECONDS = "10";
const MAX_TIMEOUT_SECONDS = 3600;

const GROUPS: Readonly<Record<string, readonly SuiteName[]>> = {
  all: SUITES,
  contract: CONTRACT_SUITES,
  dqsn: DQSN_SUITES,
};

export const USAGE = `Usage: contract <command>

  contract check --url URL [options]        test an implementation over HTTP
  contract check --command "CMD" [options]  test a process over stdin and stdout
  contract answer                           be such a process, with this package's own code

Options of check:
  --suite NAME       ${[...Object.keys(GROUPS), ...SUITES].join(", ")};
                     repeatable (all; none with --vectors)
  --vectors PATH     a file of vectors, or a folder of them, such as those of other layers; repeatable
  --timeout SECONDS  for one case (${DEFAULT_TIMEOUT_SECONDS})
  --json             one JSON object instead of text
  --help             this text

Exit codes: 0 all passed, 1 some failed, 2 wrong arguments, or no answer.
`;

/**
 * Reads the arguments after `check`.
 *
 * @throws UsageError
 */
export function checkOptions(args: readonly string[]): CheckOptions {
  const { url, command, suite, vectors, timeout, json } = valuesOf(args);
  return {
    target: targetOf(url, command),
    suites: suitesOf(suite ?? (vectors.length > 0 ? [] : ["all"])),
    files: vectors.flatMap(filesAt),
    timeoutMs: millisecondsOf(timeout),
    json,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        command: { type: "string" },
        suite: { type: "string", multiple: true },
        vectors: { type: "string", multiple: true, default: [] },
        timeout: { type: "string", default: DEFAULT_TIMEOUT_SECONDS },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "malformed arguments");
  }
}

function targetOf(url: string | undefined, command: string | undefined): CheckOptions["target"] {
  if ((url === undefined) === (command === undefined)) {
    throw new UsageError("give either --url or --command");
  }
  if (url === undefined) {
    if (command === undefined || command.trim() === "") throw new UsageError("--command is empty");
    return { command };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(`--url is not an http or https URL: ${url}`);
  }
  return { url: parsed };
}

function suitesOf(names: readonly string[]): SuiteName[] {
  const wanted = new Set(names.flatMap((name) => suitesNamed(name)));
  return SUITES.filter((suite) => wanted.has(suite));
}

function suitesNamed(name: string): readonly SuiteName[] {
  const suite = SUITES.find((known) => known === name);
  if (suite !== undefined) return [suite];
  if (Object.hasOwn(GROUPS, name)) return GROUPS[name] ?? [];
  throw new UsageError(`no suite "${name}"; there are ${SUITES.join(", ")}`);
}

function filesAt(path: string): string[] {
  try {
    const files = vectorFilesAt(path);
    if (files.length > 0) return files;
  } catch (error) {
    throw new UsageError(`--vectors: ${error instanceof Error ? error.message : path}`);
  }
  throw new UsageError(`--vectors: no file of vectors in ${path}`);
}

function millisecondsOf(timeout: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(timeout) ? Number(timeout) : NaN;
  if (!(seconds >= 0.001 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new UsageError(`--timeout is not a number of seconds up to ${MAX_TIMEOUT_SECONDS}`);
  }
  return Math.round(seconds * 1000);
}
