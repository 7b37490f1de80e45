/**
 * Circuit breaker `repeated reorganisations`: many in an hour, each of which alone an honest chain would
 * show (design: layer 1, circuit breakers).
 */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import type { Times } from "../../clock/clock-state.js";
import { deepFrozen } from "../../internal/frozen.js";
import { poissonTail } from "../../stats/tails.js";

/** Window in which they are counted, in target spacings: an hour of DigiByte. */
export const BURST_SPACINGS = 240;

/** An honest chain trips it less often than once in so many years. */
const BURST_YEARS = 1_000_000;

/** Depths from which they are counted: at least 1, at least 2, at least 3 blocks. */
const DEPTHS = [1, 2, 3] as const;

/** Most reorganisations that are kept: more than trip it at any depth. */
const MAX_EVENTS = 128;

const eventSchema = z.strictObject({
  /** The losing tip. */
  tip_hash: hash256Schema,
  depth: z.int().min(1),
  /** On the running time `least_ms`. */
  at_ms: z.int(),
});

/** State of the breaker. */
export const burstSchema = z.strictObject({
  events: z.array(eventSchema),
  /** Where it tripped, by how many of which depth, and how long it stays. */
  tripped: z
    .strictObject({
      height: heightSchema,
      count: z.int().min(1),
      least_depth: z.int().min(1),
      /** On the running time `held_ms`. */
      until_ms: z.int(),
    })
    .nullable(),
});
export type Burst = z.infer<typeof burstSchema>;

/** A losing tip and how many blocks it lost. */
type LostTip = Readonly<{ tip_hash: string; depth: number }>;

/** Reorganisations of one observation. */
export type BurstStep = Readonly<{
  lost: readonly LostTip[];
  /** Reorganisations of before that are seen more exactly now: they are not counted again. */
  refined: readonly Readonly<{ from_hash: string; to: LostTip }>[];
  times: Times;
  height: number;
  holdMs: number;
}>;

/** The breaker before the first observation. */
export const NO_BURST: Burst = deepFrozen({ events: [], tripped: null });

/**
 * Takes reorganisations in. It trips where an honest chain would show as many, of a depth or deeper,
 * within 240 spacings less often than once in a million years: k of λ a year in a window of T years are
 * followed by k − 1 more λ·P(Poisson(λT) ≥ k − 1) times a year, three times that because three depths
 * are counted. It stays for the hold after the last one that trips it.
 */
export function advanceBurst(burst: Burst, step: BurstStep, chain: ChainParameters): Burst {
  const { lost, refined, times, height, holdMs } = step;
  const isOver = burst.tripped !== null && burst.tripped.until_ms <= times.held_ms;
  if (lost.length === 0 && refined.length === 0)
    return isOver ? { ...burst, tripped: null } : burst;
  const since = times.least_ms - BURST_SPACINGS * chain.spacing_seconds * 1_000;
  const events = [
    ...burst.events
      .filter((event) => event.at_ms > since)
      .map((event) => ({
        ...event,
        ...refined.find(({ from_hash }) => from_hash === event.tip_hash)?.to,
      })),
    ...lost.slice(0, MAX_EVENTS).map((one) => ({ ...one, at_ms: times.least_ms })),
  ].slice(-MAX_EVENTS);
  const tripping = DEPTHS.map((least) => ({
    least_depth: least,
    count: events.filter(({ depth }) => depth >= least).length,
  })).findLast(({ least_depth, count }) => burstYears(least_depth, count, chain) >= BURST_YEARS);
  const before = isOver ? null : burst.tripped;
  if (tripping === undefined) return { events, tripped: before };
  return {
    events,
    tripped: { ...tripping, height: before?.height ?? height, until_ms: times.held_ms + holdMs },
  };
}

/**
 * Return period of so many reorganisations in the window, on an honest chain.
 *
 * @returns return period in years
 */
export function burstYears(leastDepth: number, count: number, chain: ChainParameters): number {
  if (count < 2) return 0;
  const perYear = (blocksPerYear(chain) * chain.stale_rate ** leastDepth) / (1 - chain.stale_rate);
  const perWindow = (perYear * BURST_SPACINGS) / blocksPerYear(chain);
  return 1 / (DEPTHS.length * perYear * poissonTail(count - 1, perWindow));
}
