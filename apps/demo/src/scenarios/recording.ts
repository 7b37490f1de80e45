/** Makes a scenario of any recording: what the node reported, with simulated customers beside it. */
import { CHAINS } from "@dgb-shield/chain";
import type { LabelledObservation } from "@dgb-shield/sentinel";
import { CommandError } from "../errors.js";
import { customerSteps, HOT_WALLET, HOT_WALLET_POLICY, timesBetween } from "./customers.js";
import type { RecordingFile } from "./recording-file.js";
import { mergeSteps, type Reporter, type Scenario, type Step } from "./scenario.js";

const SEED = 1_991;
const MINUTE_MS = 60_000;
const SHORTEST_POLL_MS = 15_000;
const LONGEST_POLL_MS = 600_000;
/** Share of the gaps between observations that a poll interval covers. */
const USUAL = 0.99;

/** Names that `--chain` takes. */
export const CHAIN_NAMES: readonly string[] = Object.freeze(CHAINS.map(({ name }) => name));

/** What a scenario adds to its recording. */
export type Story = Readonly<{
  name: string;
  title: string;
  operator: string;
  /** A caption for a label of the recording. */
  noteOf: (label: string) => string;
  orders: (observations: readonly LabelledObservation[]) => Step[];
}>;

/** The scenario of a file that a person gave: its labels are the captions, and no order is scripted. */
export const recordingScenario = (file: RecordingFile): Scenario =>
  scenarioOf(file, {
    name: "recording",
    title: `A recording of ${file.chain.name}`,
    operator: "operator",
    noteOf: () => "as the recording labels it",
    orders: () => [],
  });

/**
 * A scenario over a recording.
 *
 * @throws CommandError `bad_recording` where it holds no observation, or its clock steps back: steps are in
 * the order of their times
 */
export function scenarioOf(file: RecordingFile, story: Story): Scenario {
  const { chain, observations } = file;
  const [first, last] = [observations.at(0)?.observation, observations.at(-1)?.observation];
  if (first === undefined || last === undefined) {
    throw new CommandError("bad_recording", `${file.path} holds no observation`);
  }
  if (stepsBack(observations)) {
    const advice = "shield replay runs it through the detectors";
    throw new CommandError("bad_recording", `the clock of ${file.path} steps back: ${advice}`);
  }
  const { name, title, operator } = story;
  const node: Reporter = { node_id: first.node_id, operator, note: "the recorded node" };
  const times = timesBetween(first.at_ms + MINUTE_MS, last.at_ms, MINUTE_MS);
  return {
    name,
    title,
    origin: "recording",
    provenance: provenanceOf(file),
    chain,
    reporters: [node],
    clock: "elapsed",
    zero_ms: first.at_ms,
    poll_interval_ms: pollIntervalOf(observations),
    guardian_policy: HOT_WALLET_POLICY,
    qwg_policy: {},
    balances: { [HOT_WALLET]: "2000000" },
    steps: mergeSteps(
      phases(observations, story),
      observations.map(({ observation }) => ({
        kind: "observation",
        at_ms: observation.at_ms,
        observation,
      })),
      story.orders(observations),
      customerSteps(name === "dgb-regtest" ? "regtest" : name, SEED, times),
    ),
  };
}

const stepsBack = (observations: readonly LabelledObservation[]): boolean =>
  observations.some(
    ({ observation }, i) => observation.at_ms < (observations[i - 1]?.observation.at_ms ?? 0),
  );

/** Finds the poll interval of the recorded node: nearly all gaps are within it. */
function pollIntervalOf(observations: readonly LabelledObservation[]): number {
  const gaps = observations
    .slice(1)
    .map(({ observation }, i) => observation.at_ms - (observations[i]?.observation.at_ms ?? 0))
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor((gaps.length - 1) * USUAL)] ?? SHORTEST_POLL_MS;
  return Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, usual));
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

function phases(observations: readonly LabelledObservation[], { noteOf }: Story): Step[] {
  return observations.flatMap(({ label, observation }, index): Step[] => {
    if (label === observations[index - 1]?.label) return [];
    return [{ kind: "phase", at_ms: observation.at_ms, label, note: noteOf(label) }];
  });
}
