/** Loads the scenarios of the demo, by name. */
import { CommandError } from "../errors.js";
import { dgbRegtest } from "./dgb-regtest.js";
import { groestl2026 } from "./groestl-2026.js";
import { gwSim001 } from "./gw-sim-001.js";
import { recordingScenario } from "./recording.js";
import { readRecordingFile } from "./recording-file.js";
import type { Scenario } from "./scenario.js";

const SCENARIOS = {
  "gw-sim-001": gwSim001,
  "dgb-regtest": dgbRegtest,
  "groestl-2026": groestl2026,
} as const satisfies Record<string, () => Scenario>;

/** Names of the scenarios, in the order in which they play. */
export const SCENARIO_NAMES: readonly string[] = Object.keys(SCENARIOS);

/** What to play, as the command line gives it. */
export type Choice = Readonly<{
  scenario?: string | undefined;
  recording?: string | undefined;
  chain?: string | undefined;
}>;

/**
 * Loads what is to be played, whole and checked; without a choice, all scenarios.
 *
 * @throws CommandError `usage` for an unknown name, `bad_recording` for a bad recording
 */
export function loadScenarios({ scenario, recording, chain }: Choice): Scenario[] {
  if (recording !== undefined) {
    if (scenario === undefined) return [recordingScenario(readRecordingFile(recording, chain))];
    throw new CommandError("usage", `--recording is played by itself, not as ${scenario}`);
  }
  if (chain !== undefined) throw new CommandError("usage", "--chain goes with --recording");
  if (scenario === undefined) return SCENARIO_NAMES.map((known) => load(known));
  return [load(scenario)];
}

function load(name: string): Scenario {
  if (!isKnown(name)) {
    const known = SCENARIO_NAMES.join(", ");
    throw new CommandError("usage", `there is no scenario "${name}"; choose one of: ${known}`);
  }
  return SCENARIOS[name]();
}

const isKnown = (name: string): name is keyof typeof SCENARIOS => Object.hasOwn(SCENARIOS, name);
