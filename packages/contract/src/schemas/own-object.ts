/**
 * Builds schemas that read own properties alone, and that no importer can change: zod's objects read a
 * missing member through the prototype, and expose the tables that they check by.
 */
import { z } from "zod";
import { hasOwnMembersAlone, ownMembers } from "../internal/own.js";

type ObjectDefinition = z.core.$ZodObjectDef;

/** zod's object, over the own members of what it is given; what is derived from it (`extend`, `refine`) is one too. */
const OwnObject = z.core.$constructor<z.ZodObject, ObjectDefinition>(
  "ShieldObject",
  (schema, definition) => {
    z.ZodObject.init(schema, definition);
    Object.freeze(definition.shape);
    const names = Object.keys(definition.shape);
    const parse = schema._zod.parse.bind(schema._zod);
    schema._zod.parse = (payload, context) => {
      if (!hasOwnMembersAlone(payload.value, names)) payload.value = ownMembers(payload.value);
      return parse(payload, context);
    };
  },
);

/** An object of exactly these members, its own. */
export const strictObject = <S extends z.core.$ZodLooseShape>(
  shape: S,
): z.ZodObject<S, z.core.$strict> =>
  new OwnObject({ type: "object", shape, catchall: z.never() }) as unknown as z.ZodObject<
    S,
    z.core.$strict
  >;

/** An object of at least these members, its own. */
export const looseObject = <S extends z.core.$ZodLooseShape>(
  shape: S,
): z.ZodObject<S, z.core.$loose> =>
  new OwnObject({ type: "object", shape, catchall: z.unknown() }) as unknown as z.ZodObject<
    S,
    z.core.$loose
  >;

/** Makes the schema of an enumeration; the lists that it exposes are frozen. */
export function oneOf<const T extends readonly string[]>(words: T) {
  const schema = z.enum(words);
  Object.freeze(schema.enum);
  Object.freeze(schema.options);
  return schema;
}
