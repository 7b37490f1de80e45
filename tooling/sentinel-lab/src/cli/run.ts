/** Runs the commands of the lab: `simulate` a chain, or `report` on detection. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { liveChart } from "../quality/live-chart.js";
import { liveMarkdown, type LiveReport } from "../quality/live-report.js";
import { reportMarkdown } from "../quality/report.js";
import { reportChart } from "../quality/chart.js";
import { compactRecording } from "@dgb-shield/sentinel";
import {
  type LiveArguments,
  reportArguments,
  type SimulateArguments,
  simulateArguments,
  USAGE,
  UsageError,
} from "./options.js";
import { createProgress, type Progress, type Terminal } from "./progress.js";
import { measureLive } from "./measure-live.js";
import { openParts } from "./parts.js";
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
  const { live } = options;
  const progress = createProgress(stderr);
  const report = live.isAlone ? undefined : measure(options, progress);
  if (report !== undefined && options.svg !== undefined) {
    writeFileSync(options.svg, reportChart(report));
  }
  const measured = live.months + live.runs > 0 ? reportLive(live, { stderr, progress }) : undefined;
  const texts = options.json
    ? [JSON.stringify({ ...report, ...(measured !== undefined && { live: measured }) })]
    : [
        ...(report === undefined ? [] : [reportMarkdown(report)]),
        ...(measured === undefined ? [] : [liveMarkdown(measured)]),
      ];
  stdout(`${texts.join("\n\n")}\n`);
  return EXIT.done;
}

/** Parts that are known are kept here, by the version of the sources; see `tsup.config.ts`. */
const PARTS = join(import.meta.dirname, "../.reports/live");

function reportLive(
  live: LiveArguments,
  { stderr, progress }: Readonly<{ stderr: Terminal; progress: Progress }>,
): LiveReport {
  const folder = join(PARTS, process.env["SENTINEL_LAB_SOURCES"] ?? "unbundled");
  const { report, missing } = measureLive(live, openParts(folder, process.pid), progress);
  if (missing > 0) {
    stderr.write(
      `sentinel-lab: another process is at work on ${missing} part(s): run this again\n`,
    );
  }
  if (live.svg !== undefined) writeFileSync(live.svg, liveChart(report.honest));
  if (live.into !== undefined) writeInto(live.into, liveMarkdown(report));
  return report;
}

const MARKERS = ["<!-- live chains -->", "<!-- end of live chains -->"] as const;

function writeInto(file: string, text: string): void {
  const before = readFileSync(file, "utf8");
  const [from, to] = MARKERS.map((marker) => before.indexOf(marker));
  if (from === undefined || to === undefined || from < 0 || to < from) {
    throw new UsageError(`${file} has no ${MARKERS.join(" … ")}`);
  }
  const head = before.slice(0, from + MARKERS[0].length);
  writeFileSync(file, `${head}\n\n${text}\n\n${before.slice(to)}`);
}

/** An error of the file system or of unpacking: it has a code and a message that names the file. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
