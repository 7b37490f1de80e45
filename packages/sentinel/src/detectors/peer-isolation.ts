/** Detector `peer_isolation`: a node that too few others, or only some of one kind, talk to (design: layer 1). */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { binomialTail } from "../stats/tails.js";
import type { Peer, WatchedObservation } from "../observation/observation.js";
import { isConfiguredNetwork } from "../observation/peer-group.js";
import { severityOfReturnPeriod, significant } from "../stats/severity.js";

/** Independent samples a year: connections last for about an hour. */
const LOOKS_PER_YEAR = 8_766;

/** What is sought; each may raise a third of the false alarms. */
const KINDS = ["few_peers", "one_group", "peers_behind"] as const;
type Kind = (typeof KINDS)[number];

/**
 * What an honest node's peers are like. Assumptions of this project: there is no published record.
 */
const HONEST = {
  /** Share of the time that one of the connections that a node opens by itself is down. */
  down: 0.25,
  /** Share of the network's nodes in its largest network group. */
  largest_group: 0.1,
  /** Share of the time that a peer is `behind_blocks` or more behind: still syncing, or stuck. */
  behind: 0.05,
} as const;

/** A peer is behind when its best header is so many blocks below the tip. */
const BEHIND_BLOCKS = 6;

/** Longest return period that is distinguished. */
const MAX_YEARS = 1_000_000_000;

/** How long a state of the peers must last, and must be over, in milliseconds. */
const GRACE_MS = 600_000;

/** `connection_type` of a peer that the operator named. */
const MANUAL = "manual";

/** And of those that the node leaves again at once. */
const PASSING: ReadonlySet<string> = new Set(["feeler", "addr-fetch"]);

const stateSchema = z.strictObject({
  /** The node's settings as it gave them last; null while it has not. */
  settings: z
    .strictObject({
      outbound_target: z.int().min(0).nullable(),
      network_active: z.boolean().nullable(),
    })
    .nullable(),
  kinds: z.array(
    z.strictObject({
      kind: z.enum(KINDS),
      /** When it began, on the running time `most_ms`. */
      since_ms: z.int(),
      /** When it was last there, on the running time `held_ms`. */
      seen_ms: z.int(),
      raised_at: heightSchema.nullable(),
      /** At its worst since then. */
      years: z.number(),
      evidence: z.record(z.string(), z.number()),
    }),
  ),
});
type IsolationState = z.infer<typeof stateSchema>;
type Isolated = IsolationState["kinds"][number];
type Settings = IsolationState["settings"];

/**
 * Finds an eclipse, or what is on the way to one, in `getpeerinfo`. Sampled once an hour (8,766 samples
 * a year), three kinds, an honest node shows
 * - `few_peers`: k or fewer peers, with the probability Binomial(≤ k; n, 0.75), n = the node's own
 *   `outbound_target`, else the chain's `outbound_peers`; none where all outbound peers are manual;
 * - `one_group`: all of k peers in one network group, with 0.1^(k − 1). Manual peers, overlay
 *   and private networks are left out: a node has them by configuration (`onlynet`, `connect`), and peers there cost nothing, so
 *   that their share neither is evidence nor vouches for the others;
 * - `peers_behind`: all of k peers 6 blocks or more below its own tip, with 0.05^k; those whose height is not
 *   known, as of block-relay-only peers, are left out.
 * The return period is 1 / (3·8,766·probability) years; severity follows from it. False alarms: one a
 * year at `elevated` as far as the assumed probabilities hold. With 10 connections: 1 peer is 0.28,
 * none 0.44; eight peers of one group are 0.54, eight behind 0.90.
 *
 * A finding opens when its state has lasted for ten minutes and ends when it has been over for ten. A
 * chain without `outbound_peers`, as a regtest, has no eclipse: it does not run there.
 */
export const peerIsolation: Detector<IsolationState> = defineDetector({
  name: "peer_isolation",
  stateSchema,
  initial: () => ({ settings: null, kinds: [] }),
  // Earlier versions stored no settings.
  upgrade(stored) {
    const read = stateSchema.omit({ settings: true }).safeParse(stored);
    return read.success ? { settings: null, ...read.data } : undefined;
  },
  reduce(previous, observation, chain) {
    const settings = settingsOf(observation) ?? previous.settings;
    const now = judge(observation, settings, chain);
    // The common case: nothing is off, and nothing was.
    if (now.size === 0 && previous.kinds.length === 0) {
      return { state: { settings, kinds: previous.kinds }, findings: [] };
    }
    const kinds = KINDS.flatMap((kind) => {
      const before = previous.kinds.find((one) => one.kind === kind);
      return advance(before, now.get(kind), { kind, observation });
    });
    return { state: { settings, kinds }, findings: findingsOf(kinds, observation) };
  },
  hasEvidence: ({ peers }) => peers !== undefined,
  appliesTo: ({ outbound_peers }) => outbound_peers !== undefined,
});

type Judged = Pick<Isolated, "years" | "evidence">;

const settingsOf = ({ node }: WatchedObservation): Settings =>
  node === undefined
    ? null
    : {
        outbound_target: node.outbound_target ?? null,
        network_active: node.network_active ?? null,
      };

/** The kinds that an honest node shows once a year or less often. */
function judge(
  { tip, peers: all }: WatchedObservation,
  settings: Settings,
  chain: ChainParameters,
): Map<Kind, Judged> {
  const peers = lastingOf(all);
  const outbound_peers = expectedOutbound(peers, settings, chain);
  const few = binomialTail(peers.length, outbound_peers, 1 - HONEST.down);
  const choice = choiceOf(peers).filter(
    (peer) => !isConfiguredNetwork(peer.group) && peer.connection_type !== MANUAL,
  );
  const isOneGroup = choice.length > 0 && choice.every(({ group }) => group === choice[0]?.group);
  const oneGroup = isOneGroup ? HONEST.largest_group ** (choice.length - 1) : 1;
  const { count, highest } = knownHeights(peers);
  const isBehind = count > 0 && highest <= tip.height - BEHIND_BLOCKS;
  const behind = isBehind ? HONEST.behind ** count : 1;
  const judged = new Map<Kind, Judged>();
  const put = (kind: Kind, probability: number, evidence: Judged["evidence"]): void => {
    const years = yearsOf(probability);
    // [FINDING peer_isolation] an honest node has such peers at most once a year
    if (years >= 1) judged.set(kind, { years, evidence });
  };
  put("few_peers", few, { peers: peers.length, outbound_peers });
  put("one_group", oneGroup, { peers: choice.length });
  put("peers_behind", behind, { peers: count, highest, tip: tip.height });
  return judged;
}

/** How many heights of peers are known, and the highest. */
function knownHeights(peers: readonly Peer[]): Readonly<{ count: number; highest: number }> {
  let [count, highest] = [0, -Infinity];
  for (const { height } of peers) {
    if (height === null) continue;
    count++;
    highest = Math.max(highest, height);
  }
  return { count, highest };
}

/** The peers without connections that end by themselves after a question. */
const lastingOf = (peers: readonly Peer[] = []): readonly Peer[] =>
  peers.filter(({ connection_type }) => !PASSING.has(connection_type ?? ""));

/**
 * Connections that the node ought to have: those of its configuration, else of the chain's parameters. One whose
 * outbound peers are all manual (`connect`, `addnode`), as behind a sentry, has those that it was given. Where
 * its network is switched off a lower number is no excuse.
 */
function expectedOutbound(
  peers: readonly Peer[],
  settings: Settings,
  { outbound_peers = 0 }: ChainParameters,
): number {
  const target = settings?.outbound_target ?? null;
  if (settings?.network_active === false) return Math.max(outbound_peers, target ?? 0);
  if (target !== null) return target;
  const outbound = peers.filter(({ inbound }) => !inbound);
  const isManual = outbound.every(({ connection_type }) => connection_type === MANUAL);
  return outbound.length > 0 && isManual ? 0 : outbound_peers;
}

/** The peers that the node chose itself, where it has any: inbound ones choose themselves. */
function choiceOf(peers: readonly Peer[]): readonly Peer[] {
  const chosen = peers.filter(({ inbound }) => !inbound);
  return chosen.length > 0 ? chosen : peers;
}

/** At most a billion years: more adds no evidence, and Infinity is no JSON. */
const yearsOf = (probability: number): number =>
  Math.min(MAX_YEARS, 1 / (KINDS.length * LOOKS_PER_YEAR * probability));

function advance(
  before: Isolated | undefined,
  now: Judged | undefined,
  { kind, observation: { times, tip } }: { kind: Kind; observation: Timed<WatchedObservation> },
): Isolated[] {
  if (now === undefined) {
    const isOver =
      before === undefined ||
      before.raised_at === null ||
      times.held_ms - before.seen_ms >= GRACE_MS;
    return isOver ? [] : [before];
  }
  const since_ms = before?.since_ms ?? times.most_ms;
  const opened = times.most_ms - since_ms >= GRACE_MS ? tip.height : null;
  return [
    { kind, since_ms, seen_ms: times.held_ms, raised_at: before?.raised_at ?? opened, ...now },
  ];
}

const SUMMARIES: Readonly<Record<Kind, string>> = {
  few_peers: "the node has hardly any peers",
  one_group: "all peers of the node are in one network group",
  peers_behind: "all peers of the node are behind it",
};

const findingsOf = (
  kinds: readonly Isolated[],
  { tip, at_ms, times }: Timed<WatchedObservation>,
): DetectorFinding[] =>
  kinds.flatMap(({ kind, raised_at, since_ms, years, evidence }) =>
    raised_at === null
      ? []
      : [
          {
            finding_id: `peer_isolation:${kind}:${raised_at}`,
            severity: severityOfReturnPeriod(years),
            summary: SUMMARIES[kind],
            height: tip.height,
            latched: false,
            evidence: {
              ...evidence,
              since_ms: at_ms - (times.most_ms - since_ms),
              false_alarm_years: significant(years),
            },
          },
        ],
  );
