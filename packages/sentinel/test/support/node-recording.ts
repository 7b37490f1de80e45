/** Recordings of real nodes that are kept compressed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LabelledObservation, openRecording } from "../../src/index.js";

const FOLDER = join(import.meta.dirname, "../../recordings");

/** Observations of a recording of the folder `recordings`, by its name without extension. */
export const nodeRecording = (name: string, node_id: string): LabelledObservation[] => {
  const text = gunzipSync(readFileSync(join(FOLDER, `${name}.jsonl.gz`))).toString("utf8");
  return [...openRecording(text.split("\n"), { node_id }).observations].map((one) => ({
    ...one,
    observation: { ...one.observation, node_id },
  }));
};
