/** Reads a recording from disk, whole and checked, before anything is played. */
import { readFileSync } from "node:fs";
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import {
  type LabelledObservation,
  openRecording,
  recordedChain,
  RecordingError,
  type RecordingHeader,
} from "@dgb-shield/sentinel";
import { isGzip, unpack } from "../gzip-members.js";
import { CommandError } from "../errors.js";

const MAX_BYTES = 1 << 29;

/** Name of the node of a raw recording, which does not name it. */
const RAW_NODE = "recorded-node";

/** A recording that was read to its end. */
export type RecordingFile = Readonly<{
  path: string;
  /** Null for a raw recording. */
  header: RecordingHeader | null;
  /** The chain that it is of. */
  chain: ChainParameters;
  observations: readonly LabelledObservation[];
}>;

/**
 * A recording, raw or compact, gzipped or not.
 *
 * @param chainName as `--chain` gives it; undefined leaves the choice to the recording
 * @throws CommandError `bad_recording` where the file is unreadable, truncated, foreign, or of another chain
 */
export function readRecordingFile(path: string, chainName: string | undefined): RecordingFile {
  const text = readText(path);
  try {
    const recording = openRecording(text.split("\n"), { node_id: RAW_NODE });
    const { chain, observations } = recordedChain(recording, CHAINS, chainName);
    return { path, header: recording.header, chain, observations: [...observations] };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new CommandError(
      "bad_recording",
      `${path} is not a usable recording: ${error.message}${adviceOf(error)}`,
      error,
    );
  }
}

const adviceOf = ({ code }: RecordingError): string =>
  code === "unknown_chain" ? "; add --chain" : "";

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    const plain = isGzip(bytes) ? unpack(bytes, MAX_BYTES).bytes : bytes;
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_recording", `cannot read the recording ${path}: ${detail}`, error);
  }
}
