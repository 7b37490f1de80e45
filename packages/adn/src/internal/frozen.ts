/** Freezes constants with everything in them, so that no importer can change them. */
import type { z } from "zod";

/** The same plain value, frozen deeply. */
export function frozen<const T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const key of Reflect.ownKeys(value)) frozen(Reflect.get(value, key));
  return Object.freeze(value);
}

/** The same schema, whose table of fields cannot be changed. */
export function sealed<S extends z.ZodObject>(schema: S): S {
  Object.freeze(schema.shape);
  return schema;
}
