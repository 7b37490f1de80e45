/** The recordings that Sentinel ships, each with its chain, and the list of Bitcoin's stale blocks. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { bitcoin, CHAINS, type ChainParameters } from "@dgb-shield/chain";
import {
  type Observation,
  openRecording,
  readStaleBlocks,
  recordedChain,
  staleBranches,
  staleObservations,
} from "@dgb-shield/sentinel";

const FOLDER = dirname(
  createRequire(import.meta.url).resolve(
    "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
  ),
);

/** A recording and the chain that it is of. */
export type Recorded = Readonly<{
  name: string;
  chain: ChainParameters;
  observations: Observation[];
}>;

/** Reads all recordings. */
export function* recordingsOf(): Generator<Recorded> {
  for (const name of readdirSync(FOLDER).sort()) {
    const bytes = readFileSync(join(FOLDER, name));
    const lines = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split("\n");
    if (name.endsWith(".csv")) {
      const branches = staleBranches([...readStaleBlocks(lines)]);
      const made = staleObservations(branches, { node_id: "node" });
      yield {
        name,
        chain: bitcoin,
        observations: Array.from(made, ({ observation }) => observation),
      };
    } else if (name.includes(".jsonl")) {
      const { chain, observations } = recordedChain(
        openRecording(lines, { node_id: "node" }),
        CHAINS,
      );
      yield {
        name,
        chain,
        observations: Array.from(observations, ({ observation }) => observation),
      };
    }
  }
}
