/** Detector `clock_trust`: the times of headers, node or peers against the observer's clock (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import {
  type HeaderOffsets,
  headerOffsetsSchema,
  NO_OFFSETS,
  withHeaders,
} from "./header-offsets.js";
import type { Observation, WatchedObservation } from "../observation/observation.js";
import { medianOf } from "../stats/median.js";

/** Seconds by which the clocks of a node and of its peers may be off: far more than any that is synchronised. */
const MAX_OFFSET_S = 60;

/** Fewer peers with a known clock than this show nothing. */
const MIN_PEERS = 5;

/** What is off must last for so long. */
const GRACE_MS = 600_000;

/** And be over for so long: headers that are off come and go with who mines. */
const OVER_MS = {
  headers_ahead: 21_600_000,
  headers_behind: 21_600_000,
  node: 600_000,
  peers: 600_000,
};

const KINDS = ["headers_ahead", "headers_behind", "node", "peers"] as const;
type Kind = (typeof KINDS)[number];

const offSchema = z.strictObject({
  kind: z.enum(KINDS),
  /** Since when it is off, on `most_ms`, and until when it was, on `held_ms`. */
  since_ms: z.int(),
  seen_ms: z.int(),
  /** Height at which the finding was raised; null until it has lasted. */
  raised_at: heightSchema.nullable(),
  /** Evidence: seconds ahead of the observer's clock; of headers, the share that is off. */
  value: z.number(),
});
type Off = z.infer<typeof offSchema>;

const stateSchema = z.strictObject({ headers: headerOffsetsSchema, off: z.array(offSchema) });
type TrustState = z.infer<typeof stateSchema>;

/**
 * Finds a clock that is wrong against the others; which of them is, cannot be determined. `elevated`, and no more:
 *
 * - `headers_ahead`, `headers_behind`: of the last 11 headers six or more are over 300 s ahead of when they
 *   came, or behind; or more than half of the recent ones (weight 1/64) over 60 s. Single miners' clocks that
 *   are 250 to 300 s ahead are ordinary. If each header is over 300 s ahead with the probability q = 0.01,
 *   six of 11 are with 462·q^6 at most: once in 1,000 years of DigiByte; at q = 0.05 five times a year. If a
 *   quarter is over 60 s ahead, the recent share is above a half at 6.5 standard deviations of 0.038.
 * - `node`: the node's own clock is more than 60 s off the observer's.
 * - `peers`: the clocks of its peers are, from the node's, in the median; of at least five that it chose
 *   itself, else by what the node states for all. None honest: those clocks are synchronised.
 *
 * Each must last for ten minutes, and be over for ten, headers for six hours. Headers are compared while the observer's clock is trusted
 * and the node keeps up: a header is behind only against the observation before the one that showed it first.
 * Observations that are dated by their headers show nothing. An attacker who dates his blocks evenly while they
 * come too fast is off by more than 300 s after 2,000 s at 12.5 s a block instead of 15.
 */
export const clockTrust: Detector<TrustState> = defineDetector({
  name: "clock_trust",
  stateSchema,
  initial: () => ({ headers: NO_OFFSETS, off: [] }),
  reduce(previous, observation) {
    const headers = withHeaders(previous.headers, observation);
    const clocks = clocksOff(observation);
    const isQuiet = clocks.length === 0 && !headers.ahead.is_off && !headers.behind.is_off;
    // The common case: every clock is right, and none was wrong.
    if (isQuiet && previous.off.length === 0) {
      return { state: { headers, off: previous.off }, findings: [] };
    }
    const now = [...headersOff(headers), ...clocks];
    const off = KINDS.flatMap((kind) => advance(kind, { before: previous.off, now, observation }));
    return { state: { headers, off }, findings: findingsOf(off, observation) };
  },
  reduceUnwatched: (state, { times: { most_ms } }) => ({
    state: { ...state, headers: { ...state.headers, observed_ms: most_ms, is_away: true } },
    findings: null,
  }),
});

type Now = Readonly<{ kind: Kind; value: number }>;

const headersOff = ({ ahead, behind }: HeaderOffsets): readonly Now[] => [
  ...(ahead.is_off ? [{ kind: "headers_ahead" as const, value: ahead.share }] : []),
  ...(behind.is_off ? [{ kind: "headers_behind" as const, value: behind.share }] : []),
];

const NOTHING: readonly Now[] = Object.freeze([]);

function clocksOff(observation: Timed<WatchedObservation>): readonly Now[] {
  const { at_ms, node_time_s, peers, node } = observation;
  if (node_time_s === undefined && peers === undefined && node === undefined) return NOTHING;
  const nodeOff = node_time_s === undefined ? 0 : node_time_s - at_ms / 1_000;
  const peersOff = peersOffset(observation);
  if (Math.abs(nodeOff) <= MAX_OFFSET_S && Math.abs(peersOff) <= MAX_OFFSET_S) return NOTHING;
  return [
    ...(Math.abs(nodeOff) > MAX_OFFSET_S ? [{ kind: "node" as const, value: nodeOff }] : []),
    ...(Math.abs(peersOff) > MAX_OFFSET_S ? [{ kind: "peers" as const, value: peersOff }] : []),
  ];
}

/** Seconds that the peers' clocks are ahead of the node's, in the median. */
function peersOffset({ peers, node }: Observation): number {
  const stated = node?.time_offset_s ?? 0;
  if (peers === undefined) return stated;
  const offsets: number[] = [];
  for (const { inbound, time_offset_s } of peers) {
    if (!inbound && time_offset_s !== undefined) offsets.push(time_offset_s);
  }
  return offsets.length < MIN_PEERS ? stated : (medianOf(offsets) ?? 0);
}

function advance(
  kind: Kind,
  {
    before: all,
    now,
    observation: { times, tip },
  }: { before: readonly Off[]; now: readonly Now[]; observation: Timed<WatchedObservation> },
): Off[] {
  const before = all.find((one) => one.kind === kind);
  const found = now.find((one) => one.kind === kind);
  if (found === undefined) {
    const isOver =
      before === undefined ||
      before.raised_at === null ||
      times.held_ms - before.seen_ms >= OVER_MS[kind];
    return isOver ? [] : [before];
  }
  const since_ms = before?.since_ms ?? times.most_ms;
  const opened = times.most_ms - since_ms >= GRACE_MS ? tip.height : null;
  const raised_at = before?.raised_at ?? opened;
  return [{ ...found, since_ms, seen_ms: times.held_ms, raised_at }];
}

const describe = ({ kind, value }: Now): string => {
  const seconds = Math.round(Math.abs(value));
  const side = value > 0 ? "ahead of" : "behind";
  switch (kind) {
    case "headers_ahead":
      return "most recent headers are dated far ahead of the observer's clock";
    case "headers_behind":
      return "most recent headers are dated far behind the observer's clock";
    case "node":
      return `the node's clock is ${seconds} s ${side} the observer's`;
    case "peers":
      return `the clocks of the node's peers are ${seconds} s ${side} the node's`;
  }
};

// [FINDING clock_trust] a clock is wrong against the others
const findingsOf = (off: readonly Off[], { tip }: WatchedObservation): DetectorFinding[] =>
  off.flatMap(({ kind, raised_at, value }) =>
    raised_at === null
      ? []
      : [
          {
            finding_id: `clock_trust:${kind}:${raised_at}`,
            severity: SCALE.elevated,
            summary: describe({ kind, value }),
            height: tip.height,
            latched: false,
            evidence: kind.startsWith("headers") ? { share: value } : { offset_seconds: value },
          },
        ],
  );
