/** Detector `node_overloaded`: the node is too busy to answer, which is no silence (design, section 5). */
import { heightSchema, SCALE, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { severityOfSilence, silencesPerYear } from "./node-unreachable.js";
import { isOverloaded, type Observation } from "../observation/observation.js";
import { significant } from "../stats/severity.js";

const stateSchema = z.strictObject({
  /** When it was first too busy, by the wall clock then and on the running time `most_ms`; null while it answers. */
  busy: z.strictObject({ at_ms: timeMsSchema, since_ms: z.int() }).nullable(),
  /** Height of the last tip that it showed. */
  height: heightSchema,
});
type BusyState = z.infer<typeof stateSchema>;

/**
 * Finds a node whose work queue is full (HTTP 503, "Work queue depth exceeded"), at once: it runs, but its chain is
 * not watched meanwhile, which is 0.25. It gets worse with time as a silence does (`node_unreachable`). False alarms:
 * none; that nothing is known is true each time. It ends with the first answer, or with another failure.
 */
export const nodeOverloaded: Detector<BusyState> = defineDetector({
  name: "node_overloaded",
  stateSchema,
  initial: () => ({ busy: null, height: 0 }),
  reduce: (_, { tip: { height } }) => ({ state: { busy: null, height }, findings: [] }),
  reduceUnwatched(state, observation) {
    const { at_ms, times, tip } = observation;
    const height = tip?.height ?? state.height;
    // [FINDING node_overloaded] the node is too busy to answer
    if (!isOverloaded(observation)) {
      return { state: { busy: null, height }, findings: state.busy === null ? null : [] };
    }
    const busy = state.busy ?? { at_ms, since_ms: times.most_ms };
    return { state: { busy, height }, findings: [findingOf(busy, height, observation)] };
  },
});

function findingOf(
  { at_ms: busy_since_ms, since_ms }: NonNullable<BusyState["busy"]>,
  height: number,
  { times, failure }: Timed<Observation>,
): DetectorFinding {
  const seconds = (times.most_ms - since_ms) / 1_000;
  return {
    finding_id: `node_overloaded:${busy_since_ms}`,
    severity: Math.max(SCALE.elevated, severityOfSilence(seconds)),
    summary: `the node is too busy to answer since ${Math.floor(seconds)} s: call it less often, or raise rpcworkqueue`,
    height,
    latched: false,
    evidence: {
      ...{ busy_since_ms, code: failure?.code ?? null },
      expected_per_year: significant(silencesPerYear(seconds)),
    },
  };
}
