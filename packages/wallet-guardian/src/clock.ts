/** The time that Guardian trusts: a wall clock held against a monotonic one (design: layer 4, clocks). */

/** Clocks of the integrator: `clock` gives milliseconds since 1970, `monotonic` milliseconds since any fixed point. */
export type Clocks = Readonly<{ clock: () => number; monotonic?: (() => number) | undefined }>;

/** A reading. Where it is not trusted, `nowMs` is the best guess, 0 where there is none. */
export type Reading = Readonly<{ nowMs: number; trusted: boolean }>;

/** A clock that notices a jump. */
export type GuardedClock = Readonly<{
  read(): Reading;
  /** Whether both clocks give a time, right or wrong. */
  isTelling(): boolean;
  /** Takes the wall clock as it is now for right; false where it gives no time. */
  accept(): boolean;
  /** Whether a reading is the first one after trust was lost, so that one jump is told once. */
  isNewlyLost(reading: Reading): boolean;
}>;

/**
 * Compares both clocks with how they stood at the start. The whole difference counts, so that many
 * small jumps are one large one. Without a monotonic clock only a broken wall clock is noticed.
 *
 * @param maxJumpMs how far they may come apart, forwards or backwards
 */
export function createGuardedClock({ clock, monotonic }: Clocks, maxJumpMs: number): GuardedClock {
  const readBoth = () => ({
    wall: call(clock, Number.isSafeInteger),
    steady: monotonic === undefined ? 0 : call(monotonic, Number.isFinite),
  });
  let offset = offsetOf(readBoth());

  function read(): Reading {
    const { wall, steady } = readBoth();
    if (monotonic === undefined && wall !== null) return { nowMs: wall, trusted: true };
    offset ??= offsetOf({ wall, steady });
    if (wall === null || steady === null || offset === null) return guess(wall, steady, offset);
    const trusted = Math.abs(wall - steady - offset) <= maxJumpMs;
    return trusted ? { nowMs: wall, trusted } : guess(wall, steady, offset);
  }

  const isTelling = (): boolean => offsetOf(readBoth()) !== null;

  function accept(): boolean {
    const now = offsetOf(readBoth());
    offset = now ?? offset;
    return now !== null;
  }

  let isTold = false;
  function isNewlyLost({ trusted }: Reading): boolean {
    const isNew = !trusted && !isTold;
    isTold = !trusted;
    return isNew;
  }
  return { read, isTelling, accept, isNewlyLost };
}

type Nullable = number | null;

function offsetOf({ wall, steady }: { wall: Nullable; steady: Nullable }): Nullable {
  return wall === null || steady === null ? null : wall - steady;
}

/** Where the wall clock has jumped, the monotonic one says how much time has really passed. */
function guess(wall: Nullable, steady: Nullable, offset: Nullable): Reading {
  const nowMs = steady !== null && offset !== null ? Math.floor(steady + offset) : (wall ?? 0);
  return { nowMs: Math.max(0, nowMs), trusted: false };
}

function call(clock: () => number, isGood: (value: number) => boolean): Nullable {
  try {
    const value = clock();
    return isGood(value) && value >= 0 ? value : null;
  } catch {
    return null;
  }
}
