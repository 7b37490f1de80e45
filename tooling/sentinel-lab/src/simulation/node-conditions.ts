/** Simulates the conditions of a node beside its chain: an ordinary mempool, ordinary peers, good signatures. */
import type { Observation, Peer, Signature } from "@dgb-shield/sentinel";
import { exponential, poisson, type Random } from "./random.js";

/** Everything here is an assumption: plausible honest conditions, not measured ones. */
const MEMPOOL = {
  /** Transactions a second, over a day between 60 % more and 40 % less. */
  rate: 0.5,
  daily: 0.5,
  /** Bytes of one. */
  bytes: 300,
  /** Left over by a block. */
  leftOver: 2,
  /** A burst of many at once: how often, in seconds, and how many. */
  burstEveryS: 604_800,
  burst: 300,
} as const;

const PEERS = {
  /** Connections that the node opens by itself. */
  outbound: 10,
  /** How long one lasts and how long it takes to open another, in seconds. */
  lastsS: 3_600,
  reopensS: 120,
  /** Network groups, and the share of the largest. */
  groups: 200,
  largest: 0.1,
  /** Share of the peers that are still far behind, and by how many blocks. */
  behind: 0.03,
  behindBlocks: 1_000,
} as const;

/** Peers and signatures are read at one in so many observations. */
const READ_EVERY = 20;
const SIGNATURES = 16;

const DAY_S = 86_400;
const WORDS = 8;
const TWO_32 = 4_294_967_296;

/** Conditions of the node at one observation. */
export type NodeConditions = Pick<Observation, "mempool" | "peers" | "signatures">;

type Connection = { upS: number; downS: number; peer: Omit<Peer, "height">; behind: number };

/**
 * The conditions of one node. Called once for each observation, in the order of their times.
 *
 * @returns `(atMs, height, isBlock)` → the conditions then
 */
export function createNodeConditions(
  random: Random,
): (atMs: number, height: number, isBlock: boolean) => NodeConditions {
  const mempool = createMempool(random);
  const peers = createPeers(random);
  let observations = 0;
  return (atMs, height, isBlock) => {
    const nowS = atMs / 1_000;
    const seen = { mempool: mempool(nowS, isBlock) };
    if (observations++ % READ_EVERY !== 0) return seen;
    return { ...seen, peers: peers(nowS, height), signatures: signatures(random) };
  };
}

function createMempool(random: Random) {
  let [lastS, pending, burstS] = [Number.NaN, 0, Number.NaN];
  return (nowS: number, isBlock: boolean): Observation["mempool"] => {
    if (Number.isNaN(lastS)) burstS = nowS + exponential(random, MEMPOOL.burstEveryS);
    const passed = Number.isNaN(lastS) ? 0 : nowS - lastS;
    const rate = MEMPOOL.rate * Math.exp(MEMPOOL.daily * Math.sin((2 * Math.PI * nowS) / DAY_S));
    pending = isBlock ? poisson(random, MEMPOOL.leftOver) : pending + Math.round(rate * passed);
    if (nowS >= burstS) {
      pending += MEMPOOL.burst;
      burstS = nowS + exponential(random, MEMPOOL.burstEveryS);
    }
    lastS = nowS;
    return { count: pending, bytes: pending * MEMPOOL.bytes };
  };
}

function createPeers(random: Random) {
  let connections: Connection[] = [];
  return (nowS: number, height: number): Peer[] => {
    connections = Array.from({ length: PEERS.outbound }, (_, i) => {
      const before = connections[i];
      return before !== undefined && nowS < before.downS ? before : connect(nowS, before);
    });
    return connections
      .filter(({ upS }) => upS <= nowS)
      .map(({ peer, behind }) => ({ ...peer, height: Math.max(0, height - behind) }));
  };

  function connect(nowS: number, before: Connection | undefined): Connection {
    const upS = before === undefined ? nowS : nowS + exponential(random, PEERS.reopensS);
    const group = random() < PEERS.largest ? 0 : 1 + Math.floor(random() * PEERS.groups);
    return {
      upS,
      downS: upS + exponential(random, PEERS.lastsS),
      peer: { group: `group-${group}`, inbound: false },
      behind: random() < PEERS.behind ? PEERS.behindBlocks : 0,
    };
  }
}

const signatures = (random: Random): Signature[] =>
  Array.from({ length: SIGNATURES }, () => ({ r: hex(random), key: hex(random) }));

const hex = (random: Random): string =>
  Array.from({ length: WORDS }, () =>
    Math.floor(random() * TWO_32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
