/** Counts in findings' texts. */

/** `1 block`, `18 blocks`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
