/** Pseudo-random choices, the same every time. */

/** A picker of list members (xorshift), by a seed other than 0. */
export function random(seed: number): <T>(items: readonly T[]) => T {
  let state = seed;
  return <T>(items: readonly T[]): T => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return items[(state >>> 0) % items.length] as T;
  };
}
