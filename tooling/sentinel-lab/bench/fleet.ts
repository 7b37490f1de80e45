/** False alarms of a fleet's detectors: `--months N` of each honest fleet, `--seed N`, `--only NAME` (repeatable). */
import { parseArgs } from "node:util";
import { fleetAlarms, fleetMarkdown } from "../src/quality/fleet-honest.js";
import { HONEST_FLEETS } from "../src/simulation/fleet/honest-fleets.js";

const { values } = parseArgs({
  options: {
    months: { type: "string", default: "1" },
    seed: { type: "string", default: "880001" },
    only: { type: "string", multiple: true, default: [] },
  },
});
const { only } = values;
const wanted = HONEST_FLEETS.filter(({ name }) => only.length === 0 || only.includes(name));
const alarms = wanted.map((fleet, i) => {
  const begun = performance.now();
  const made = fleetAlarms(fleet, Number(values.seed) + i, Number(values.months));
  console.error(`${fleet.name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  return made;
});
console.log(fleetMarkdown(alarms));
