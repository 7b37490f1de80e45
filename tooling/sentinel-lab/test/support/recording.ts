/** The recording of a DigiByte Core node that Sentinel ships. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type LabelledObservation, openRecording } from "@dgb-shield/sentinel";

/** Where the file is. */
export const RECORDING = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);

/** Its observations. */
export const recording = (): LabelledObservation[] => [
  ...openRecording(readFileSync(RECORDING, "utf8").split("\n"), { node_id: "unused" }).observations,
];
