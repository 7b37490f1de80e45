/** Schemas that no importer can change. */
import type { z } from "zod";

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
