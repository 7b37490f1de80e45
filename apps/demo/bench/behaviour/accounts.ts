/** Simulated honest accounts: what they pay out over three years, by kind. */
import { createRandom, type Random } from "@dgb-shield/testkit/random";

/** One payment of an account: hours since the account's begin, and base units. */
export type Payment = Readonly<{ at_hour: number; amount: bigint }>;

/** Days of a simulated account. */
export const DAYS = 1_095;
/** Kinds of accounts. */
export const KINDS = ["salary", "sporadic", "trader", "merchant", "saver"] as const;
/** A kind of account. */
export type Kind = (typeof KINDS)[number];

const HOURS = 24;
/** Base units of a typical payment, so that rounding is no matter. */
const TYPICAL = 100_000_000_000;

/** A normal variate (Box–Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

const lognormal = (random: Random, sigma: number): number => Math.exp(sigma * normal(random));

function poisson(random: Random, mean: number): number {
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > least; product *= random.next()) count++;
  return count;
}

type Made = Readonly<{ day: number; hour?: number; size: number }>;

/** Once a month or every two weeks the same amount, now and then an extra one, a double one a year, a rise a year. */
function* salary(random: Random): Generator<Made> {
  const every = random.pick([14, 30]);
  for (let day = random.below(every); day < DAYS; day += every) {
    const rise = 1.03 ** Math.floor(day / 365);
    const isBonus = Math.floor(day / 365) !== Math.floor((day + every) / 365);
    yield { day, size: rise * (isBonus ? 2 : 1) * lognormal(random, 0.05) };
    if (random.oneIn(8))
      yield { day: day + 1 + random.below(10), size: rise * (0.2 + random.next()) };
  }
}

/** At random, every nine days on average, of widely varying size. */
function* sporadic(random: Random): Generator<Made> {
  for (let day = 0; day < DAYS; day++) {
    for (let i = poisson(random, 1 / 9); i > 0; i--) yield { day, size: lognormal(random, 0.9) };
  }
}

/** Three days of five, several a day, in phases that are weeks long, with pauses. */
function* trader(random: Random): Generator<Made> {
  let phase = 0;
  let pause = 0;
  for (let day = 0; day < DAYS; day++) {
    if (day % 7 === 0) phase = 0.8 * phase + 0.3 * normal(random);
    if (random.oneIn(120)) pause = 7 + random.below(21);
    if (pause-- > 0 || random.next() > 0.6) continue;
    for (let i = 1 + poisson(random, 3); i > 0; i--) {
      yield { day, size: Math.exp(phase) * lognormal(random, 1) };
    }
  }
}

/** Each working day what was sold: a season of the week, three weeks of Christmas, a fifth more each year. */
function* merchant(random: Random): Generator<Made> {
  const week = [1, 0.9, 0.9, 1.1, 1.4, 0, 0];
  for (let day = 0; day < DAYS; day++) {
    const share = week[day % 7] ?? 0;
    const isChristmas = day % 365 > 340;
    const size = share * 1.2 ** (day / 365) * (isChristmas ? 2 : 1) * lognormal(random, 0.35);
    if (share > 0) yield { day, size };
  }
}

/** Every two months on average, of very different size. */
function* saver(random: Random): Generator<Made> {
  for (let day = 0; day < DAYS; day++) {
    if (random.oneIn(60)) yield { day, size: lognormal(random, 1.2) };
  }
}

const MAKERS: Readonly<Record<Kind, (random: Random) => Generator<Made>>> = {
  ...{ salary, sporadic, trader, merchant, saver },
};

/** Makes an account; the same seed gives the same one. */
export function accountOf(kind: Kind, seed: number): readonly Payment[] {
  const random = createRandom(seed);
  const scale = TYPICAL * lognormal(random, 1.5);
  return [...MAKERS[kind](random)]
    .filter(({ day }) => day < DAYS)
    .map(({ day, size }) => ({
      at_hour: day * HOURS + random.next() * HOURS,
      amount: BigInt(Math.max(1, Math.round(scale * size))),
    }))
    .sort((a, b) => a.at_hour - b.at_hour);
}
