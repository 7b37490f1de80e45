/**
 * What watching a live node costs: replay of its observations with all their fields, the state that is kept,
 * and what of it changes with an observation. `--blocks N` for more or fewer, `--kind NAME`, `--poll` for polls alone.
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

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const watched = createSentinel({ node_id: "live-node", chain });
let [written, changed] = [0, 0];
let before = new Map<string, string>();
const SAMPLED = 2_000;
for (const [i, { observation }] of observed.entries()) {
  watched.observe(observation);
  if (i < observed.length - SAMPLED) continue;
  const now = new Map(
    Object.entries(watched.state().detectors).map(([name, one]) => [name, JSON.stringify(one)]),
  );
  for (const [name, text] of now) {
    if (before.size === 0 || before.get(name) === text) continue;
    written += text.length;
    changed++;
  }
  before = now;
}

console.log(
  `${values.kind}: ${count(blocks)} blocks in ${count(observed.length)} observations with all fields`,
);
console.log(`replay: ${rates.map(count).join(", ")} blocks/s (three rounds)`);
console.log(`state: ${count(JSON.stringify(watched.state()).length)} bytes of JSON`);
console.log(
  `whole states of detectors that changed, an observation: ${count(written / (SAMPLED - 1))} bytes, ${(changed / (SAMPLED - 1)).toFixed(1)} detectors`,
);
for (const [name, text] of before) console.log(`  ${name}: ${count(text.length)}`);
