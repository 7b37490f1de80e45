/**
 * Circuit breaker `repeated reorganisations`: many in an hour, a day or a week, each of which alone an honest
 * chain would show (design: layer 1, circuit breakers).
 */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import type { Times } from "../../clock/clock-state.js";
import { deepFrozen } from "../../internal/frozen.js";
import { poissonTail } from "../../stats/tails.js";
import { TAIL_DIGITS } from "./fork.js";
import { MAX_RATE_FACTOR } from "./stale-rate.js";

/** An honest chain trips it less often than once in so many years. */
const BURST_YEARS = 1_000_000;

const [HOUR, DAY, WEEK] = [240, 5_760, 40_320];

/**
 * What is counted: reorganisations of a depth or deeper in a window of so many target spacings (an hour, a day,
 * a week of DigiByte). Each has the same share of the false alarms. The rate of ordinary ones varies over days, with
 * who mines and how well they are connected: where it decides, it is taken as three times the chain's.
 */
const TESTS = deepFrozen([
  { least_depth: 1, spacings: HOUR, factor: MAX_RATE_FACTOR },
  { least_depth: 2, spacings: HOUR, factor: 1 },
  { least_depth: 3, spacings: HOUR, factor: 1 },
  { least_depth: 2, spacings: DAY, factor: MAX_RATE_FACTOR },
  { least_depth: 3, spacings: DAY, factor: MAX_RATE_FACTOR },
  { least_depth: 2, spacings: WEEK, factor: MAX_RATE_FACTOR },
  { least_depth: 3, spacings: WEEK, factor: MAX_RATE_FACTOR },
]);

/** Most reorganisations that are kept, of one block and of more: above what trips it on the chains of the tables. */
const MAX_SHALLOW = 64;
const MAX_DEEP = 96;

const eventSchema = z.strictObject({
  /** The last digits of the losing tip. */
  tip: z.string(),
  depth: z.int().min(1),
  /** On the running time `least_ms`. */
  at_ms: z.int(),
});
type Event = z.infer<typeof eventSchema>;

/** State of the breaker. */
export const burstSchema = z.strictObject({
  events: z.array(eventSchema),
  /** Where it tripped, by how many of which depth in which window, and how long it stays. */
  tripped: z
    .strictObject({
      height: heightSchema,
      count: z.int().min(1),
      least_depth: z.int().min(1),
      spacings: z.int().min(1),
      false_alarm_years: z.number(),
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
  /** The chain's stale rate as it is judged now. */
  staleRate: number;
}>;

/** The breaker before the first observation. */
export const NO_BURST: Burst = deepFrozen({ events: [], tripped: null });

/**
 * Takes reorganisations in. It trips where an honest chain would show as many, of a depth or deeper, within
 * one of the windows less often than once in a million years, all windows and depths together: k of λ a
 * year in a window of T years are followed by k − 1 more λ·P(Poisson(λT) ≥ k − 1) times a year; there are seven
 * tests, each with a seventh of the false alarms. It stays for the hold after the last one that trips it.
 */
export function advanceBurst(burst: Burst, step: BurstStep, chain: ChainParameters): Burst {
  const { lost, refined, times, height, holdMs } = step;
  const isOver = burst.tripped !== null && burst.tripped.until_ms <= times.held_ms;
  if (lost.length === 0 && refined.length === 0)
    return isOver ? { ...burst, tripped: null } : burst;
  const events = eventsAfter(burst.events, step, chain);
  const tripping = trippingOf(events, step, chain);
  const before = isOver ? null : burst.tripped;
  if (tripping === undefined) return { events, tripped: before };
  return {
    events,
    tripped: { ...tripping, height: before?.height ?? height, until_ms: times.held_ms + holdMs },
  };
}

const tailOf = (hash: string): string => hash.slice(-TAIL_DIGITS);

function eventsAfter(
  before: readonly Event[],
  { lost, refined, times }: BurstStep,
  { spacing_seconds }: ChainParameters,
): Event[] {
  const sinceMs = (spacings: number): number => times.least_ms - spacings * spacing_seconds * 1_000;
  const kept = before.map((event) => {
    const to = refined.find(({ from_hash }) => tailOf(from_hash) === event.tip)?.to;
    return to === undefined ? event : { ...event, tip: tailOf(to.tip_hash), depth: to.depth };
  });
  const all = [
    ...kept,
    ...lost.map(({ tip_hash, depth }) => ({ tip: tailOf(tip_hash), depth, at_ms: times.least_ms })),
  ];
  return [
    ...all.filter(({ depth, at_ms }) => depth === 1 && at_ms > sinceMs(HOUR)).slice(-MAX_SHALLOW),
    ...all.filter(({ depth, at_ms }) => depth > 1 && at_ms > sinceMs(WEEK)).slice(-MAX_DEEP),
  ];
}

type Tripping = Omit<NonNullable<Burst["tripped"]>, "height" | "until_ms">;

/** The rarest of the tests that are tripped. */
function trippingOf(
  events: readonly Event[],
  { times, staleRate }: BurstStep,
  chain: ChainParameters,
): Tripping | undefined {
  const all = TESTS.map(({ least_depth, spacings, factor }) => {
    const since = times.least_ms - spacings * chain.spacing_seconds * 1_000;
    const count = events.filter((one) => one.depth >= least_depth && one.at_ms > since).length;
    const rate = Math.max(staleRate, Math.min(1 / 2, factor * chain.stale_rate));
    const years = burstYears({ least_depth, spacings, count, rate }, chain);
    return { count, least_depth, spacings, false_alarm_years: Math.min(years, 1e99) };
  });
  return all
    .filter(({ false_alarm_years }) => !(false_alarm_years < BURST_YEARS))
    .toSorted((a, b) => b.false_alarm_years - a.false_alarm_years)[0];
}

/**
 * Return period of so many reorganisations in a window, on an honest chain of a stale rate.
 *
 * @returns return period in years
 */
export function burstYears(
  {
    least_depth,
    spacings,
    count,
    rate,
  }: Readonly<{ least_depth: number; spacings: number; count: number; rate: number }>,
  chain: ChainParameters,
): number {
  if (count < 2) return 0;
  const perYear = (blocksPerYear(chain) * rate ** least_depth) / (1 - rate);
  const perWindow = (perYear * spacings) / blocksPerYear(chain);
  return 1 / (TESTS.length * perYear * poissonTail(count - 1, perWindow));
}
