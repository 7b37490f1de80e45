/** All that the live picture holds, changed one signal at a time (DQSN v2, section 2). */
import { CHANNELS, sha256Hex } from "@dgb-shield/contract";
import { channelOf } from "../channels.js";
import type { SignalFacts } from "../ingest.js";
import { toMicros } from "../internal/micros.js";
import { isLater, slotOf } from "../latest.js";
import type { Muting } from "../muting.js";
import type { ScoringOptions } from "../scoring.js";
import { Ballots } from "./ballots.js";
import { Calendar } from "./calendar.js";
import { DigestTree } from "./digest-tree.js";
import type { HeldSignal, Operator, ReportingNode } from "./held-signal.js";

/** What a memory needs to know of the configuration. */
export type MemoryOptions = ScoringOptions &
  Readonly<{
    expected_reporters: readonly string[];
    max_live_signals: number;
    max_node_signals: number;
    max_operator_signals: number;
  }>;

/** Live signals with everything that a view is made of; each change costs the same whatever is held. */
export class Memory {
  readonly ballots: Ballots;
  readonly calendar = new Calendar();
  readonly tree = new DigestTree();
  readonly #options: MemoryOptions;
  readonly #muting: Muting;
  readonly #nodes = new Map<string, ReportingNode>();
  readonly #operators = new Map<string, Operator>();
  /** Expected nodes without a live signal. */
  readonly #missing: Set<string>;
  readonly #expected: ReadonlySet<string>;
  /** Missing nodes that are not muted. */
  #quiet = 0;
  #size = 0;

  constructor(options: MemoryOptions, muting: Muting) {
    this.#options = options;
    this.#muting = muting;
    this.ballots = new Ballots(options);
    this.#expected = new Set(options.expected_reporters);
    this.#missing = new Set(this.#expected);
    this.#countQuiet();
  }

  /** Nobody who counts is live, or an expected reporter is not. */
  get isSilent(): boolean {
    return this.ballots.liveOperators === 0 || this.#quiet > 0;
  }

  /** Expected nodes that are silent, in UTF-16 order. */
  silent(): string[] {
    return [...this.#missing].filter((id) => !this.#muting.isMuted(id, id)).sort();
  }

  /** Whether a signal of the same node, source and type is held. */
  holds(facts: SignalFacts): boolean {
    const node = this.#nodes.get(facts.node_id);
    return node !== undefined && findHeld(node, facts) !== undefined;
  }

  /** Which bound, by the field that it is about, leaves no room for the signal; undefined: none. */
  fullAt(facts: SignalFacts): "" | "/node_id" | "/operator" | undefined {
    if (this.holds(facts)) return undefined;
    const node = this.#nodes.get(facts.node_id);
    const { max_live_signals, max_node_signals, max_operator_signals } = this.#options;
    if (this.#size >= max_live_signals) return "";
    if ((node?.signals.length ?? 0) >= max_node_signals) return "/node_id";
    const operator = this.#operators.get(facts.operator ?? "");
    return (operator?.held ?? 0) >= max_operator_signals ? "/operator" : undefined;
  }

  /** Takes a signal in, unless a later one of its node, source and type is held. There must be room. */
  put(facts: SignalFacts, timeMs: number): void {
    const node = this.#nodes.get(facts.node_id) ?? this.#addNode(facts);
    const held = findHeld(node, facts);
    if (held === undefined) this.#hold(node, facts, timeMs);
    else if (isLater({ timeMs, canonical: facts.canonical }, held)) {
      this.#replace(held, facts, timeMs);
    }
    this.#assign(node);
  }

  /** Drops every signal of that time. */
  dropAll(timeMs: number): void {
    for (;;) {
      const signal = this.calendar.firstAt(timeMs);
      if (signal === undefined) return;
      this.#drop(signal);
    }
  }

  /** Counts whom `muting` now lets count. */
  rehear(): void {
    for (const node of this.#nodes.values()) this.#hear(node);
    this.#countQuiet();
  }

  #addNode(facts: SignalFacts): ReportingNode {
    const { node_id: id } = facts;
    const operator = this.#operatorOf(id, facts.operator);
    const isHeard = !this.#muting.isMuted(id, operator.name);
    const node = { id, signals: [], latest: undefined, operator, isHeard };
    this.#nodes.set(id, node);
    if (this.#missing.delete(id)) this.#countQuiet();
    return node;
  }

  #hold(node: ReportingNode, facts: SignalFacts, timeMs: number): void {
    const { source, type, canonical, severity, operator } = facts;
    const signal: HeldSignal = {
      node,
      source,
      type,
      channel: CHANNELS.indexOf(channelOf(facts)),
      slotHash: sha256Hex(slotOf(facts)),
      canonical,
      severity: toMicros(severity),
      operator,
      timeMs,
      isCounted: false,
      before: undefined,
      after: undefined,
      branch: undefined,
    };
    node.signals.push(signal);
    node.operator.held++;
    this.#size++;
    this.calendar.add(signal);
    this.tree.insert(signal);
    if (node.isHeard) this.ballots.cast(signal);
    if (node.latest === undefined || isLater(signal, node.latest)) node.latest = signal;
  }

  #replace(held: HeldSignal, facts: SignalFacts, timeMs: number): void {
    if (held.timeMs !== timeMs) {
      this.calendar.remove(held);
      held.timeMs = timeMs;
      this.calendar.add(held);
    }
    held.canonical = facts.canonical;
    held.operator = facts.operator;
    this.tree.update(held);
    const severity = toMicros(facts.severity);
    if (severity !== held.severity) this.ballots.restate(held, severity);
    const { node } = held;
    if (node.latest !== held && (node.latest === undefined || isLater(held, node.latest))) {
      node.latest = held;
    }
  }

  #drop(signal: HeldSignal): void {
    const { node } = signal;
    this.calendar.remove(signal);
    this.tree.remove(signal);
    if (signal.isCounted) this.ballots.withdraw(signal);
    node.signals.splice(node.signals.indexOf(signal), 1);
    this.#size--;
    this.#release(node.operator, 1);
    if (node.signals.length === 0) {
      this.#nodes.delete(node.id);
      if (this.#expected.has(node.id)) this.#miss(node.id);
      return;
    }
    if (node.latest !== signal) return;
    node.latest = node.signals.reduce((latest, other) => (isLater(other, latest) ? other : latest));
    this.#assign(node);
  }

  /** Lets the operator that a node's latest signal names answer for all of them. */
  #assign(node: ReportingNode): void {
    const claim = node.latest?.operator;
    if (claim === node.operator.claim) return;
    for (const signal of node.signals) if (signal.isCounted) this.ballots.withdraw(signal);
    const held = node.signals.length;
    this.#release(node.operator, held);
    node.operator = this.#operatorOf(node.id, claim);
    node.operator.held += held;
    node.isHeard = false;
    this.#hear(node);
  }

  #hear(node: ReportingNode): void {
    const isHeard = !this.#muting.isMuted(node.id, node.operator.name);
    if (isHeard === node.isHeard) return;
    node.isHeard = isHeard;
    for (const signal of node.signals) {
      if (isHeard) this.ballots.cast(signal);
      else this.ballots.withdraw(signal);
    }
  }

  #operatorOf(nodeId: string, claim: string | undefined): Operator {
    if (claim === undefined) return createOperator(nodeId, claim);
    const known = this.#operators.get(claim);
    if (known !== undefined) return known;
    const operator = createOperator(claim, claim);
    this.#operators.set(claim, operator);
    return operator;
  }

  #release(operator: Operator, signals: number): void {
    operator.held -= signals;
    if (operator.held === 0 && operator.claim !== undefined) this.#operators.delete(operator.claim);
  }

  #miss(nodeId: string): void {
    this.#missing.add(nodeId);
    this.#countQuiet();
  }

  #countQuiet(): void {
    this.#quiet = 0;
    for (const id of this.#missing) if (!this.#muting.isMuted(id, id)) this.#quiet++;
  }
}

const createOperator = (name: string, claim: string | undefined): Operator => ({
  name,
  claim,
  held: 0,
  counted: 0,
  votes: [undefined, undefined, undefined, undefined],
  criticalVotes: 0,
});

/** The signal of that node which one with these facts would replace. */
function findHeld(node: ReportingNode, { source, type }: SignalFacts): HeldSignal | undefined {
  for (const signal of node.signals) {
    if (signal.type === type && signal.source === source) return signal;
  }
  return undefined;
}
