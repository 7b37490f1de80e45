/** Detector `sync_stuck`: a node that syncs and gets no further (design, section 5). */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { severityOfSilence, silencesPerYear } from "./node-unreachable.js";
import { statementOf } from "./rival-chain/peers-ahead.js";
import type { Observation } from "../observation/observation.js";
import { isNotable, significant } from "../stats/severity.js";

const stateSchema = z.strictObject({
  /** Its tip when it last got further, and when that was, on the running time `most_ms`; null: it does not sync. */
  stuck: z
    .strictObject({ height: heightSchema, best_header_height: heightSchema, since_ms: z.int() })
    .nullable(),
  /** The height that a majority of its peers' groups stated last; 0 where none did. */
  peers_height: heightSchema,
});
type SyncState = z.infer<typeof stateSchema>;

/**
 * Finds a node in its initial download that gets no further though blocks are there: neither its tip nor its best header
 * has risen for t seconds, and its best header or a majority of its peers (`statementOf`) is ahead of its tip. An honest node that
 * syncs stands still for longer than t seconds 24·exp(−t/300) times a year (the law of `node_unreachable`, an
 * assumption: a peer that does not deliver is replaced after ten minutes at most): 0.25 after 954 s, 0.60 after 3,026 s,
 * 0.90 after 5,098 s. It ends when the node gets further, or is no more in its initial download: from then on
 * `block_stall` watches it.
 */
export const syncStuck: Detector<SyncState> = defineDetector({
  name: "sync_stuck",
  stateSchema,
  initial: () => ({ stuck: null, peers_height: 0 }),
  reduce: ({ peers_height }, observation) => ({
    state: { stuck: null, peers_height: statedBy(observation) ?? peers_height },
    findings: [],
  }),
  reduceUnwatched(state, observation) {
    const { tip, best_header_height, syncing, reachable, times } = observation;
    const peers_height = statedBy(observation) ?? state.peers_height;
    // Of a silence or a start nothing is known: the time does not count.
    if (!reachable || !syncing || tip === null) {
      const findings = state.stuck === null ? null : [];
      return { state: { stuck: null, peers_height }, findings };
    }
    const now = { height: tip.height, best_header_height: best_header_height ?? tip.height };
    const { stuck: before } = state;
    const isFurther =
      before === null ||
      now.height > before.height ||
      now.best_header_height > before.best_header_height;
    const stuck = isFurther ? { ...now, since_ms: times.most_ms } : before;
    const ahead = Math.max(now.best_header_height, peers_height);
    return {
      state: { stuck, peers_height },
      findings: ahead > tip.height ? findingsOf(stuck, ahead, observation) : [],
    };
  },
});

/** What a majority of the groups of its peers states; undefined where they were not requested. */
const statedBy = ({ peers, tip }: Observation): number | undefined =>
  peers === undefined ? undefined : (statementOf(peers, tip?.height ?? 0).goal ?? 0);

function findingsOf(
  { height, since_ms }: NonNullable<SyncState["stuck"]>,
  ahead: number,
  { times }: Timed<Observation>,
): DetectorFinding[] {
  const seconds = Math.max(0, times.most_ms - since_ms) / 1_000;
  const severity = severityOfSilence(seconds);
  // [FINDING sync_stuck] a node that syncs stands still so long at most once a year
  if (!isNotable(severity)) return [];
  return [
    {
      finding_id: `sync_stuck:${height}`,
      severity,
      summary: `the node syncs and stands at height ${height} for ${Math.floor(seconds)} s, though ${ahead - height} further blocks are there`,
      height,
      latched: false,
      evidence: {
        ...{ height, ahead, seconds: Math.floor(seconds) },
        expected_per_year: significant(silencesPerYear(seconds)),
      },
    },
  ];
}
