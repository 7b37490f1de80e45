/** Runs a fuzzer: random inputs in chunks, so that each chunk can be run again by its number. */
import { createRandom, type Random } from "./random.js";

const CHUNK = 1_000;

/** What a fuzzer does. */
export type Fuzzer = Readonly<{
  /** How many inputs, from 1. */
  count: number;
  /** A whole number; inputs depend on it alone. */
  seed: number;
  /** Tries one input; throws where a rule does not hold. */
  tryOne(random: Random, index: number): void;
  /** Reports progress, after every `reportEvery` inputs. */
  report?: (done: number) => void;
  /** By default 250,000. */
  reportEvery?: number;
}>;

/** A failure, with the input that caused it. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
  readonly index: number;

  /**
   * @param index the input's number, from 0
   * @param seed the run's seed
   * @param cause what was thrown
   */
  constructor(index: number, seed: number, cause: unknown) {
    super(`input ${index} of seed ${seed}: ${String(cause)}`, { cause });
    this.index = index;
  }
}

/**
 * Tries random inputs until one fails.
 *
 * @param fuzzer what to try, and how often
 * @throws FuzzFailure for the first input that fails
 */
export function runFuzzer(fuzzer: Fuzzer): void {
  const { count, seed, tryOne, report, reportEvery = 250_000 } = fuzzer;
  for (let done = 0; done < count; done += CHUNK) {
    const random = createRandom(seed * 1_000_003 + done / CHUNK);
    const end = Math.min(done + CHUNK, count);
    for (let index = done; index < end; index++) {
      try {
        tryOne(random, index);
      } catch (error) {
        throw new FuzzFailure(index, seed, error);
      }
    }
    if (end % reportEvery === 0) report?.(end);
  }
}

/** Writes an input so that it can be pasted into a test. */
export const shownInput = (input: string | Uint8Array): string =>
  typeof input === "string" ? JSON.stringify(input) : Buffer.from(input).toString("hex");
