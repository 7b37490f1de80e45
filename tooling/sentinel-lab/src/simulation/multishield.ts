/**
 * Difficulty of a chain of several algorithms, after DigiByte's MultiShield V4: one retarget over all
 * blocks, damped and clamped, and a step for each algorithm by how long ago its last block was.
 */

/** Blocks that the overall retarget averages over: ten for each of five algorithms. */
const WINDOW_BLOCKS = 50;

/** Headers whose median is a block's time, as in Bitcoin. */
const MEDIAN_BLOCKS = 11;

/** Share of the deviation that is followed. */
const DAMPING = 1 / 4;

/** Bounds of the damped timespan, as shares of its target. */
const LEAST_SPAN = 0.92;
const MOST_SPAN = 1.16;

/** Step of an algorithm's own difficulty for each block that it is ahead or behind. */
const STEP = 1.04;

/** Algorithms that share the blocks, as the consensus rule counts them. */
const SHARING = 5;

/** Difficulties, block by block. A unit of difficulty is one block a second for a hash rate of 1. */
export type Multishield = Readonly<{
  /** Difficulty of an algorithm's next block. */
  difficulty(bits: number): number;
  /** Takes a block of the main chain in. @param timeS its header's time, in seconds */
  accept(bits: number, timeS: number): void;
  /** Lets an algorithm in whose blocks did not count before. @param difficulty of its first block */
  admit(bits: number, difficulty: number): void;
  /** Median time of the last 11 headers: the next header's must be later. */
  medianTime(): number;
}>;

type Track = { difficulty: number; lastIndex: number };

/**
 * The retargeting of a chain that has run at its target for a while.
 *
 * @param spacingS target spacing in seconds
 * @param nowS time of the last header so far
 * @param algorithms bits of the algorithms, each with an equal share at first
 */
export function createMultishield(
  spacingS: number,
  nowS: number,
  algorithms: readonly number[],
): Multishield {
  const targetSpan = WINDOW_BLOCKS * spacingS;
  const recent = createRing(MEDIAN_BLOCKS, (ago) => nowS - ago * spacingS);
  const medians = createRing(
    WINDOW_BLOCKS + 1,
    (ago) => nowS - (ago + (MEDIAN_BLOCKS - 1) / 2) * spacingS,
  );
  const tracks = new Map<number, Track>(
    algorithms.map((bits, i) => [
      bits,
      { difficulty: algorithms.length * spacingS, lastIndex: -1 - (i % SHARING) },
    ]),
  );
  let index = -1;
  let factor = 1;

  function difficultyOf({ difficulty, lastIndex }: Track): number {
    return difficulty * factor * stepsOf(lastIndex + SHARING - 1 - index);
  }

  function track(bits: number): Track {
    const found = tracks.get(bits);
    if (found === undefined) throw new RangeError(`no algorithm of bits ${bits}`);
    return found;
  }

  return Object.freeze({
    difficulty: (bits) => difficultyOf(track(bits)),
    accept(bits, timeS) {
      const mined = track(bits);
      mined.difficulty = difficultyOf(mined);
      mined.lastIndex = ++index;
      recent.push(timeS);
      medians.push(recent.median());
      const damped = 1 + DAMPING * ((medians.newest() - medians.oldest()) / targetSpan - 1);
      factor = 1 / Math.min(MOST_SPAN, Math.max(LEAST_SPAN, damped));
    },
    admit(bits, first) {
      tracks.set(bits, { difficulty: first, lastIndex: index - SHARING + 1 });
    },
    medianTime: () => medians.newest(),
  } satisfies Multishield);
}

/** Powers of the step: nearly all blocks need one of these. */
const POWERS = Float64Array.from({ length: 2 * SHARING * MEDIAN_BLOCKS }, (_, i) => STEP ** -i);

const stepsOf = (steps: number): number =>
  steps <= 0 && -steps < POWERS.length ? (POWERS[-steps] ?? STEP ** steps) : STEP ** steps;

/** The last `length` numbers of a sequence; `initial(n)` is the one n places before the newest. */
function createRing(length: number, initial: (ago: number) => number) {
  const values = Float64Array.from({ length }, (_, i) => initial(length - 1 - i));
  const sorted = values.slice();
  let at = 0;
  return {
    push(value: number) {
      values[at] = value;
      at = (at + 1) % length;
    },
    oldest: () => values[at] ?? Number.NaN,
    newest: () => values[(at + length - 1) % length] ?? Number.NaN,
    median() {
      sorted.set(values);
      return sorted.sort()[(length - 1) / 2] ?? Number.NaN;
    },
  };
}
