/** Admission: the bounds of the live network state, in signals and bytes, and displacement where one is reached (design section 4.2: bounds). */
import type { SignalFacts } from "../ingest.js";
import type { LiveSignal, Operator, LiveNode, Share } from "./live-signal.js";
import { MildestFirst, mildestOf } from "./mildest-first.js";

/** Bounds of the state. */
export type Bounds = Readonly<{
  max_live_signals: number;
  /** Of one node and source. */
  max_node_signals: number;
  /** Of one operator and source. */
  max_operator_signals: number;
  max_state_bytes: number;
  /** Of one operator and source. */
  max_operator_bytes: number;
}>;

/** The bound that leaves no room, by the field that it concerns. */
export type FullAt = "" | "/node_id" | "/operator";

/** The signals that must go for a signal to come in, or the bound that leaves no room for it. */
export type Admission = Readonly<{ victims: readonly LiveSignal[]; fullAt: FullAt | undefined }>;

/** A signal that needs room. */
export type Applicant = Place & Readonly<{ facts: SignalFacts; operator: Operator | undefined }>;

/** The place of a signal. */
export type Place = Readonly<{
  node: LiveNode | undefined;
  /** The signal of its slot, which it replaces. */
  held: LiveSignal | undefined;
}>;

/** Bytes charged for a signal beside its text: the objects of the signal, its node and its operator. */
const BYTES_PER_SIGNAL = 1_500;
/** Bytes of a character, at most. */
const BYTES_PER_UNIT = 2;
/** Copies of the names that a signal brings: its own, its node's, its operator's, their keys. */
const COPIES_OF_NAMES = 4;

/** Bytes charged for a signal, at least its memory. */
const bytesOf = (text: string, nodeId: string, operator: string | undefined): number =>
  BYTES_PER_SIGNAL +
  BYTES_PER_UNIT * (text.length + COPIES_OF_NAMES * (nodeId.length + (operator?.length ?? 0)));

/** Bytes charged for a live signal. */
export const bytesOfLive = ({ canonical, node: { id, operator } }: LiveSignal): number =>
  bytesOf(canonical, id, operator.claim);

/** No signal must go. */
const NO_VICTIMS: Admission = Object.freeze({
  victims: Object.freeze([]),
  fullAt: undefined,
});

/**
 * Counts signals and bytes. Where a bound is reached, a signal comes in only in place of milder ones within that
 * bound: the mildest first, of those the oldest, then by slot hash.
 */
export class Room {
  readonly #bounds: Bounds;
  readonly #live: () => Iterable<LiveSignal>;
  #signals = 0;
  #bytes = 0;
  /** Built when the state is full for the first time. */
  #mildest: MildestFirst<LiveSignal> | undefined;

  /** @param live iterates over all live signals */
  constructor(bounds: Bounds, live: () => Iterable<LiveSignal>) {
    this.#bounds = bounds;
    this.#live = live;
  }

  /** Counts a signal in. */
  enter(signal: LiveSignal): void {
    this.#count(signal, 1, bytesOfLive(signal));
    this.changed(signal);
  }

  /** Counts a signal out. */
  leave(signal: LiveSignal): void {
    this.#count(signal, -1, -bytesOfLive(signal));
  }

  /** Adjusts the count of a signal whose text has grown by so many bytes. */
  resize(signal: LiveSignal, bytes: number): void {
    this.#count(signal, 0, bytes);
  }

  /** Updates the queues for a signal that is new, or has another severity or time. */
  changed(signal: LiveSignal): void {
    const share = shareOf(signal.node.operator, signal.source);
    if (this.#mildest === undefined && share?.mildest === undefined) return;
    if (this.#mildest?.isWorn(this.#signals) === true) this.#mildest = undefined;
    this.#mildest?.add(signal);
    if (share?.mildest?.isWorn(share.signals) === true) share.mildest = undefined;
    share?.mildest?.add(signal);
  }

  /** Chooses the signals that must go for a signal to come in. */
  admit(applicant: Applicant): Admission {
    const { facts, held } = applicant;
    const bytes =
      bytesOf(facts.canonical, facts.node_id, facts.operator) -
      (held === undefined ? 0 : bytesOfLive(held));
    const need = { signals: held === undefined ? 1 : 0, bytes };
    return this.#isRoomy(applicant, need) ? NO_VICTIMS : this.#displace(applicant, need);
  }

  /** Whether no signal must go: the usual case. */
  #isRoomy({ facts, node, operator }: Applicant, need: Need): boolean {
    const { max_live_signals, max_state_bytes } = this.#bounds;
    if (this.#signals + need.signals > max_live_signals) return false;
    if (this.#bytes + need.bytes > max_state_bytes) return false;
    if (need.signals > 0 && this.#isNodeFull(node, facts)) return false;
    const share = operator === undefined ? undefined : shareOf(operator, facts.source);
    return !this.#isShareOver(facts, share, need);
  }

  #isNodeFull(node: LiveNode | undefined, { source }: SignalFacts): boolean {
    const { max_node_signals } = this.#bounds;
    if (node === undefined || node.signals.length < max_node_signals) return false;
    return node.signals.filter((signal) => signal.source === source).length >= max_node_signals;
  }

  /** A node that names no operator is bounded as a node alone. */
  #isShareOver({ operator }: SignalFacts, share: Share | undefined, need: Need): boolean {
    const { max_operator_signals, max_operator_bytes } = this.#bounds;
    if (operator === undefined) return false;
    return (
      (share?.signals ?? 0) + need.signals > max_operator_signals ||
      (share?.bytes ?? 0) + need.bytes > max_operator_bytes
    );
  }

  #displace(applicant: Applicant, need: Need): Admission {
    const { facts, node, operator } = applicant;
    const choice = new Choice(applicant);

    // /node_id: no milder signal of this node and source.
    if (need.signals > 0 && this.#isNodeFull(node, facts)) {
      const own = (node as LiveNode).signals.filter(({ source }) => source === facts.source);
      const mildest = mildestOf(own);
      if (mildest === undefined || mildest.severity >= facts.micros) {
        return { victims: [], fullAt: "/node_id" };
      }
      choice.add(mildest);
    }

    // /operator: no milder signal of this operator and source.
    const share = operator === undefined ? undefined : shareOf(operator, facts.source);
    while (this.#isShareOver(facts, share, choice.lessOf(need))) {
      const queue = share === undefined ? undefined : this.#mildestOfShare(share);
      if (!choice.takeFrom(queue)) return this.#giveUp(choice, "/operator");
    }

    // The whole state: no milder signal at all.
    const { max_live_signals, max_state_bytes } = this.#bounds;
    for (;;) {
      const { signals, bytes } = choice.lessOf(need);
      const isOver =
        this.#signals + signals > max_live_signals || this.#bytes + bytes > max_state_bytes;
      if (!isOver) return { victims: choice.victims, fullAt: undefined };
      this.#mildest ??= new MildestFirst(this.#live());
      if (!choice.takeFrom(this.#mildest)) return this.#giveUp(choice, "");
    }
  }

  #mildestOfShare(share: Share): MildestFirst<LiveSignal> {
    share.mildest ??= new MildestFirst(
      [...this.#live()].filter(
        ({ source, node: { operator } }) =>
          source === share.source && shareOf(operator, source) === share,
      ),
    );
    return share.mildest;
  }

  #giveUp(choice: Choice, fullAt: FullAt): Admission {
    for (const signal of choice.taken) this.changed(signal);
    return { victims: [], fullAt };
  }

  #count({ node: { operator }, source }: LiveSignal, signals: number, bytes: number): void {
    this.#signals += signals;
    this.#bytes += bytes;
    // A node that names no operator is bounded as a node alone.
    if (operator.claim === undefined) return;
    const share = ensureShare(operator, source);
    share.signals += signals;
    share.bytes += bytes;
  }
}

/** Signals and bytes that need room. */
type Need = Readonly<{ signals: number; bytes: number }>;

/** The victims chosen so far. */
class Choice {
  readonly victims: LiveSignal[] = [];
  /** All signals taken out of a queue. */
  readonly taken: LiveSignal[] = [];
  readonly #applicant: Applicant;
  #bytes = 0;

  constructor(applicant: Applicant) {
    this.#applicant = applicant;
  }

  add(victim: LiveSignal): void {
    this.victims.push(victim);
    this.#bytes += bytesOfLive(victim);
  }

  /** Adds the mildest signal of a queue; false where none is milder than the applicant. */
  takeFrom(queue: MildestFirst<LiveSignal> | undefined): boolean {
    const { facts, held } = this.#applicant;
    for (;;) {
      const signal = queue?.take(facts.micros);
      if (signal === undefined) return false;
      this.taken.push(signal);
      if (signal === held || this.victims.includes(signal)) continue;
      this.add(signal);
      return true;
    }
  }

  /** The rest of a need. */
  lessOf({ signals, bytes }: Need): Need {
    return { signals: signals - this.victims.length, bytes: bytes - this.#bytes };
  }
}

function shareOf({ share, shares }: Operator, source: LiveSignal["source"]): Share | undefined {
  if (share?.source === source) return share;
  return shares?.find((other) => other.source === source);
}

/** Gives the share of an operator for a source; creates a missing one. */
function ensureShare(operator: Operator, source: LiveSignal["source"]): Share {
  const known = shareOf(operator, source);
  if (known !== undefined) return known;
  const share: Share = { source, signals: 0, bytes: 0, mildest: undefined };
  if (operator.share === undefined) operator.share = share;
  else (operator.shares ??= []).push(share);
  return share;
}
