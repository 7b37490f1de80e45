/** A clock that no step of the wall clock moves: delays run by it (design, section 10). */

/** Milliseconds since 1970, as delays and ends of proposals count them. */
export type SteadyClock = Readonly<{
  now(): number;
  /** Follows the wall clock from now on: it was accepted. */
  rebase(): void;
}>;

/** Creates a clock that begins at the wall clock and goes on by the monotonic one. */
export function createSteadyClock(wall: () => number, monotonic: () => number): SteadyClock {
  let base = { wall: wall(), steady: monotonic() };
  return Object.freeze({
    now: () => Math.floor(base.wall + (monotonic() - base.steady)),
    rebase() {
      base = { wall: wall(), steady: monotonic() };
    },
  });
}
