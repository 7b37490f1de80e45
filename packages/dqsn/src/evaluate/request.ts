/** The request around the signals: version, top-level keys, fields, component, number of signals (contract v3, sections 1, 3 and 8). */
import {
  CONTRACT_VERSION,
  type DqsnConstraints,
  dqsnConstraintsSchema,
  idSchema,
  type JsonObject,
  type JsonValue,
  LIMITS,
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
  // [ERROR] not an object
  if (!isJsonObject(value)) return reject("DQSN_ERROR_INVALID_REQUEST", "");

  // [ERROR] any version but the integer 3; looked at before any other field
  if (ownOf(value, "contract_version") !== CONTRACT_VERSION) {
    return reject("DQSN_ERROR_SCHEMA_VERSION", "/contract_version");
  }

  // [ERROR] unknown top-level key
  const unknown = Object.keys(value)
    .filter((key) => !TOP_LEVEL_KEYS.has(key))
    .sort()
    .at(0);
  if (unknown !== undefined) {
    return reject("DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY", pointerTo(unknown));
  }

  // [ERROR] missing or wrong field
  const constraints = ownOf(value, "constraints");
  const own = {
    request_id: ownOf(value, "request_id"),
    signals: ownOf(value, "signals"),
    constraints: upToFirstOffence(constraints),
  };
  const fields = fieldsSchema.safeParse(own);
  if (!fields.success) return reject("DQSN_ERROR_INVALID_REQUEST", firstErrorPath(fields.error));

  // [ERROR] addressed to another component
  if (ownOf(value, "component") !== COMPONENT)
    return reject("DQSN_ERROR_INVALID_REQUEST", "/component");

  // [ERROR] no signals: absence of evidence is not ALLOW
  const { request_id, signals } = fields.data;
  if (signals.length === 0) return reject("DQSN_ERROR_NO_SIGNALS", "/signals");

  // [ERROR] too many signals
  if (signals.length > LIMITS.maxSignals) return reject("DQSN_ERROR_SIGNAL_TOO_MANY", "/signals");

  // What was cut off by then was nothing: the constraints are valid.
  return { request_id, signals, constraints: constraints as DqsnConstraints | undefined };
}

/**
 * Constraints whose list of components ends with its first offence, or is empty where it has none: a schema
 * would copy the whole list, and describe each offence.
 */
function upToFirstOffence(constraints: JsonValue | undefined): JsonValue | undefined {
  if (constraints === undefined || !isJsonObject(constraints)) return constraints;
  const components = ownOf(constraints, "required_components");
  if (!Array.isArray(components)) return constraints;
  const offence = components.findIndex((component) => typeof component !== "string");
  return { ...constraints, required_components: components.slice(0, offence + 1) };
}

/** The request's own id when it is a valid one, for the response to echo. */
export function requestIdOf(value: JsonValue): string {
  const id = isJsonObject(value) ? idSchema.safeParse(ownOf(value, "request_id")) : undefined;
  return id?.success === true ? id.data : UNKNOWN_REQUEST_ID;
}

const isJsonObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const pointerTo = (key: string): string => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
