/** The recording of a real DigiByte Core node on regtest, with simulated customers beside it. */
import { createRequire } from "node:module";
import { digibyteRegtest, type LabelledObservation } from "@dgb-shield/sentinel";
import { ShieldError } from "../errors.js";
import { customerSteps, HOT_WALLET, HOT_WALLET_POLICY, timesBetween } from "./customers.js";
import { readRecordingFile, type RecordingFile } from "./recording-file.js";
import { mergeSteps, type Reporter, type Scenario, type Step } from "./scenario.js";

const SEED = 1_991;
const MINUTE_MS = 60_000;
const SHIPPED = "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl";
/** How long after the last retired block the scripted operator releases the finding. */
const RELEASE_AFTER_MS = 8 * MINUTE_MS;
const OPERATOR = "exchange";

/** What the phases of the recording are, from its own notes. */
const NOTES: Readonly<Record<string, string>> = {
  baseline: "100 blocks about 15 s apart",
  "mempool-flood": "up to 400 transactions within one block interval",
  stall: "20 minutes without a block, then one",
  reorg: "the node is cut off and mines 3 blocks, the other side 8; they meet again",
  quiet: "a block every 15 s",
  groestl: "regtest retires Groestl above height 2,000; it goes on being mined",
  recovery: "60 blocks of active algorithms",
};

/**
 * The scenario over a recording.
 *
 * @param path the recording's file; default: the one that ships with Sentinel
 * @throws ShieldError `bad_recording`
 */
export function dgbRegtest(path?: string): Scenario {
  const file = readRecordingFile(path ?? createRequire(import.meta.url).resolve(SHIPPED));
  const { observations } = file;
  const [first, last] = [observations.at(0)?.observation, observations.at(-1)?.observation];
  if (first === undefined || last === undefined) {
    throw new ShieldError("bad_recording", `${file.path} holds no observation`);
  }
  const node: Reporter = { node_id: first.node_id, operator: OPERATOR, note: "the recorded node" };
  const times = timesBetween(first.at_ms + MINUTE_MS, last.at_ms, MINUTE_MS);
  return {
    name: "dgb-regtest",
    title: "A DigiByte Core node: stall, reorganisation, a retired algorithm",
    origin: "recording",
    provenance: provenanceOf(file),
    chain: digibyteRegtest,
    reporters: [node],
    clock: "elapsed",
    zero_ms: first.at_ms,
    guardian_policy: HOT_WALLET_POLICY,
    qwg_policy: {},
    balances: { [HOT_WALLET]: "2000000" },
    steps: mergeSteps(
      phases(observations),
      observations.map(({ observation }) => ({
        kind: "observation",
        at_ms: observation.at_ms,
        observation,
      })),
      orders(observations),
      customerSteps("regtest", SEED, times),
    ),
  };
}

function provenanceOf({ path, header }: RecordingFile): string[] {
  if (header === null) return [`Raw recording ${path}.`];
  const { source, notes, license } = header;
  return [
    source,
    ...(notes === undefined ? [] : [notes]),
    ...(license === undefined ? [] : [license]),
  ];
}

function phases(observations: readonly LabelledObservation[]): Step[] {
  return observations.flatMap(({ label, observation }, index): Step[] => {
    if (label === observations[index - 1]?.label) return [];
    const note = NOTES[label] ?? "a phase of the recording";
    return [{ kind: "phase", at_ms: observation.at_ms, label, note }];
  });
}

/** The operator looks at the chain for a while after the bad blocks have ended, then releases. */
function orders(observations: readonly LabelledObservation[]): Step[] {
  const recovery = observations.find(({ label }) => label === "recovery");
  if (recovery === undefined) return [];
  const at_ms = recovery.observation.at_ms + RELEASE_AFTER_MS;
  const reason = "no Groestl block for 8 minutes; the node was upgraded";
  return [
    { kind: "order", at_ms, order: { detector: "retired_algorithm", operator: OPERATOR, reason } },
  ];
}
