/** Runs the commands of the lab: `simulate` a chain, or `report` on detection. */
import { writeFileSync } from "node:fs";
import { reportMarkdown } from "../quality/report.js";
import { reportChart } from "../quality/chart.js";
import { compactRecording } from "@dgb-shield/sentinel";
import {
  reportArguments,
  type SimulateArguments,
  simulateArguments,
  USAGE,
  UsageError,
} from "./options.js";
import { createProgress, type Terminal } from "./progress.js";
import { UnreadableFileError } from "./recording-file.js";
import { measure } from "./measure.js";

/** Where the command writes. */
export type Streams = Readonly<{ stdout: (text: string) => void; stderr: Terminal }>;

/** Exit codes of the command; see `USAGE`. */
export const EXIT = Object.freeze({ done: 0, usage: 2, file: 3 } as const);

/**
 * Runs the command.
 *
 * @param args arguments after the command's own name
 * @returns the exit code; see `USAGE`
 */
export function run(args: readonly string[], streams: Streams): number {
  if (args.includes("--help") || args.includes("-h")) {
    streams.stdout(USAGE);
    return EXIT.done;
  }
  try {
    return dispatch(args, streams);
  } catch (error) {
    if (error instanceof UsageError) {
      streams.stderr.write(`sentinel-lab: ${error.message}\nUse --help for what it takes.\n`);
      return EXIT.usage;
    }
    if (!(error instanceof UnreadableFileError) && !isFileError(error)) throw error;
    // The reader of a named pipe that closes it has enough.
    if ("code" in error && error.code === "EPIPE") return EXIT.done;
    streams.stderr.write(`sentinel-lab: ${error.message}\n`);
    return EXIT.file;
  }
}

function dispatch([command, ...rest]: readonly string[], streams: Streams): number {
  if (command === "simulate") return runSimulate(simulateArguments(rest), streams);
  if (command === "report") return runReport(rest, streams);
  throw new UsageError(command === undefined ? "no command given" : `no command ${command}`);
}

function runSimulate(
  { scenario, seed, blocks, out }: SimulateArguments,
  { stdout }: Streams,
): number {
  const lines = compactRecording(scenario.observations(seed, blocks), {
    chain: scenario.chain.name,
    source: `simulation ${scenario.name}, seed ${seed}`,
    notes: `A simulation, not a recording. ${scenario.title}.`,
  });
  const text = `${lines.join("\n")}\n`;
  if (out === undefined) stdout(text);
  else writeFileSync(out, text);
  return EXIT.done;
}

function runReport(args: readonly string[], { stdout, stderr }: Streams): number {
  const options = reportArguments(args);
  const report = measure(options, createProgress(stderr));
  if (options.svg !== undefined) writeFileSync(options.svg, reportChart(report));
  stdout(`${options.json ? JSON.stringify(report) : reportMarkdown(report)}\n`);
  return EXIT.done;
}

/** An error of the file system or of unpacking: it has a code and a message that names the file. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
