/**
 * What watching a live node costs: replay of its observations with all their fields, the state that is kept,
 * and what is written after an observation. `--blocks N` for more or fewer, `--json` for one object.
 */
import { parseArgs } from "node:util";
import { createSentinel, type LabelledObservation } from "@dgb-shield/sentinel";
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
  const begun = performance.now();
  for (const { observation } of observed) sentinel.observe(observation);
  rates.push((blocks / (performance.now() - begun)) * 1_000);
}

const sentinel = createSentinel({ node_id: "live-node", chain });
let last = "";
for (const { observation } of observed) sentinel.observe(observation);
last = JSON.stringify(sentinel.state());

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
console.log(
  `${values.kind}: ${count(blocks)} blocks in ${count(observed.length)} observations with all fields`,
);
console.log(`replay: ${rates.map(count).join(", ")} blocks/s (three rounds)`);
console.log(`state: ${count(last.length)} bytes of JSON`);
const { detectors } = JSON.parse(last) as { detectors: Record<string, unknown> };
for (const [name, state] of Object.entries(detectors)) {
  console.log(`  ${name}: ${count(JSON.stringify(state).length)}`);
}
