/** Request and response of DQSN (contract v3, sections 3 and 7). */
import { z } from "zod";
import { strictObject } from "./own-object.js";
import { CONTRACT_VERSION, LIMITS } from "../limits.js";
import { envelopeSchema } from "./envelope.js";
import { idSchema } from "./primitives.js";

/** What a caller may demand on top of the contract; it can only tighten. */
export const dqsnConstraintsSchema = strictObject({
  fail_closed: z.literal(true).optional(),
  /** Components that must have signalled; a name that no component can have is never met. */
  required_components: z.array(z.string()).optional(),
  /** Unique valid signals that there must be; more than a request can carry is never met. */
  min_signals: z.int().min(0).optional(),
});
/** What `dqsnConstraintsSchema` accepts. */
export type DqsnConstraints = z.infer<typeof dqsnConstraintsSchema>;

/** A DQSN request. */
export const dqsnRequestSchema = strictObject({
  contract_version: z.literal(CONTRACT_VERSION),
  component: z.literal("dqsn"),
  request_id: idSchema,
  signals: z.array(envelopeSchema).min(1).max(LIMITS.maxSignals),
  constraints: dqsnConstraintsSchema.optional(),
});
/** What `dqsnRequestSchema` accepts. */
export type DqsnRequest = z.infer<typeof dqsnRequestSchema>;

/** A DQSN response, itself a valid signal of another DQSN. */
export const dqsnResponseSchema = envelopeSchema.extend({ component: z.literal("dqsn") });
/** What `dqsnResponseSchema` accepts. */
export type DqsnResponse = z.infer<typeof dqsnResponseSchema>;
