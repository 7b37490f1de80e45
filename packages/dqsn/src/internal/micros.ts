/** Severities, scores and weights as integers of 10⁻⁶, so that sums do not depend on order. */

const MICROS = 1_000_000;

/** A severity or weight as an integer of 10⁻⁶, to the nearest. */
export const toMicros = (value: number): number => Math.round(value * MICROS);

/** Back to a number. */
export const fromMicros = (micros: number): number => micros / MICROS;
