/** Arguments of the command `sentinel`. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { ChainParameters } from "../../chains/parameters.js";
import {
  honestDigibyte,
  SIMULATED_ATTACKS,
  type SimulatedScenario,
} from "../../simulation/scenarios.js";
import { CHAINS } from "./chains.js";

/** Arguments that make no sense; the message says which and what would. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Everything that `simulate` can make. */
const SCENARIOS: readonly SimulatedScenario[] = [honestDigibyte, ...SIMULATED_ATTACKS];

const FORMATS = ["recording", "csv", "jsonl"] as const;

/** Formats of a file that is replayed. */
export type FileFormat = (typeof FORMATS)[number];

const MAX_SEED = 2 ** 32 - 1;
const MAX_RUNS = 10_000;
const MAX_BLOCKS = 100_000_000;
const MAX_YEARS = 100;
const MAX_AT_ONCE = 1_000;

export const USAGE = `Usage: sentinel <command>

  sentinel replay FILE [options]     run a recording or a list of headers through the detectors
  sentinel simulate NAME [options]   write a simulated chain as a recording
  sentinel report [options]          measure detection: simulated attacks, honest chains, recordings

FILE may be gzipped (.gz), or - for standard input.

Options of replay:
  --format NAME    recording, csv or jsonl (by the file's name: .csv, else recording)
  --chain NAME     ${CHAINS.map(({ name }) => name).join(", ")}
                   (a compact recording names its own; else digibyte)
  --node-id ID     name of the node where the file has none (replayed-node)
  --at-once N      headers of a list that are seen at once, 1 to ${MAX_AT_ONCE}; more is faster (1)

Options of simulate:
  --seed N         0 to ${MAX_SEED} (1)
  --blocks N       where to end (the scenario's own)
  --out FILE       write to FILE and not to standard output

Options of report:
  --seeds N        runs of each attack (20)
  --years N        honest years, in one run (1)
  --recording FILE also replay this recording; repeatable
  --svg FILE       draw the report

  --json           one JSON object instead of text
  --help           this text

Simulations:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(36)} ${title}`).join("\n")}

Exit codes: 0 done (replay: nothing found), 1 replay found something, 2 wrong arguments,
3 a file cannot be read or written.
`;

/** What `sentinel replay` is asked. */
export type ReplayArguments = Readonly<{
  file: string;
  format: FileFormat;
  chain: ChainParameters | undefined;
  nodeId: string;
  atOnce: number;
  json: boolean;
}>;

/** @throws UsageError */
export function replayArguments(args: readonly string[]): ReplayArguments {
  const { values, positionals } = parsed(args, {
    format: { type: "string" },
    chain: { type: "string" },
    "node-id": { type: "string", default: "replayed-node" },
    "at-once": { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  });
  const file = only(positionals, "give one FILE to replay");
  return {
    file,
    format: formatOf(values.format, file),
    chain: values.chain === undefined ? undefined : named(CHAINS, values.chain, "chain"),
    nodeId: values["node-id"],
    atOnce: numberOf("--at-once", values["at-once"], [1, MAX_AT_ONCE]),
    json: values.json,
  };
}

/** What `sentinel simulate` is asked. */
export type SimulateArguments = Readonly<{
  scenario: SimulatedScenario;
  seed: number;
  blocks: number;
  out: string | undefined;
}>;

/** @throws UsageError */
export function simulateArguments(args: readonly string[]): SimulateArguments {
  const { values, positionals } = parsed(args, {
    seed: { type: "string", default: "1" },
    blocks: { type: "string" },
    out: { type: "string" },
  });
  const name = only(positionals, `give one of ${SCENARIOS.map((one) => one.name).join(", ")}`);
  const scenario = named(SCENARIOS, name, "simulation");
  return {
    scenario,
    seed: numberOf("--seed", values.seed, [0, MAX_SEED]),
    blocks:
      values.blocks === undefined
        ? scenario.blocks
        : numberOf("--blocks", values.blocks, [1, MAX_BLOCKS]),
    out: values.out,
  };
}

/** What `sentinel report` is asked. */
export type ReportArguments = Readonly<{
  seeds: number;
  years: number;
  recordings: readonly string[];
  svg: string | undefined;
  json: boolean;
}>;

/** @throws UsageError */
export function reportArguments(args: readonly string[]): ReportArguments {
  const { values, positionals } = parsed(args, {
    seeds: { type: "string", default: "20" },
    years: { type: "string", default: "1" },
    recording: { type: "string", multiple: true, default: [] },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
  });
  if (positionals.length > 0) throw new UsageError(`unknown: ${positionals.join(" ")}`);
  return {
    seeds: numberOf("--seeds", values.seeds, [1, MAX_RUNS]),
    years: numberOf("--years", values.years, [1, MAX_YEARS]),
    recordings: values.recording,
    svg: values.svg,
    json: values.json,
  };
}

function parsed<const T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "malformed arguments");
  }
}

function only(positionals: readonly string[], advice: string): string {
  const [first, ...others] = positionals;
  if (first === undefined || others.length > 0) throw new UsageError(advice);
  return first;
}

function named<T extends { name: string }>(all: readonly T[], name: string, what: string): T {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = all.map((one) => one.name).join(", ");
  throw new UsageError(`no ${what} ${JSON.stringify(name)}; there are ${known}`);
}

/** The format of a file: what was asked for, or else what its name says. @throws UsageError */
function formatOf(given: string | undefined, file: string): FileFormat {
  if (given === undefined) return /\.csv(\.gz)?$/.test(file) ? "csv" : "recording";
  const found = FORMATS.find((format) => format === given);
  if (found !== undefined) return found;
  throw new UsageError(`no format ${JSON.stringify(given)}; there are ${FORMATS.join(", ")}`);
}

function numberOf(option: string, text: string, [least, most]: [number, number]): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}`);
}
