/** A case: a name and what is timed; it returns what it made, so that it cannot be optimised away. */
export type Case = readonly [name: string, run: () => unknown];

/** The time of a case in microseconds, and its ratio to the baseline. */
export type Timing = Readonly<{ name: string; us: number; ratio: number }>;

/** Times cases in turn, in one run, and gives each one's median of the rounds' best. */
export declare function compare(
  cases: readonly [Case, ...Case[]],
  options?: Readonly<{ rounds?: number }>,
): Timing[];

/** Prints timings as a table under a title. */
export declare function print(title: string, timings: readonly Timing[]): void;
