/** The clock of one process: one that steps back, or that leaves the steady clock behind, is not trusted. */

export type Clocks = Readonly<{ wall: number; steady: number }>;

/** What a clock is worth now. */
export type Reading = Readonly<{ now: number; trusted: boolean }>;

export class ModelClock {
  /** What is stored of time: the latest trusted one, and where both clocks stood together. */
  private clock: { time: number; anchor: Clocks | null } | null = null;
  private readonly time: Clocks;
  private readonly hasSteadyClock: boolean;
  private readonly skew: number;

  constructor(time: Clocks, { hasSteadyClock, skew }: { hasSteadyClock: boolean; skew: number }) {
    this.time = time;
    this.hasSteadyClock = hasSteadyClock;
    this.skew = skew;
    // Without a steady clock the first reading is that of the first call.
    if (hasSteadyClock) this.read();
  }

  read(): Reading {
    const { wall, steady } = this.time;
    const { time, anchor } = this.clock ?? { time: wall, anchor: null };
    if (wall < time - this.skew) return { now: time, trusted: false };
    if (!this.hasSteadyClock || anchor === null || steady < anchor.steady) {
      this.clock = { time: Math.max(time, wall), anchor: this.here() };
      return { now: wall, trusted: true };
    }
    const passed = steady - anchor.steady;
    const off = wall - (anchor.wall + passed);
    const drift = passed * 500e-6;
    if (wall > anchor.wall + passed + drift + this.skew) {
      const guess = Math.max(time, Math.floor(anchor.wall + passed));
      this.clock = { time: guess, anchor };
      return { now: guess, trusted: false };
    }
    const followed = anchor.wall + passed + Math.min(drift, Math.max(-drift, off));
    const next = off < -this.skew ? this.here() : { wall: followed, steady };
    this.clock = { time: Math.max(time, wall), anchor: next };
    return { now: wall, trusted: true };
  }

  accept(): void {
    this.read();
    this.clock = { time: this.time.wall, anchor: this.here() };
  }

  private here(): Clocks | null {
    return this.hasSteadyClock ? { ...this.time } : null;
  }
}
