/** The request around the signals: version, top-level keys, fields, component, number of signals (design section 4.1). */
import {
  CONTRACT_VERSION,
  type DqsnConstraints,
  dqsnConstraintsSchema,
  idSchema,
  type JsonObject,
  type JsonValue,
  LIMITS,
  pointer,
  firstErrorPath,
} from "@dgb-shield/contract";
import { z } from "zod";
import { ownOf } from "../internal/own.js";
import { type Rejection, reject } from "../internal/rejection.js";

/** The component that a request must name. */
export const COMPONENT = "dqsn";

/** `request_id` of a response to a request that has no valid one. */
export const UNKNOWN_REQUEST_ID = "unknown";

/** A request whose signals are still unchecked. */
export type CheckedRequest = Readonly<{
  request_id: string;
  signals: readonly unknown[];
  constraints?: DqsnConstraints | undefined;
}>;

const TOP_LEVEL_KEYS = new Set([
  "contract_version",
  "component",
  "request_id",
  "signals",
  "constraints",
]);

const fieldsSchema = z.object({
  request_id: idSchema,
  // Not z.array, which would copy a list of any length.
  signals: z.custom<readonly unknown[]>((value) => Array.isArray(value)),
  constraints: dqsnConstraintsSchema.optional(),
});

/** Checks everything of a request but its signals, in the order of the specification. */
export function checkRequest(value: JsonValue): CheckedRequest | Rejection {
  // An array or a scalar has no field to name.
  if (!isJsonObject(value)) return reject("DQSN_ERROR_INVALID_REQUEST", "");

  // [ERROR DQSN_ERROR_SCHEMA_VERSION] any version but the integer 3; checked before any other field
  if (ownOf(value, "contract_version") !== CONTRACT_VERSION) {
    return reject("DQSN_ERROR_SCHEMA_VERSION", "/contract_version");
  }

  // [ERROR DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY] an unknown top-level key
  const unknown = Object.keys(value)
    .filter((key) => !TOP_LEVEL_KEYS.has(key))
    .sort()
    .at(0);
  if (unknown !== undefined) {
    return reject("DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY", pointer([unknown]));
  }

  // [ERROR DQSN_ERROR_INVALID_REQUEST] a missing or wrong field
  const constraints = ownOf(value, "constraints");
  const own = {
    request_id: ownOf(value, "request_id"),
    signals: ownOf(value, "signals"),
    constraints: upToFirstError(constraints),
  };
  const fields = fieldsSchema.safeParse(own);
  if (!fields.success) return reject("DQSN_ERROR_INVALID_REQUEST", firstErrorPath(fields.error));

  // The request names another component.
  if (ownOf(value, "component") !== COMPONENT)
    return reject("DQSN_ERROR_INVALID_REQUEST", "/component");

  // [ERROR DQSN_ERROR_NO_SIGNALS] absence of evidence is not ALLOW
  const { request_id, signals } = fields.data;
  if (signals.length === 0) return reject("DQSN_ERROR_NO_SIGNALS", "/signals");

  // [ERROR DQSN_ERROR_SIGNAL_TOO_MANY] more than 64 signals
  if (signals.length > LIMITS.maxSignals) return reject("DQSN_ERROR_SIGNAL_TOO_MANY", "/signals");

  // Valid constraints were not shortened.
  return { request_id, signals, constraints: constraints as DqsnConstraints | undefined };
}

/**
 * Shortens the list of components to its first error, or to nothing where it has none: the schema would
 * copy the whole list and describe each error.
 */
function upToFirstError(constraints: JsonValue | undefined): JsonValue | undefined {
  if (constraints === undefined || !isJsonObject(constraints)) return constraints;
  const components = ownOf(constraints, "required_components");
  if (!Array.isArray(components)) return constraints;
  const firstWrong = components.findIndex((component) => typeof component !== "string");
  return { ...constraints, required_components: components.slice(0, firstWrong + 1) };
}

/** The request's own id where it is valid, for the response to echo. */
export function requestIdOf(value: JsonValue): string {
  const id = isJsonObject(value) ? idSchema.safeParse(ownOf(value, "request_id")) : undefined;
  return id?.success === true ? id.data : UNKNOWN_REQUEST_ID;
}

const isJsonObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
