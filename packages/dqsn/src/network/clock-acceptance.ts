/** The acceptance of a clock by an operator, and its record (design, section 3: time). */
import { idSchema, parseOwn, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { DqsnConfigError } from "../errors.js";

/** Acceptances that a network state remembers; the oldest goes first. */
export const MAX_ACCEPTANCES = 16;

/** Characters of a reason. */
const MAX_REASON_LENGTH = 1_000;

const reasonSchema = z.string().min(1).max(MAX_REASON_LENGTH);
const acceptanceSchema = z.strictObject({ operator: idSchema, reason: reasonSchema });

/** The form of a recorded acceptance. */
export const clockAcceptanceSchema = acceptanceSchema.extend({
  /** The clock that was accepted. */
  at_ms: timeMsSchema,
  /** The state's time until then. */
  from_ms: timeMsSchema,
  /** What the clock was until then. */
  clock: z.enum(["trusted", "behind", "ahead"]),
});

/** Who accepts the clock, an identifier, and why, in 1–1,000 characters. */
export type Acceptance = Readonly<z.infer<typeof acceptanceSchema>>;

/** A recorded acceptance. Times are milliseconds since 1970-01-01T00:00:00Z. */
export type ClockAcceptance = Readonly<z.infer<typeof clockAcceptanceSchema>>;

/**
 * Reads an acceptance.
 *
 * @throws DqsnConfigError `invalid_acceptance` with the path of the first offence
 */
export function readAcceptance(acceptance: unknown): Acceptance {
  const read = parseOwn(acceptanceSchema, acceptance, { maxDepth: 1, maxEntries: 2 });
  if (read.ok) return read.value;
  throw new DqsnConfigError("invalid_acceptance", read.path, "not {operator, reason}");
}
