/** Replays a recording from disk on the chain that its header names. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { CHAINS, digibyte } from "@dgb-shield/chain";
import { openRecording, RecordingError, type Replay, replay } from "@dgb-shield/sentinel";
import { UsageError } from "./options.js";

/** Name of the node of a raw recording, which does not name it. */
const RAW_NODE = "replayed-node";

/** A file that is not a recording; the message names it and the line. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Replays a recording, raw or compact; a raw one is judged as DigiByte mainnet.
 *
 * @param path gzipped where it ends in `.gz`
 * @throws UsageError for a recording of a chain without parameters
 * @throws UnreadableFileError, and what `node:fs` and `node:zlib` throw
 */
export function replayRecordingFile(path: string): Replay {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  try {
    const { header, observations } = openRecording(text.split("\n"), { node_id: RAW_NODE });
    const chain = CHAINS.find(({ name }) => name === (header?.chain ?? digibyte.name));
    if (chain !== undefined) return replay(observations, { chain });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new UnreadableFileError(`${path}, ${error.message}`, { cause: error });
  }
  throw new UsageError(`${path} is a recording of a chain without parameters`);
}
