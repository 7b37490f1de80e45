/** Seeded randomness of the simulators: the same seed gives the same chain on any machine and version. */

/** A source of numbers between 0 and 1, neither included. */
export type Random = () => number;

const TWO_32 = 4_294_967_296;
const WARM_UP = 16;

/**
 * A source for one seed: sfc32, three 32-bit words and a counter. It is written out here, and not taken
 * from a library, because published reports name seeds: a library's next version must not change them.
 *
 * @param seed a whole number, 0 to 2^32 − 1
 */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return ((word >>> 0) + 0.5) / TWO_32;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return next;
}

/** A waiting time of a Poisson process. @param mean in any unit, also that of the result */
export const exponential = (random: Random, mean: number): number => -mean * Math.log(random());

/** A standard normal number (Box and Muller). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

/** A whole number of a Poisson distribution. @param mean 0 to about 500 */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}
