/** `sentinel replay`: a file through the detectors. */
import { digibyte } from "../../chains/digibyte.js";
import type { ChainParameters } from "../../chains/parameters.js";
import { RecordingError } from "../../recording/error.js";
import { readHeaderList } from "../../recording/headers.js";
import type { LabelledObservation } from "../../recording/labelled.js";
import { openRecording } from "../../recording/open.js";
import { type Replay, replay, type ReplayedFinding } from "../../replay/replay.js";
import { CHAINS } from "./chains.js";
import { openLines } from "./lines.js";
import { type ReplayArguments, UsageError } from "./options.js";
import type { Progress } from "./progress.js";

/** Blocks between two looks at how far the file has been read. */
const PROGRESS_EVERY = 500;

/** A file that is not what it should be; the message names it and the line. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Replays a file.
 *
 * @throws UsageError for a recording of a chain that this command does not know
 * @throws UnreadableFileError, and what `node:fs` throws
 */
export function replayFile(asked: ReplayArguments, progress: Progress): Replay {
  const { lines, progress: share } = openLines(asked.file);
  try {
    const { observations, chain } = openFile(asked, lines);
    return replay(observations, {
      chain,
      onProgress: (blocks) => {
        if (blocks % PROGRESS_EVERY === 0) progress.move(share(), `${blocks} blocks`);
      },
    });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new UnreadableFileError(`${asked.file}, ${error.message}`, { cause: error });
  } finally {
    progress.end();
  }
}

function openFile(
  { format, chain, nodeId: node_id, atOnce: blocksAtOnce }: Omit<ReplayArguments, "file" | "json">,
  lines: Iterable<string>,
): { observations: Iterable<LabelledObservation>; chain: ChainParameters } {
  if (format !== "recording") {
    return {
      observations: readHeaderList(lines, { node_id, format, blocksAtOnce }),
      chain: chain ?? digibyte,
    };
  }
  const { header, observations } = openRecording(lines, { node_id });
  if (chain !== undefined || header === null) return { observations, chain: chain ?? digibyte };
  const own = CHAINS.find(({ name }) => name === header.chain);
  if (own !== undefined) return { observations, chain: own };
  throw new UsageError(
    `a recording of ${header.chain}: give the chain to judge it by with --chain`,
  );
}

/** A replay, for a reader. */
export function replayText(result: Replay): string {
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
      `               ${summary}`,
      `               raised ${timeText(raised_at_ms)} at height ${raised_height}${after}`,
    ];
  }
}

const timeText = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
