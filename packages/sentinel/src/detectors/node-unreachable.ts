/** Detector `node_unreachable`: the source itself is silent, and that is a finding (design, section 5). */
import { heightSchema, SCALE, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { isOverloaded, type Observation } from "../observation/observation.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * An ordinary node's silences, by assumption of this project: two restarts a month, each over after five
 * minutes on average and exponentially distributed.
 */
const SILENCES = { per_year: 24, mean_seconds: 300 } as const;

/** Silences of an ordinary node a year that last longer. */
export const silencesPerYear = (seconds: number): number =>
  SILENCES.per_year * Math.exp(-seconds / SILENCES.mean_seconds);

/** Severity of a silence, by how often an ordinary node has one that lasts longer. */
export const severityOfSilence = (seconds: number): number =>
  severityOfReturnPeriod(1 / silencesPerYear(seconds));

const stateSchema = z.strictObject({
  /** When it fell silent, by the wall clock then and on the running time `most_ms`; null while it answers. */
  silent: z.strictObject({ at_ms: timeMsSchema, since_ms: z.int() }).nullable(),
  /** Height of the last tip that it showed. */
  height: heightSchema,
});
type SilenceState = z.infer<typeof stateSchema>;

/**
 * Finds a node that does not answer, at once: its chain is not watched meanwhile, which is 0.25. It gets worse
 * with time: an ordinary node is silent for longer than t seconds 24·exp(−t/300) times a year, and
 * severity follows from that return period: 0.60 after 3,026 s (50 min), 0.90 after 5,098 s (85 min).
 * False alarms: none; that nothing is known is true each time. It ends with the first answer. One that is too busy
 * to answer is not silent (`node_overloaded`).
 */
export const nodeUnreachable: Detector<SilenceState> = defineDetector({
  name: "node_unreachable",
  stateSchema,
  initial: () => ({ silent: null, height: 0 }),
  reduce: (_, { tip: { height } }) => ({ state: { silent: null, height }, findings: [] }),
  reduceUnwatched(state, observation) {
    const { reachable, at_ms, times, tip } = observation;
    const height = tip?.height ?? state.height;
    // [FINDING node_unreachable] the node does not answer
    if (reachable || isOverloaded(observation))
      return { state: { silent: null, height }, findings: [] };
    const silent = state.silent ?? { at_ms, since_ms: times.most_ms };
    return { state: { silent, height }, findings: [findingOf(silent, height, observation)] };
  },
});

function findingOf(
  { at_ms: silent_since_ms, since_ms }: NonNullable<SilenceState["silent"]>,
  height: number,
  { times }: Timed<Observation>,
): DetectorFinding {
  const seconds = (times.most_ms - since_ms) / 1_000;
  return {
    finding_id: `node_unreachable:${silent_since_ms}`,
    severity: Math.max(SCALE.elevated, severityOfSilence(seconds)),
    summary: `the node does not answer since ${Math.floor(seconds)} s`,
    height,
    latched: false,
    evidence: { silent_since_ms, expected_per_year: significant(silencesPerYear(seconds)) },
  };
}
