/** `shield replay`: runs a recording or a list of headers through Sentinel's detectors. */
import { CHAINS, type ChainParameters, digibyte } from "@dgb-shield/chain";
import {
  type LabelledObservation,
  openRecording,
  readHeaderList,
  recordedChain,
  RecordingError,
  type Replay,
  replay as replayObservations,
  type ReplayedFinding,
} from "@dgb-shield/sentinel";
import { CommandError, EXIT } from "../errors.js";
import { printable } from "../timeline/format.js";
import { createProgress } from "../timeline/progress.js";
import { openLines } from "./file-lines.js";

/** Formats of a file that is replayed. */
export const FILE_FORMATS = ["recording", "csv", "jsonl"] as const;

/** Most headers of a list that one observation shows. */
export const MAX_AT_ONCE = 1_000;

/** Blocks between two updates of the progress bar. */
const PROGRESS_EVERY = 500;

/** Options of `shield replay`, as the command line gives them. */
export type ReplayCommandOptions = Readonly<{
  /** Default: by the file's name, `csv` for .csv and .csv.gz, else `recording`. */
  format?: (typeof FILE_FORMATS)[number];
  /** Name of the chain to judge by. Default: the one that a recording fits; for a list of headers digibyte. */
  chain?: string;
  nodeId: string;
  atOnce: number;
  json: boolean;
}>;

/** The streams that the command writes to. */
type Streams = Readonly<{
  stdout: Pick<NodeJS.WriteStream, "write">;
  stderr: Pick<NodeJS.WriteStream, "isTTY" | "write" | "columns">;
}>;

/**
 * Replays a file and prints every finding.
 *
 * @param file path, gzipped or not; `-` is standard input
 * @returns the exit code: `EXIT.found` where anything was found
 * @throws CommandError where the file is unreadable or foreign, or its chain unknown
 */
export function replayCommand(
  file: string,
  options: ReplayCommandOptions,
  { stdout, stderr }: Streams,
): number {
  const result = replayFile(file, options, stderr);
  stdout.write(options.json ? `${JSON.stringify(result)}\n` : replayText(result));
  return result.findings.length > 0 ? EXIT.found : EXIT.done;
}

function replayFile(
  file: string,
  options: ReplayCommandOptions,
  stderr: Streams["stderr"],
): Replay {
  const bar = createProgress(stderr, () => performance.now());
  try {
    const { lines, progress, isCut } = openLines(file);
    if (isCut) stderr.write(`${file} ends in the middle of a flush: read up to the one before\n`);
    const { observations, chain } = openFile(file, options, lines);
    return replayObservations(observations, {
      chain,
      onProgress: (blocks) => {
        if (blocks % PROGRESS_EVERY === 0) bar.move(progress(), 1, `${blocks} blocks`);
      },
    });
  } catch (error) {
    if (error instanceof RecordingError) {
      const advice = error.code === "unknown_chain" ? "; add --chain" : "";
      throw new CommandError("bad_recording", `${file}, ${error.message}${advice}`, error);
    }
    if (!isFileError(error)) throw error;
    throw new CommandError("bad_recording", `cannot read ${file}: ${error.message}`, error);
  } finally {
    bar.clear();
  }
}

type Opened = Readonly<{ observations: Iterable<LabelledObservation>; chain: ChainParameters }>;

function openFile(
  file: string,
  { format = formatOf(file), chain: name, nodeId: node_id, atOnce }: ReplayCommandOptions,
  lines: Iterable<string>,
): Opened {
  if (format === "recording") return recordedChain(openRecording(lines, { node_id }), CHAINS, name);
  const observations = readHeaderList(lines, { node_id, format, blocksAtOnce: atOnce });
  return { observations, chain: CHAINS.find((one) => one.name === name) ?? digibyte };
}

const formatOf = (file: string): (typeof FILE_FORMATS)[number] =>
  /\.csv(\.gz)?$/.test(file) ? "csv" : "recording";

/** Whether an error is of the file system or of unpacking. */
const isFileError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && typeof error.code === "string";

function replayText(result: Replay): string {
  const { chain, observations, blocks, from_ms, to_ms, level, findings, phases } = result;
  const onsets = new Map(phases.map((phase) => [phase.label, phase]));
  return [
    `${chain}, ${result.node_id}: ${blocks} blocks in ${observations} observations`,
    `${timeText(from_ms)} to ${timeText(to_ms)}`,
    `worst level: ${level}`,
    ...(findings.length === 0 ? ["nothing found"] : ["", ...findings.flatMap(findingText)]),
    ...(result.findings_not_kept > 0 ? [`and ${result.findings_not_kept} more findings`] : []),
    "",
  ].join("\n");

  function findingText(finding: ReplayedFinding): string[] {
    const { finding_id, level: reached, severity, summary, raised_at_ms, raised_height } = finding;
    const onset = onsets.get(finding.label);
    const after =
      onset === undefined
        ? ""
        : `, ${raised_height - onset.from_height} blocks and ${(raised_at_ms - onset.from_ms) / 1_000} s into "${finding.label}"`;
    return [
      `${reached.padEnd(8)} ${severity.toFixed(2)}  ${finding_id}`,
      `               ${printable(summary)}`,
      `               raised ${timeText(raised_at_ms)} at height ${raised_height}${after}`,
    ];
  }
}

const timeText = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
