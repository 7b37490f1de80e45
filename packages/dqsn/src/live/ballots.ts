/** The votes of all operators, kept up signal by signal (DQSN v2, section 2). */
import { CHANNELS, type SignalSource, SIGNAL_SOURCES } from "@dgb-shield/contract";
import { toMicros } from "../internal/micros.js";
import { isCritical } from "../reporters.js";
import { DEFAULT_MAX_OPERATOR_WEIGHT, DEFAULT_WEIGHT, type ScoringOptions } from "../scoring.js";
import type { HeldSignal, Operator, Vote } from "./held-signal.js";
import { MaxBag } from "./max-bag.js";
import { NameList } from "./name-list.js";
import { createTally, type Tally } from "./tally.js";

/** What the counted signals say: the tally of each channel, who is live, who is critical. */
export class Ballots {
  /** By place in `CHANNELS`. */
  readonly tallies: readonly Tally[];
  /** Counted signals, by place in `CHANNELS`. */
  readonly signals: number[] = CHANNELS.map(() => 0);
  readonly critical = new NameList<Operator>();
  liveOperators = 0;
  readonly #weights: Readonly<Record<SignalSource, number>>;
  readonly #cap: number;

  constructor({ scoring, weights, max_operator_weight }: ScoringOptions) {
    this.tallies = CHANNELS.map(() => createTally(scoring ?? "weighted_median"));
    this.#weights = Object.fromEntries(
      SIGNAL_SOURCES.map((source) => [source, toMicros(weights?.[source] ?? DEFAULT_WEIGHT)]),
    ) as Record<SignalSource, number>;
    this.#cap = toMicros(max_operator_weight ?? DEFAULT_MAX_OPERATOR_WEIGHT);
  }

  /** Counts a signal in the vote of its node's operator. */
  cast(signal: HeldSignal): void {
    const { operator } = signal.node;
    const vote = (operator.votes[signal.channel] ??= createVote());
    if (!speaksBesides(signal)) vote.reporterWeight += this.#weights[signal.source];
    signal.isCounted = true;
    vote.severities.add(signal.severity);
    this.signals[signal.channel] = (this.signals[signal.channel] ?? 0) + 1;
    if (operator.counted++ === 0) this.liveOperators++;
    this.#settle(signal, vote);
  }

  /** Takes a counted signal out again. */
  withdraw(signal: HeldSignal): void {
    const { operator } = signal.node;
    const vote = operator.votes[signal.channel] as Vote;
    signal.isCounted = false;
    if (!speaksBesides(signal)) vote.reporterWeight -= this.#weights[signal.source];
    vote.severities.remove(signal.severity);
    this.signals[signal.channel] = (this.signals[signal.channel] ?? 0) - 1;
    if (--operator.counted === 0) this.liveOperators--;
    this.#settle(signal, vote);
  }

  /** Gives a signal another severity, whether it is counted or not. */
  restate(signal: HeldSignal, severity: number): void {
    const vote = signal.node.operator.votes[signal.channel];
    if (signal.isCounted && vote !== undefined) {
      vote.severities.remove(signal.severity);
      vote.severities.add(severity);
      signal.severity = severity;
      this.#settle(signal, vote);
    }
    signal.severity = severity;
  }

  /** Brings the tally and the list of critical operators up to a vote. */
  #settle({ channel, node: { operator } }: HeldSignal, vote: Vote): void {
    const severity = vote.severities.greatest();
    const weight = Math.min(this.#cap, vote.reporterWeight);
    if (severity === vote.severity && weight === vote.weight) return;
    const wasCritical = isCritical(vote.severity);
    const tally = this.tallies[channel] as Tally;
    tally.add(vote.severity, -vote.weight);
    tally.add(severity, weight);
    vote.severity = severity;
    vote.weight = weight;
    if (wasCritical === isCritical(severity)) return;
    if (!wasCritical && operator.criticalVotes++ === 0) this.critical.add(operator);
    if (wasCritical && --operator.criticalVotes === 0) this.critical.remove(operator);
  }
}

const createVote = (): Vote => ({
  severities: new MaxBag(),
  reporterWeight: 0,
  severity: 0,
  weight: 0,
});

/** Whether another counted signal of the same reporter (a node's source) is in the same channel. */
function speaksBesides(signal: HeldSignal): boolean {
  for (const other of signal.node.signals) {
    if (
      other !== signal &&
      other.isCounted &&
      other.channel === signal.channel &&
      other.source === signal.source
    ) {
      return true;
    }
  }
  return false;
}
