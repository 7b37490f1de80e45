/** Severities, scores and weights as integers of 10⁻⁶, so that sums do not depend on order. */
import { SCALE } from "@dgb-shield/contract";

const MICROS = 1_000_000;
const ELEVATED = Math.round(SCALE.elevated * MICROS);
const HIGH = Math.round(SCALE.high * MICROS);

/**
 * Converts a severity to an integer of 10⁻⁶: the nearest one, half up, that is on the same side of 0.25 and 0.60,
 * so that the network view and the envelope of a signal agree. Anything but 0–1 is the worst.
 */
export function toMicros(severity: number): number {
  if (typeof severity !== "number" || !(severity >= 0 && severity <= 1)) return MICROS;
  const micros = Math.round(severity * MICROS);
  // A severity that was rounded up to a threshold stays below it.
  if (micros === ELEVATED && severity < SCALE.elevated) return micros - 1;
  if (micros === HIGH && severity < SCALE.high) return micros - 1;
  return micros;
}

/** Converts a weight to an integer of 10⁻⁶, to the nearest. */
export const weightToMicros = (weight: number): number => Math.round(weight * MICROS);

/** Converts an integer of 10⁻⁶ back to a number. */
export const fromMicros = (micros: number): number => micros / MICROS;
