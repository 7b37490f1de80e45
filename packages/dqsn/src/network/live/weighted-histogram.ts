/** The votes of one channel: the cost of a vote does not depend on their number (design section 4.2: scoring). */
import { SCALE } from "@dgb-shield/contract";
import { toMicros } from "../../internal/micros.js";
import type { Scoring } from "../scoring.js";

/** Votes and the score that they give. Severities, weights and scores are integers of 10⁻⁶. */
export type ChannelVotes = {
  /** Adds weight at a severity; a negative weight takes it away again. */
  add(severity: number, weight: number): void;
  /** The result of `weightedMedian` or `weightedMean` for the votes. */
  score(): number;
  /** Whether the score is at or above 0.25. */
  isElevated(): boolean;
};

const ELEVATED = toMicros(SCALE.elevated);

/** Creates the votes of a channel without any vote. */
export const createChannelVotes = (scoring: Scoring): ChannelVotes =>
  scoring === "weighted_mean" ? new WeightedMean() : new WeightedHistogram();

/** Severities in one coarse bin: 1,001 of them, each with 1,000 fine bins. */
const FINE = 1_000;
const COARSE = 1_001;

/**
 * A weighted histogram of severities, in two levels: a vote touches one bin of each, and the median is found
 * by walking down at most 2,001 bins. Exact, because weights are integers.
 */
class WeightedHistogram implements ChannelVotes {
  readonly #coarse = new Float64Array(COARSE);
  // Filled, because a hole would be read through the prototype.
  readonly #fine: (Float64Array | undefined)[] = new Array<Float64Array | undefined>(COARSE).fill(
    undefined,
  );
  #total = 0;
  #elevated = 0;
  #score: number | undefined = 0;

  add(severity: number, weight: number): void {
    if (weight === 0) return;
    const place = Math.floor(severity / FINE);
    const fine = (this.#fine[place] ??= new Float64Array(FINE));
    fine[severity - place * FINE] = (fine[severity - place * FINE] as number) + weight;
    this.#coarse[place] = (this.#coarse[place] as number) + weight;
    this.#total += weight;
    if (severity >= ELEVATED) this.#elevated += weight;
    this.#score = undefined;
  }

  score(): number {
    return (this.#score ??= this.#median());
  }

  isElevated(): boolean {
    return this.#total > 0 && 2 * this.#elevated >= this.#total;
  }

  #median(): number {
    if (this.#total === 0) return 0;
    let place = COARSE - 1;
    let above = 0;
    while (2 * (above + (this.#coarse[place] as number)) < this.#total) {
      above += this.#coarse[place] as number;
      place--;
    }
    const fine = this.#fine[place] as Float64Array;
    let at = FINE - 1;
    while (2 * (above + (fine[at] as number)) < this.#total) {
      above += fine[at] as number;
      at--;
    }
    return place * FINE + at;
  }
}

/** The two sums of the weighted mean. Their product can pass 2^53, so that the weighted one is a bigint. */
class WeightedMean implements ChannelVotes {
  #weights = 0;
  #sum = 0n;

  add(severity: number, weight: number): void {
    this.#weights += weight;
    // At most 10⁶ times 10⁹: exact as a number.
    this.#sum += BigInt(severity * weight);
  }

  score(): number {
    const weights = BigInt(this.#weights);
    return weights === 0n ? 0 : Number((this.#sum + weights - 1n) / weights);
  }

  isElevated(): boolean {
    return this.score() >= ELEVATED;
  }
}
