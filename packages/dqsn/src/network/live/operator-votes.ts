/** The votes of all operators, updated signal by signal (design section 4.2: scoring). */
import { CHANNELS, SIGNAL_SOURCES } from "@dgb-shield/contract";
import { weightToMicros } from "../../internal/micros.js";
import { isCritical } from "../severities.js";
import { DEFAULT_MAX_OPERATOR_WEIGHT, DEFAULT_WEIGHT, type ScoringOptions } from "../scoring.js";
import { CriticalTypes } from "./critical-types.js";
import { SortedNames } from "./sorted-names.js";
import type { LiveSignal, Operator, Vote } from "./live-signal.js";
import { MaxMultiset } from "./max-multiset.js";
import { createChannelVotes, type ChannelVotes } from "./weighted-histogram.js";

/** The counted signals: the votes of each channel, the live and the critical operators. */
export class OperatorVotes {
  /** By place in `CHANNELS`. */
  readonly channelVotes: readonly ChannelVotes[];
  /** Counted signals, by place in `CHANNELS`. */
  readonly signals: number[] = CHANNELS.map(() => 0);
  readonly critical = new SortedNames<Operator>();
  readonly criticalTypes = new CriticalTypes();
  liveOperators = 0;
  /** By place in `SIGNAL_SOURCES`, each capped. */
  readonly #weights: readonly number[];
  /** The one weight of all sources; undefined where they differ. */
  readonly #uniform: number | undefined;

  constructor({ scoring, weights, max_operator_weight }: ScoringOptions) {
    this.channelVotes = CHANNELS.map(() => createChannelVotes(scoring ?? "weighted_median"));
    const cap = weightToMicros(max_operator_weight ?? DEFAULT_MAX_OPERATOR_WEIGHT);
    this.#weights = SIGNAL_SOURCES.map((source) =>
      Math.min(cap, weightToMicros(weights?.[source] ?? DEFAULT_WEIGHT)),
    );
    this.#uniform = new Set(this.#weights).size === 1 ? this.#weights[0] : undefined;
  }

  /** Counts a signal in the vote of its node's operator. */
  cast(signal: LiveSignal): void {
    const { operator } = signal.node;
    const vote = (operator.votes[signal.channel] ??= createVote(this.#uniform === undefined));
    count(vote, signal, 1);
    this.criticalTypes.count(signal.type, signal.severity, 1);
    signal.isCounted = true;
    vote.severities.add(signal.severity);
    this.signals[signal.channel] = (this.signals[signal.channel] ?? 0) + 1;
    if (operator.counted++ === 0) this.liveOperators++;
    this.#settle(signal, vote);
  }

  /** Removes a counted signal from its vote. */
  withdraw(signal: LiveSignal): void {
    const { operator } = signal.node;
    const vote = operator.votes[signal.channel] as Vote;
    count(vote, signal, -1);
    this.criticalTypes.count(signal.type, signal.severity, -1);
    signal.isCounted = false;
    vote.severities.remove(signal.severity);
    this.signals[signal.channel] = (this.signals[signal.channel] ?? 0) - 1;
    if (--operator.counted === 0) this.liveOperators--;
    this.#settle(signal, vote);
  }

  /** Gives a signal another severity, whether it is counted or not. */
  restate(signal: LiveSignal, severity: number): void {
    const vote = signal.node.operator.votes[signal.channel];
    if (signal.isCounted && vote !== undefined) {
      vote.severities.remove(signal.severity);
      vote.severities.add(severity);
      this.criticalTypes.count(signal.type, signal.severity, -1);
      this.criticalTypes.count(signal.type, severity, 1);
      signal.severity = severity;
      this.#settle(signal, vote);
    }
    signal.severity = severity;
  }

  /** Updates the channel's votes and the critical operators after a change of one vote. */
  #settle({ channel, node: { operator } }: LiveSignal, vote: Vote): void {
    const severity = vote.severities.greatest();
    const weight = this.#weightOf(vote);
    if (severity === vote.severity && weight === vote.weight) return;
    const wasCritical = isCritical(vote.severity);
    const votes = this.channelVotes[channel] as ChannelVotes;
    votes.add(vote.severity, -vote.weight);
    votes.add(severity, weight);
    vote.severity = severity;
    vote.weight = weight;
    if (wasCritical === isCritical(severity)) return;
    if (!wasCritical && operator.criticalVotes++ === 0) this.critical.add(operator);
    if (wasCritical && --operator.criticalVotes === 0) this.critical.remove(operator);
  }

  /** The greatest weight of the sources in a vote: neither nodes nor sources add up. */
  #weightOf({ bySource, severities }: Vote): number {
    if (bySource === undefined) return severities.size > 0 ? (this.#uniform ?? 0) : 0;
    let greatest = 0;
    for (let source = 0; source < bySource.length; source++) {
      const weight = this.#weights[source] as number;
      if ((bySource[source] as number) > 0 && weight > greatest) greatest = weight;
    }
    return greatest;
  }
}

const createVote = (isBySource: boolean): Vote => ({
  severities: new MaxMultiset(),
  bySource: isBySource ? SIGNAL_SOURCES.map(() => 0) : undefined,
  severity: 0,
  weight: 0,
});

function count({ bySource }: Vote, { source }: LiveSignal, by: number): void {
  if (bySource === undefined) return;
  const place = SIGNAL_SOURCES.indexOf(source);
  bySource[place] = (bySource[place] ?? 0) + by;
}
