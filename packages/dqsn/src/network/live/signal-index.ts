/** The index of all live signals, changed one signal at a time (design section 4.2: live). */
import { CHANNELS, sha256Hex } from "@dgb-shield/contract";
import { channelOf } from "../channels.js";
import type { SignalFacts } from "../ingest.js";
import { slotOf } from "./precedence.js";
import type { Muting } from "../muting.js";
import type { ScoringOptions } from "../scoring.js";
import { OperatorVotes } from "./operator-votes.js";
import { ExpiryQueue } from "./expiry-queue.js";
import { DigestTree } from "./digest-tree.js";
import type { LiveSignal, Operator, LiveNode } from "./live-signal.js";
import { type Admission, type Bounds, bytesOfLive, type Place, Room } from "./room.js";
import { type ExpectedNode, Silence } from "./silence.js";

/** The part of the configuration that the index uses. */
export type SignalIndexOptions = ScoringOptions &
  Bounds &
  Readonly<{ expected_reporters: readonly ExpectedNode[] }>;

/** The date of a signal, and the time from which it counts. */
export type Timing = Readonly<{ dateMs: number; timeMs: number }>;

/** Live signals with everything that a view is made of; the cost of a change does not depend on their number. */
export class SignalIndex {
  readonly operatorVotes: OperatorVotes;
  readonly silence: Silence;
  readonly expiryQueue = new ExpiryQueue();
  readonly tree = new DigestTree();
  readonly #room: Room;
  readonly #muting: Muting;
  readonly #nodes = new Map<string, LiveNode>();
  /** Operators that signals name. */
  readonly #operators = new Map<string, Operator>();

  constructor(options: SignalIndexOptions, muting: Muting) {
    this.#muting = muting;
    this.#room = new Room(options, () => this.signals());
    this.operatorVotes = new OperatorVotes(options);
    this.silence = new Silence(options.expected_reporters, muting);
  }

  /** Whether no unmuted operator is live, or an expected node is silent. */
  get isSilent(): boolean {
    return this.operatorVotes.liveOperators === 0 || this.silence.size > 0;
  }

  /** All live signals. */
  *signals(): Generator<LiveSignal> {
    for (const { signals } of this.#nodes.values()) yield* signals;
  }

  /** Finds the place of a signal: its node, and the signal of its slot. */
  placeOf(facts: SignalFacts): Place {
    const node = this.#nodes.get(facts.nodeKey);
    return { node, held: node === undefined ? undefined : findSignal(node, facts) };
  }

  /** Chooses the signals that must go for a signal to come in. */
  admit(facts: SignalFacts, { node, held }: Place): Admission {
    const operator =
      node?.operator ??
      (facts.operator === undefined ? undefined : this.#operators.get(facts.operator));
    return this.#room.admit({ facts, node, operator, held });
  }

  /** Takes a signal in, in place of the one of its slot. There must be room. */
  put(facts: SignalFacts, timing: Timing, { node, held }: Place): void {
    if (held !== undefined) this.#replace(held, facts, timing);
    else {
      this.#addSignal(
        node ?? this.#addNode(facts.node_id, facts.operator, facts.nodeKey),
        facts,
        timing,
      );
    }
  }

  /** Drops a signal; it can be restored. */
  drop(signal: LiveSignal): void {
    const { node } = signal;
    const { signals, operator } = node;
    this.expiryQueue.remove(signal);
    this.tree.remove(signal);
    this.#room.leave(signal);
    if (signal.isCounted) this.operatorVotes.withdraw(signal);
    signals.splice(signals.indexOf(signal), 1);
    if (signals.length === 0) {
      this.#nodes.delete(node.key);
      if (node.isActive) this.silence.leave(node);
    }
    if (--operator.held === 0 && operator.claim !== undefined)
      this.#operators.delete(operator.claim);
  }

  /** Takes a dropped signal back in, as it was. */
  restore(dropped: LiveSignal): void {
    const { id, key, operator } = dropped.node;
    const node = this.#nodes.get(key) ?? this.#addNode(id, operator.claim, key);
    this.#insertSignal({ ...dropped, node, isCounted: false, branch: undefined });
  }

  /** Gives a signal another date and time. */
  redate(signal: LiveSignal, { dateMs, timeMs }: Timing): void {
    this.expiryQueue.remove(signal);
    signal.dateMs = dateMs;
    signal.timeMs = timeMs;
    this.expiryQueue.add(signal);
    this.#room.changed(signal);
  }

  /** Recounts after a change of `muting`. */
  recount(): void {
    for (const node of this.#nodes.values()) this.#applyMuting(node);
    this.silence.resettle();
  }

  #addNode(id: string, claim: string | undefined, key: string): LiveNode {
    const operator = this.#operatorOf(id, claim);
    const node = { id, key, operator, signals: [], isActive: !this.#muting.isMuted(id, claim) };
    this.#nodes.set(key, node);
    if (node.isActive) this.silence.arrive(node);
    return node;
  }

  #operatorOf(nodeId: string, claim: string | undefined): Operator {
    if (claim === undefined) return createOperator(nodeId, claim);
    const known = this.#operators.get(claim);
    if (known !== undefined) return known;
    const operator = createOperator(claim, claim);
    this.#operators.set(claim, operator);
    return operator;
  }

  #addSignal(node: LiveNode, facts: SignalFacts, { dateMs, timeMs }: Timing): void {
    const { source, type, canonical, micros } = facts;
    this.#insertSignal({
      node,
      source,
      type,
      channel: CHANNELS.indexOf(channelOf(facts)),
      slotHash: sha256Hex(slotOf(facts)),
      canonical,
      severity: micros,
      dateMs,
      timeMs,
      isCounted: false,
      before: undefined,
      after: undefined,
      branch: undefined,
    });
  }

  #insertSignal(signal: LiveSignal): void {
    const { node } = signal;
    node.signals.push(signal);
    node.operator.held++;
    this.expiryQueue.add(signal);
    this.tree.insert(signal);
    this.#room.enter(signal);
    if (node.isActive) this.operatorVotes.cast(signal);
  }

  #replace(held: LiveSignal, facts: SignalFacts, { dateMs, timeMs }: Timing): void {
    if (held.timeMs !== timeMs) {
      this.expiryQueue.remove(held);
      held.timeMs = timeMs;
      this.expiryQueue.add(held);
    }
    const before = bytesOfLive(held);
    held.dateMs = dateMs;
    held.canonical = facts.canonical;
    this.#room.resize(held, bytesOfLive(held) - before);
    this.tree.update(held);
    if (facts.micros !== held.severity) this.operatorVotes.restate(held, facts.micros);
    this.#room.changed(held);
  }

  #applyMuting(node: LiveNode): void {
    const isActive = !this.#muting.isMuted(node.id, node.operator.claim);
    if (isActive === node.isActive) return;
    node.isActive = isActive;
    if (isActive) this.silence.arrive(node);
    else this.silence.leave(node);
    for (const signal of node.signals) {
      if (isActive) this.operatorVotes.cast(signal);
      else this.operatorVotes.withdraw(signal);
    }
  }
}

const createOperator = (name: string, claim: string | undefined): Operator => ({
  name,
  claim,
  share: undefined,
  shares: undefined,
  held: 0,
  counted: 0,
  votes: [undefined, undefined, undefined, undefined],
  criticalVotes: 0,
});

/** Finds the signal of a node that one with these facts would replace. */
function findSignal({ signals }: LiveNode, { source, type }: SignalFacts): LiveSignal | undefined {
  for (const signal of signals) if (signal.type === type && signal.source === source) return signal;
  return undefined;
}
