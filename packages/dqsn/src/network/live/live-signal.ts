/** The entities of the live network state: signals, their nodes, the operators of those. */
import type { SignalSource } from "@dgb-shield/contract";
import type { MaxMultiset } from "./max-multiset.js";
import type { MildestFirst } from "./mildest-first.js";

/** The signal of one slot (operator, node, source, type), linked into the queues and trees that hold it. */
export type LiveSignal = {
  readonly node: LiveNode;
  readonly source: SignalSource;
  readonly type: string;
  /** Place of its channel in `CHANNELS`. */
  readonly channel: number;
  /** SHA-256 of its slot: its place in the digest. */
  readonly slotHash: string;
  canonical: string;
  /** Integer of 10⁻⁶. */
  severity: number;
  /** `observed_at`, or the time of arrival where that is absent: orders the signals of a slot. */
  dateMs: number;
  /** The time from which it counts, never later than its arrival, on the state's own clock; it expires `ttl_ms` later. */
  timeMs: number;
  /** Whether it is counted in its operator's vote. */
  isCounted: boolean;
  /** Its neighbours among the signals that expire in the same millisecond. */
  before: LiveSignal | undefined;
  after: LiveSignal | undefined;
  /** Its place in the tree of the digest; undefined while it is not live. */
  branch: Branch | undefined;
};

/** A node with at least one live signal, of one operator or of none. */
export type LiveNode = {
  readonly id: string;
  /** Names it and its operator together. */
  readonly key: string;
  readonly operator: Operator;
  readonly signals: LiveSignal[];
  /** Whether it is not muted. */
  isActive: boolean;
};

/** An operator of live nodes, or a node that names no operator and is its own. */
export type Operator = {
  readonly name: string;
  /** The name as signals give it; undefined for a node that is its own operator. */
  readonly claim: string | undefined;
  /** What its nodes hold of one source, and of further ones; most operators have one. */
  share: Share | undefined;
  shares: Share[] | undefined;
  /** Live signals of its nodes, and how many of them are counted. */
  held: number;
  counted: number;
  /** Its vote in each channel, and in how many of them it is critical. */
  readonly votes: (Vote | undefined)[];
  criticalVotes: number;
};

/** The signals of one operator from one source, and the bytes that they are charged. */
export type Share = {
  readonly source: SignalSource;
  signals: number;
  bytes: number;
  /** Kept from the first moment when the share was full. */
  mildest: MildestFirst<LiveSignal> | undefined;
};

/** An operator's vote in one channel; `severity` and `weight` are as counted in the channel's votes. */
export type Vote = {
  readonly severities: MaxMultiset;
  /** Counted signals by place in `SIGNAL_SOURCES`; undefined where all sources have one weight. */
  readonly bySource: number[] | undefined;
  severity: number;
  weight: number;
};

/**
 * A part of the tree of the digest: the signals whose slot hash begins with certain digits. Up to 16 of
 * them are listed in the order of those hashes; more are spread over 16 branches by the next digit.
 */
export type Branch = {
  readonly parent: Branch | undefined;
  readonly depth: number;
  /** The last of those digits, 0–15. */
  readonly digit: number;
  count: number;
  signals: LiveSignal[];
  fork: Fork | undefined;
};

/** The branches below a branch. */
export type Fork = {
  readonly branches: (Branch | undefined)[];
  /** Their hashes, 64 hexadecimal digits each, side by side: the input of the hash of the branch above. */
  readonly hashes: Uint8Array;
  /** A bit for each branch whose hash is stale. */
  stale: number;
};
