/** The scenarios that the demo knows, by name. */
import { ShieldError } from "../errors.js";
import { dgbRegtest } from "./dgb-regtest.js";
import { groestl2026 } from "./groestl-2026.js";
import { gwSim001 } from "./gw-sim-001.js";
import type { Scenario } from "./scenario.js";

const SCENARIOS = {
  "gw-sim-001": gwSim001,
  "dgb-regtest": dgbRegtest,
  "groestl-2026": groestl2026,
} as const satisfies Record<string, () => Scenario>;

/** Names of the scenarios, in the order in which they play. */
export const SCENARIO_NAMES: readonly string[] = Object.keys(SCENARIOS);

/**
 * Loads a scenario, whole and checked; without a name, all of them.
 *
 * @param recording a recording to play instead of the one of `dgb-regtest`
 * @throws ShieldError `usage` for an unknown name, `bad_recording` for a bad recording
 */
export function loadScenarios(name: string | undefined, recording: string | undefined): Scenario[] {
  if (recording !== undefined) {
    if (name === undefined || name === "dgb-regtest") return [dgbRegtest(recording)];
    throw new ShieldError("usage", `--recording goes with dgb-regtest, not with ${name}`);
  }
  if (name === undefined) return SCENARIO_NAMES.map((known) => load(known));
  return [load(name)];
}

function load(name: string): Scenario {
  if (!isKnown(name)) {
    const known = SCENARIO_NAMES.join(", ");
    throw new ShieldError("usage", `there is no scenario "${name}"; choose one of: ${known}`);
  }
  return SCENARIOS[name]();
}

const isKnown = (name: string): name is keyof typeof SCENARIOS => Object.hasOwn(SCENARIOS, name);
