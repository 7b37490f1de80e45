/** All that the live network state holds, changed one signal at a time (DQSN v2, section 2). */
import { CHANNELS, sha256Hex } from "@dgb-shield/contract";
import { channelOf } from "../channels.js";
import type { SignalFacts } from "../ingest.js";
import { toMicros } from "../internal/micros.js";
import { slotOf, supersedes } from "../latest.js";
import type { Muting } from "../muting.js";
import { nodeKeyOf } from "../reporters.js";
import type { ScoringOptions } from "../scoring.js";
import { Ballots } from "./ballots.js";
import { Calendar } from "./calendar.js";
import { DigestTree } from "./digest-tree.js";
import type { HeldSignal, Operator, ReportingNode } from "./held-signal.js";
import { type Admission, type Bounds, bytesOfHeld, NO_VICTIMS, Room } from "./room.js";
import { type ExpectedReporter, Silence } from "./silence.js";

/** What a memory needs to know of the configuration. */
export type MemoryOptions = ScoringOptions &
  Bounds &
  Readonly<{ expected_reporters: readonly ExpectedReporter[] }>;

/** When a signal comes: its date, from when it counts, and the date of now. */
export type Timing = Readonly<{ dateMs: number; timeMs: number; nowMs: number }>;

/** Live signals with everything that a view is made of; each change costs the same whatever is held. */
export class Memory {
  readonly ballots: Ballots;
  readonly silence: Silence;
  readonly calendar = new Calendar();
  readonly tree = new DigestTree();
  readonly #room: Room;
  readonly #muting: Muting;
  readonly #nodes = new Map<string, ReportingNode>();
  /** Operators that signals name. */
  readonly #operators = new Map<string, Operator>();

  constructor(options: MemoryOptions, muting: Muting) {
    this.#muting = muting;
    this.#room = new Room(options, () => this.signals());
    this.ballots = new Ballots(options);
    this.silence = new Silence(options.expected_reporters, muting);
  }

  /** No operator that counts is live, or an expected reporter is silent. */
  get isSilent(): boolean {
    return this.ballots.liveOperators === 0 || this.silence.size > 0;
  }

  /** All live signals. */
  *signals(): Generator<HeldSignal> {
    for (const { signals } of this.#nodes.values()) yield* signals;
  }

  /** Whether a signal of the same slot is held. */
  holds(facts: SignalFacts): boolean {
    return findHeld(this.#nodeOf(facts), facts) !== undefined;
  }

  /** What has to go for a signal to come in; nothing for one that the held one of its slot outranks. */
  admit(facts: SignalFacts, timing: Timing): Admission {
    const node = this.#nodeOf(facts);
    const held = findHeld(node, facts);
    const severity = toMicros(facts.severity);
    if (held !== undefined && !isSuperseded(held, facts, timing)) return NO_VICTIMS;
    const operator =
      node?.operator ??
      (facts.operator === undefined ? undefined : this.#operators.get(facts.operator));
    return this.#room.admit({ facts, severity, node, operator, held });
  }

  /** Takes a signal in, unless the held one of its slot outranks it. There must be room. */
  put(facts: SignalFacts, timing: Timing): void {
    const node = this.#nodeOf(facts) ?? this.#addNode(facts.node_id, facts.operator);
    const held = findHeld(node, facts);
    if (held === undefined) this.#hold(node, facts, timing);
    else if (isSuperseded(held, facts, timing)) this.#replace(held, facts, timing);
  }

  /** Drops a signal; it can be restored. */
  drop(signal: HeldSignal): void {
    const { node } = signal;
    const { signals, operator } = node;
    this.calendar.remove(signal);
    this.tree.remove(signal);
    this.#room.leave(signal);
    if (signal.isCounted) this.ballots.withdraw(signal);
    signals.splice(signals.indexOf(signal), 1);
    if (signals.length === 0) {
      this.#nodes.delete(nodeKeyOf(node.id, operator.claim));
      if (node.isHeard) this.silence.leave(node);
    }
    if (--operator.held === 0 && operator.claim !== undefined)
      this.#operators.delete(operator.claim);
  }

  /** Takes a dropped signal back in, as it was. */
  restore(dropped: HeldSignal): void {
    const { id, operator } = dropped.node;
    const node =
      this.#nodes.get(nodeKeyOf(id, operator.claim)) ?? this.#addNode(id, operator.claim);
    this.#admitHeld({ ...dropped, node, isCounted: false, branch: undefined });
  }

  /** Gives a signal another date and time. */
  redate(signal: HeldSignal, { dateMs, timeMs }: Pick<Timing, "dateMs" | "timeMs">): void {
    this.calendar.remove(signal);
    signal.dateMs = dateMs;
    signal.timeMs = timeMs;
    this.calendar.add(signal);
    this.#room.changed(signal);
  }

  /** Counts whom `muting` now lets count. */
  rehear(): void {
    for (const node of this.#nodes.values()) this.#hear(node);
    this.silence.resettle();
  }

  #nodeOf({ node_id, operator }: SignalFacts): ReportingNode | undefined {
    return this.#nodes.get(nodeKeyOf(node_id, operator));
  }

  #addNode(id: string, claim: string | undefined): ReportingNode {
    const operator = this.#operatorOf(id, claim);
    const node = { id, operator, signals: [], isHeard: !this.#muting.isMuted(id, claim) };
    this.#nodes.set(nodeKeyOf(id, claim), node);
    if (node.isHeard) this.silence.arrive(node);
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

  #hold(node: ReportingNode, facts: SignalFacts, { dateMs, timeMs }: Timing): void {
    const { source, type, canonical, severity } = facts;
    this.#admitHeld({
      node,
      source,
      type,
      channel: CHANNELS.indexOf(channelOf(facts)),
      slotHash: sha256Hex(slotOf(facts)),
      canonical,
      severity: toMicros(severity),
      dateMs,
      timeMs,
      isCounted: false,
      before: undefined,
      after: undefined,
      branch: undefined,
    });
  }

  #admitHeld(signal: HeldSignal): void {
    const { node } = signal;
    node.signals.push(signal);
    node.operator.held++;
    this.calendar.add(signal);
    this.tree.insert(signal);
    this.#room.enter(signal);
    if (node.isHeard) this.ballots.cast(signal);
  }

  #replace(held: HeldSignal, facts: SignalFacts, { dateMs, timeMs }: Timing): void {
    if (held.timeMs !== timeMs) {
      this.calendar.remove(held);
      held.timeMs = timeMs;
      this.calendar.add(held);
    }
    const before = bytesOfHeld(held);
    held.dateMs = dateMs;
    held.canonical = facts.canonical;
    this.#room.resize(held, bytesOfHeld(held) - before);
    this.tree.update(held);
    const severity = toMicros(facts.severity);
    if (severity !== held.severity) this.ballots.restate(held, severity);
    this.#room.changed(held);
  }

  #hear(node: ReportingNode): void {
    const isHeard = !this.#muting.isMuted(node.id, node.operator.claim);
    if (isHeard === node.isHeard) return;
    node.isHeard = isHeard;
    if (isHeard) this.silence.arrive(node);
    else this.silence.leave(node);
    for (const signal of node.signals) {
      if (isHeard) this.ballots.cast(signal);
      else this.ballots.withdraw(signal);
    }
  }
}

const createOperator = (name: string, claim: string | undefined): Operator => ({
  name,
  claim,
  shares: [],
  held: 0,
  counted: 0,
  votes: [undefined, undefined, undefined, undefined],
  criticalVotes: 0,
});

const isSuperseded = (held: HeldSignal, facts: SignalFacts, { dateMs, nowMs }: Timing): boolean =>
  supersedes(
    { dateMs, severity: toMicros(facts.severity), canonical: facts.canonical },
    held,
    nowMs,
  );

/** The signal of that node which one with these facts would replace. */
function findHeld(
  node: ReportingNode | undefined,
  { source, type }: SignalFacts,
): HeldSignal | undefined {
  if (node === undefined) return undefined;
  for (const signal of node.signals) {
    if (signal.type === type && signal.source === source) return signal;
  }
  return undefined;
}
