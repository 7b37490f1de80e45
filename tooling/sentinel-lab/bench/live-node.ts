/**
 * What watching a live node costs: replay of its observations with all their fields, the state that is kept,
 * and what of it changes with an observation. `--blocks N` for more or fewer, `--kind NAME`, `--poll` for polls alone.
 */
import { parseArgs } from "node:util";
import { createSentinel, type LabelledObservation, stateChanges } from "@dgb-shield/sentinel";
import { HONEST_KINDS } from "../src/simulation/live/honest-kinds.js";
import { liveObservations } from "../src/simulation/live/live-scenario.js";

const { values } = parseArgs({
  options: {
    blocks: { type: "string", default: "40000" },
    kind: { type: "string", default: "ordinary" },
    poll: { type: "boolean", default: false },
  },
});
const blocks = Number(values.blocks);
const kind = HONEST_KINDS.find(({ name }) => name === values.kind);
if (kind === undefined) throw new RangeError(`no kind ${values.kind}`);
const { chain, observing } = kind.conditions;

const conditions = { ...kind.conditions, observing: { ...observing, isLongPoll: !values.poll } };
const observed: LabelledObservation[] = [...liveObservations(conditions, { seed: 1, blocks })];

const rates: number[] = [];
for (let round = 0; round < 3; round++) {
  const sentinel = createSentinel({ node_id: "live-node", chain });
  const begun = process.cpuUsage();
  for (const { observation } of observed) sentinel.observe(observation);
  const { user, system } = process.cpuUsage(begun);
  rates.push((blocks / (user + system)) * 1e6);
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const watched = createSentinel({ node_id: "live-node", chain });
const SAMPLED = 2_000;
let written = 0;
let before = watched.state();
for (const [i, { observation }] of observed.entries()) {
  watched.observe(observation);
  if (i < observed.length - SAMPLED - 1) continue;
  const after = watched.state();
  if (i > observed.length - SAMPLED - 1) {
    written += JSON.stringify(stateChanges(before, after)).length;
  }
  before = after;
}

console.log(
  `${values.kind}: ${count(blocks)} blocks in ${count(observed.length)} observations with all fields`,
);
console.log(
  `replay: ${rates.map(count).join(", ")} blocks a second of processor time (three rounds)`,
);
console.log(`state: ${count(JSON.stringify(before).length)} bytes of JSON`);
console.log(`changes of an observation: ${count(written / SAMPLED)} bytes in the mean`);
for (const [name, state] of Object.entries(before.detectors)) {
  console.log(`  ${name}: ${count(JSON.stringify(state).length)}`);
}
