/** What a source remembers of its node between two polls. */
import type { Link } from "../../detectors/reorg/fork.js";
import type { BlockHeader, Failure, NodeInfo } from "../../observation/observation.js";
import { type LostTransactions, nothingLost } from "../../recording/lost-transactions.js";
import type { BlockForm } from "./block-transactions.js";

/** Where a source is on one chain. */
export type Place = Readonly<{
  /** The tip that was shown last, its header once it was read, and its chainwork where the node gives it. */
  last: Link | undefined;
  tip: BlockHeader | undefined;
  chainwork: string | undefined;
}>;

/** Chains that are remembered: an address can be that of several nodes in turn. */
const MAX_CHAINS = 8;

/** What is remembered of a node between two polls. */
export type NodeMemory = {
  /** By network and first block: what was shown of another chain is nothing that this one has shown. */
  places: ReadonlyMap<string, Place>;
  /** Where a chain begins that was not seen yet. */
  start: Place;
  /** Null: to be requested at the next poll. */
  genesisHash: string | null;
  node: NodeInfo | undefined;
  /** `uptime` and the monotonic clock then. */
  uptime: Uptime | undefined;
  /** Whether it was seen down or loading since its last tip. */
  wasDown: boolean;
  /** What `getblock` gives; found anew when the node was down, and when its software is another. */
  blockForm: BlockForm;
  /** Transactions that fell out of the chain lately. */
  lost: LostTransactions;
  /** While it was too busy: until when it is left alone, on the monotonic clock, and for how long each time. */
  busy: Readonly<{ until_ms: number; pause_ms: number; failure: Failure }> | undefined;
  /** Whether the last list had a tip as high as the active one that the node calls invalid. */
  hasInvalid: boolean;
  /** When the rarer calls were made last, on the monotonic clock. */
  tipsAtMs: number;
  peersAtMs: number;
  nodeAtMs: number;
};

/** Before the first poll. */
export const newMemory = (last: Link | undefined): NodeMemory => ({
  places: new Map(),
  start: { last, tip: undefined, chainwork: undefined },
  genesisHash: null,
  node: undefined,
  uptime: undefined,
  wasDown: false,
  blockForm: undefined,
  lost: nothingLost(),
  busy: undefined,
  hasInvalid: false,
  tipsAtMs: -Infinity,
  peersAtMs: -Infinity,
  nodeAtMs: -Infinity,
});

/** How long a node that is too busy is left alone: at first, and twice as long each time, up to the most. */
const FIRST_PAUSE_MS = 5_000;
const MOST_PAUSE_MS = 60_000;

/** The pause after a further answer that the node is too busy. */
export function pauseAfter(
  before: NodeMemory["busy"],
  failure: Failure,
  monotonicMs: number,
): NodeMemory["busy"] {
  const pause_ms =
    before === undefined ? FIRST_PAUSE_MS : Math.min(MOST_PAUSE_MS, 2 * before.pause_ms);
  return { until_ms: monotonicMs + pause_ms, pause_ms, failure };
}

/** A chain, as a node names it. */
export type ChainName = Readonly<{ network: string | undefined; genesisHash: string | null }>;

const nameOf = ({ network, genesisHash }: ChainName): string => `${network}:${genesisHash}`;

/** Where the source is on a chain. */
export const placeOn = ({ places, start }: NodeMemory, chain: ChainName): Place =>
  places.get(nameOf(chain)) ?? start;

/** The places with a new one; the one that was longest not seen goes where there are too many. */
export function placesWith(
  { places }: NodeMemory,
  chain: ChainName,
  place: Place,
): ReadonlyMap<string, Place> {
  const name = nameOf(chain);
  const others = [...places].filter(([known]) => known !== name);
  return new Map([...others.slice(1 - MAX_CHAINS), [name, place]]);
}

/** `uptime` of a node, and the monotonic clock when it was read. */
export type Uptime = Readonly<{ seconds: number; at_ms: number }>;

/** Seconds by which `uptime` and the monotonic clock may differ over one poll. */
const UPTIME_SLACK_S = 60;

/**
 * Whether a node was started between two readings of `uptime`. It counts by the node's wall clock: one that was taken
 * back makes it fall as well, but not below the time that has passed.
 */
export function isRestart(before: Uptime | undefined, now: Uptime, wasDown: boolean): boolean {
  if (before === undefined) return false;
  const passed = (now.at_ms - before.at_ms) / 1_000;
  return now.seconds < before.seconds && (wasDown || now.seconds <= passed + UPTIME_SLACK_S);
}
