/** Freezes constants and the tables of schemas, so that no importer can change them. */
import type { z } from "zod";

/**
 * Freezes plain objects and arrays with everything in them.
 *
 * @returns the same value
 */
export function deepFrozen<const T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const key of Reflect.ownKeys(value)) deepFrozen(Reflect.get(value, key));
  return Object.freeze(value);
}

/** Freezes the table that an object's schema checks by. */
export function sealed<S extends z.ZodObject>(schema: S): S {
  Object.freeze(schema.shape);
  return schema;
}

/** Freezes the words of an enumeration. */
export function sealedEnum<S extends z.ZodEnum>(schema: S): S {
  Object.freeze(schema.enum);
  Object.freeze(schema.options);
  return schema;
}
