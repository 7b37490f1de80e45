/** The recording of a real DigiByte Core node on regtest, with simulated customers beside it. */
import { createRequire } from "node:module";
import type { LabelledObservation } from "@dgb-shield/sentinel";
import { scenarioOf } from "./recording.js";
import { readRecordingFile } from "./recording-file.js";
import type { Scenario, Step } from "./scenario.js";

const MINUTE_MS = 60_000;
const SHIPPED = "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl";
/** How long after the last retired block the scripted operator releases the finding. */
const RELEASE_AFTER_MS = 8 * MINUTE_MS;
const OPERATOR = "exchange";

/** What the phases of the recording are, from its own notes. */
const NOTES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    baseline: "100 blocks about 15 s apart",
    "mempool-flood": "up to 400 transactions within one block interval",
    stall: "20 minutes without a block, then one",
    reorg: "the node is cut off and mines 3 blocks, the other side 8; they meet again",
    quiet: "a block every 15 s",
    groestl: "regtest retires Groestl above height 2,000; it goes on being mined",
    recovery: "60 blocks of active algorithms",
  }),
);

/**
 * The scenario over the recording that ships with Sentinel.
 *
 * @throws CommandError `bad_recording`
 */
export function dgbRegtest(): Scenario {
  const path = createRequire(import.meta.url).resolve(SHIPPED);
  return scenarioOf(readRecordingFile(path, undefined), {
    name: "dgb-regtest",
    title: "A DigiByte Core node: stall, reorganisation, a retired algorithm",
    operator: OPERATOR,
    noteOf: (label) => NOTES.get(label) ?? "a phase of the recording",
    orders,
  });
}

/** The operator watches the chain for a while after the bad blocks have ended, then releases. */
function orders(observations: readonly LabelledObservation[]): Step[] {
  const recovery = observations.find(({ label }) => label === "recovery");
  if (recovery === undefined) return [];
  const at_ms = recovery.observation.at_ms + RELEASE_AFTER_MS;
  const reason = "no Groestl block for 8 minutes; the node was upgraded";
  return [
    { kind: "order", at_ms, order: { detector: "retired_algorithm", operator: OPERATOR, reason } },
  ];
}
