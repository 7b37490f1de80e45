/** What is signed: a batch of signals with its key, its times and its sequence (design, section 3: signing). */
import { z } from "zod";
import { withoutPrototypes } from "../internal/own.js";
import { strictObject } from "../schemas/own-object.js";
import { canonicalize } from "../json/canonical.js";
import { firstErrorPath } from "../json/pointer.js";
import type { JsonValue } from "../json/value.js";
import { LIMITS } from "../limits.js";
import { type Envelope, envelopeSchema } from "../schemas/envelope.js";
import { timeMsSchema } from "../schemas/primitives.js";
import { type SignalV2, signalV2Schema } from "../schemas/signal-v2.js";
import { parseStrictJson } from "../json/parse-strict.js";
import { Rejected, rejectAt } from "./errors.js";

/** One signal: a v3 envelope, which has a `contract_version`, or a v2 signal, which has none. */
export type SignedSignal = Envelope | SignalV2;

/** Id of a key: `^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$`, so without the `#` of signature ids. */
export const keyIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);

const schemaOf = (signal: unknown): z.ZodType<SignedSignal> =>
  typeof signal === "object" && signal !== null && Object.hasOwn(signal, "contract_version")
    ? envelopeSchema
    : signalV2Schema;

/** Checks a signal by the schema of its own kind, so that the path of an error is exact. */
const signedSignalSchema = z.custom<SignedSignal>().check(({ value, issues }) => {
  const { error } = schemaOf(value).safeParse(value);
  if (error === undefined) return;
  issues.push({ code: "custom", message: "not a signal", path: tokens(error), input: value });
});

/** What is signed, in canonical form. */
export const signedBatchSchema = strictObject({
  signals: z.array(signedSignalSchema).min(1).max(LIMITS.maxSignals),
  key_id: keyIdSchema,
  issued_at_ms: timeMsSchema,
  /** The first moment at which the batch is no longer accepted. */
  expires_at_ms: timeMsSchema,
  /** Grows with every batch of a key; gaps are allowed. */
  sequence: z.int().min(0),
}).refine(({ issued_at_ms, expires_at_ms }) => issued_at_ms < expires_at_ms, {
  path: ["expires_at_ms"],
  message: "expires before it is issued",
});
/** What `signedBatchSchema` accepts. */
export type SignedBatch = z.infer<typeof signedBatchSchema>;

/**
 * Reads a payload whose signatures have verified.
 *
 * @throws Rejected with a code of the strict parser, `not_canonical` or `invalid_batch`
 */
export function readBatch(payload: Uint8Array): SignedBatch {
  const parsed = signedBatchSchema.safeParse(readCanonical(payload));
  if (parsed.success) return withoutPrototypes(parsed.data);
  // [REJECT invalid_batch] a missing, unknown or malformed field
  throw new Rejected("invalid_batch", `/payload${firstErrorPath(parsed.error)}`);
}

/**
 * Reads signed bytes, which are canonical JSON.
 *
 * @throws Rejected with a code of the strict parser, or `not_canonical`
 */
export function readCanonical(payload: Uint8Array): JsonValue {
  const value = rejectAt("/payload", () => parseStrictJson(payload));
  const canonical = rejectAt("/payload", () => encodeCanonical(value));
  // [REJECT not_canonical] other bytes would have the same content
  if (!isSame(payload, canonical)) throw new Rejected("not_canonical", "/payload");
  return value;
}

/** The UTF-8 bytes of the canonical form. */
export const encodeCanonical = (value: unknown): Uint8Array =>
  new TextEncoder().encode(canonicalize(value));

/** Default for how long a batch may be accepted: an hour, in milliseconds. */
export const DEFAULT_MAX_BATCH_LIFETIME_MS = 3_600_000;
/** The longest time that can be allowed: a day, in milliseconds. */
export const MAX_BATCH_LIFETIME_MS = 86_400_000;

/**
 * Whether a batch expires within the time that is allowed after it was issued: a store that lost its
 * sequences accepts each batch that has not expired once more.
 */
export const isShortLived = (
  { issued_at_ms, expires_at_ms }: Pick<SignedBatch, "issued_at_ms" | "expires_at_ms">,
  max_batch_lifetime_ms: number,
): boolean => expires_at_ms - issued_at_ms <= max_batch_lifetime_ms;

/** A lifetime that can be allowed: a whole number of milliseconds from 1 to a day. */
export const isLifetime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MAX_BATCH_LIFETIME_MS;

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** Keys on the path to the first error, the unknown key included. */
function tokens(error: z.ZodError): string[] {
  return firstErrorPath(error)
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
