/** Kinds of honest fleets, whose findings are false alarms; and the observations that each gives. */
import { digibyte } from "@dgb-shield/chain";
import type { Observation } from "@dgb-shield/sentinel";
import { createRandom } from "../random.js";
import { foundBlocks } from "./block-tree.js";
import { createSimulatedNode } from "./simulated-node.js";

/** A kind of honest fleet. */
export type HonestFleet = Readonly<{
  name: string;
  title: string;
  nodes: number;
  /** Of each node; the last one's own where it differs. */
  delaySeconds: number;
  lastDelaySeconds?: number;
  restartsPerMonth: number;
  staleRate: number;
  /** Whether the last node has other software than the others. */
  hasVersions?: boolean;
}>;

const STALE = digibyte.stale_rate;
const quiet = { nodes: 3, restartsPerMonth: 0, staleRate: STALE } as const;

export const HONEST_FLEETS: readonly HonestFleet[] = [
  { ...quiet, name: "delay-5", title: "blocks take 5 s to a node", delaySeconds: 5 },
  { ...quiet, name: "delay-10", title: "blocks take 10 s", delaySeconds: 10 },
  { ...quiet, name: "delay-20", title: "blocks take 20 s", delaySeconds: 20 },
  {
    ...{ ...quiet, name: "stale-2", staleRate: 0.02, delaySeconds: 5 },
    title: "2 % of blocks stale, 5 s",
  },
  {
    ...{ ...quiet, name: "versions", hasVersions: true, delaySeconds: 5 },
    title: "one node of another version, 5 s",
  },
  {
    ...{ ...quiet, name: "restarts", restartsPerMonth: 2, delaySeconds: 5 },
    title: "two restarts of each node a month, 5 s",
  },
  {
    ...{ ...quiet, name: "restarts-10", restartsPerMonth: 10, delaySeconds: 5 },
    title: "ten restarts of each node a month, 5 s",
  },
  {
    ...{ ...quiet, name: "slow-node", lastDelaySeconds: 60, delaySeconds: 5 },
    title: "blocks take 60 s to one node, 5 s to the others",
  },
  {
    ...{ ...quiet, name: "mixed", restartsPerMonth: 2, staleRate: 0.02, delaySeconds: 10 },
    ...{ hasVersions: true, title: "two versions, two restarts a month, 2 % stale, 10 s" },
  },
];

/** Poll of every node of a fleet, at one moment. */
export type Round = readonly Observation[];

const START_MS = Date.UTC(2026, 0, 1);
const START_HEIGHT = 24_000_000;

/** Time between two polls, as a source is polled by default. */
const POLL_MS = 15_000;

/** The names of the nodes of a fleet. */
export const nodesOf = ({ nodes }: HonestFleet): string[] =>
  Array.from({ length: nodes }, (_, i) => `node-${i + 1}`);

/** Polls so many seconds of a fleet. */
export function* rounds(fleet: HonestFleet, seed: number, seconds: number): Generator<Round> {
  const random = createRandom(seed);
  const names = nodesOf(fleet);
  const blocks = foundBlocks({
    ...{ chain: digibyte, random, startMs: START_MS, startHeight: START_HEIGHT },
    staleRate: fleet.staleRate,
  });
  const { header: first, atMs: startMs } = blocks.next().value;
  const nodes = names.map((node_id, i) => {
    const isLast = i === names.length - 1;
    return createSimulatedNode({
      ...{ node_id, random, startMs, first, restartsPerMonth: fleet.restartsPerMonth },
      software: isLast && fleet.hasVersions === true ? "/DigiByte:8.22.2/" : "/DigiByte:9.26.5/",
      delaySeconds: (isLast ? fleet.lastDelaySeconds : undefined) ?? fleet.delaySeconds,
    });
  });
  let next = blocks.next().value;
  const endMs = startMs + seconds * 1_000;
  for (let atMs = startMs + POLL_MS; atMs <= endMs; atMs += POLL_MS) {
    for (; next.atMs <= atMs; next = blocks.next().value) {
      for (const node of nodes) node.hear(next);
    }
    yield nodes.map((node) => node.poll(atMs));
  }
}
