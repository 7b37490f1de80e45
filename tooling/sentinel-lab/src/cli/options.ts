/** Reads the arguments of the lab's commands. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import {
  honestDigibyte,
  SIMULATED_ATTACKS,
  type SimulatedScenario,
} from "../simulation/scenarios.js";
import { HONEST_KINDS } from "../simulation/live/honest-kinds.js";
import { LIVE_ATTACKS } from "../simulation/live/live-attacks.js";
import { SEED_SETS } from "../simulation/live/sets.js";
import type { LiveOptions } from "./measure-live.js";

/** Wrong arguments; the message names them and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The simulations of `simulate`. */
const SCENARIOS: readonly SimulatedScenario[] = [honestDigibyte, ...SIMULATED_ATTACKS];

const MAX_SEED = 2 ** 32 - 1;
const MAX_RUNS = 10_000;
const MAX_BLOCKS = 100_000_000;
const MAX_YEARS = 100;
const MAX_MONTHS = 1_200;

/** Everything that `--only` can name. */
const LIVE_CHAINS: readonly Readonly<{ name: string; title: string }>[] = [
  ...HONEST_KINDS,
  ...LIVE_ATTACKS,
];

export const USAGE = `Usage: pnpm --filter @dgb-shield/sentinel-lab <command>

  simulate NAME [options]   write a simulated chain as a recording
  report [options]          measure detection: simulated attacks, honest chains, recordings

Options of simulate:
  --seed N         0 to ${MAX_SEED} (1)
  --blocks N       where to end (the scenario's own)
  --out FILE       write to FILE and not to standard output

Options of report:
  --seeds N        runs of each simulated attack (20)
  --years N        honest years, in one run (1)
  --months N       honest months of each kind of live chain (0)
  --runs N         runs of each attack on a live chain (0)
  --set NAME       parameters and seeds of live chains: tune, short or report (report)
  --only NAME      of live chains this kind or attack alone; repeatable
  --live           live chains alone
  --into FILE      write the part on live chains into FILE, between its two markers
  --live-svg FILE  draw the false alarms on live chains
  --recording FILE also replay this recording, plain or gzipped (.gz); repeatable
  --svg FILE       draw the report
  --json           one JSON object instead of text

  --help           this text

Simulations:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(36)} ${title}`).join("\n")}

Live chains:
${LIVE_CHAINS.map(({ name, title }) => `  ${name.padEnd(36)} ${title}`).join("\n")}

Live chains are measured in parts, which are kept in .reports: what was stopped goes on, and two of these
commands at once share the work.

Exit codes: 0 done, 2 wrong arguments, 3 a file cannot be read or written.
`;

/** Arguments of `simulate`. */
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

/** Arguments of `report`. */
export type ReportArguments = Readonly<{
  seeds: number;
  years: number;
  recordings: readonly string[];
  svg: string | undefined;
  json: boolean;
  live: LiveArguments;
}>;

/** Arguments of `report` about live chains. */
export type LiveArguments = LiveOptions &
  Readonly<{
    /** Whether nothing else is measured. */
    isAlone: boolean;
    into: string | undefined;
    svg: string | undefined;
  }>;

/** @throws UsageError */
export function reportArguments(args: readonly string[]): ReportArguments {
  const { values, positionals } = parsed(args, {
    seeds: { type: "string", default: "20" },
    years: { type: "string", default: "1" },
    recording: { type: "string", multiple: true, default: [] },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
    months: { type: "string", default: "0" },
    runs: { type: "string", default: "0" },
    set: { type: "string", default: "report" },
    only: { type: "string", multiple: true, default: [] },
    live: { type: "boolean", default: false },
    into: { type: "string" },
    "live-svg": { type: "string" },
  });
  if (positionals.length > 0) throw new UsageError(`unknown: ${positionals.join(" ")}`);
  return {
    seeds: numberOf("--seeds", values.seeds, [1, MAX_RUNS]),
    years: numberOf("--years", values.years, [1, MAX_YEARS]),
    recordings: values.recording,
    svg: values.svg,
    json: values.json,
    live: {
      set: named(Object.values(SEED_SETS), values.set, "set"),
      months: numberOf("--months", values.months, [0, MAX_MONTHS]),
      runs: numberOf("--runs", values.runs, [0, MAX_RUNS]),
      only: values.only.map((name) => named(LIVE_CHAINS, name, "live chain").name),
      isAlone: values.live,
      into: values.into,
      svg: values["live-svg"],
    },
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

function numberOf(option: string, text: string, [least, most]: [number, number]): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}`);
}
