/** Whether the leading bits of ECDSA r values are uniform, for `entropy_drop`. */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";
import type { Signature } from "../observation/observation.js";
import { nextStatistic } from "../stats/shiryaev-roberts.js";

/** Values of the four bits after the top one. */
const SYMBOLS = 16;

/** Weight of the uniform distribution in what is predicted, in signatures. */
const PRIOR = 16;

/** Signatures after which older ones count half. */
const MEMORY = 512;

/** Bits of r after the top one. */
const BITS = 255;

/** What has been counted. */
export const rBitsSchema = z.strictObject({
  /** Of each value of the four bits, older ones counting less. */
  counts: z.array(z.number().min(0)).length(SYMBOLS),
  counted: z.int().min(0),
  /** The Shiryaev–Roberts statistic, in signatures. */
  statistic: z.number().min(0),
});
export type RBits = z.infer<typeof rBitsSchema>;

/** Before the first signature. */
export const UNIFORM_BITS: RBits = deepFrozen({
  counts: Array.from({ length: SYMBOLS }, () => 0),
  counted: 0,
  statistic: 0,
});

/**
 * Takes signatures in. The likelihood ratio of one is the mean of two: of its four bits under the
 * distribution predicted from those before, and of its z leading zeros under 1/((z + 1)(z + 2)), each
 * against the uniform distribution; so a bias that many share is found, and a single r that is far too
 * small. Whatever came before, it is 1 on average where bits are uniform.
 *
 * The top bit is left out: wallets sign again until it is 0, to save a byte (Bitcoin Core since 0.17).
 *
 * @param ceiling most that the statistic is held at
 */
export function observeBits(bits: RBits, signatures: readonly Signature[], ceiling: number): RBits {
  if (signatures.length === 0) return bits;
  const counts = [...bits.counts];
  let { statistic } = bits;
  let total = counts.reduce((sum, count) => sum + count, 0);
  for (const { r } of signatures) {
    const symbol = symbolOf(r);
    const count = counts[symbol] ?? 0;
    const predicted = ((count + PRIOR / SYMBOLS) / (total + PRIOR)) * SYMBOLS;
    const likelihoodRatio = (predicted + zerosRatio(leadingZeros(r))) / 2;
    statistic = nextStatistic(statistic, { likelihoodRatio, steps: 1, ceiling });
    counts[symbol] = count + 1;
    total++;
    if (total < MEMORY) continue;
    for (let i = 0; i < SYMBOLS; i++) counts[i] = (counts[i] ?? 0) / 2;
    total /= 2;
  }
  return { counts, counted: bits.counted + signatures.length, statistic };
}

/** The four bits after the top one. */
const symbolOf = (r: string): number => (parseInt(r.slice(0, 2), 16) >> 3) & (SYMBOLS - 1);

/** Zeros after the top bit. */
function leadingZeros(r: string): number {
  for (let digit = 0; digit < r.length; digit++) {
    const bits = parseInt(r.charAt(digit), 16) & (digit === 0 ? 7 : 15);
    if (bits !== 0) return digit * 4 + Math.clz32(bits) - 28 - 1;
  }
  return BITS;
}

const zerosRatio = (zeros: number): number => 2 ** (zeros + 1) / ((zeros + 1) * (zeros + 2));
