/** Parses values of no prototype by a schema: what the schema does not find is absent, whatever `Object.prototype` has. */
import type { z } from "zod";

/** Each switch of a parse as an own property, so that none is read through a prototype. */
const PARSE_CONTEXT: z.core.ParseContext<z.core.$ZodIssue> = Object.freeze({
  error: undefined,
  reportInput: false,
  jitless: false,
  abortEarly: false,
  skipChecks: false,
  direction: "forward",
}) as object;

/** Parses by a schema; never throws for plain values. */
export const safeParse = <S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.ZodSafeParseResult<z.output<S>> => schema.safeParse(value, PARSE_CONTEXT);

/**
 * Copies the own members of an object into one without a prototype; members that are undefined are absent.
 *
 * @returns the copy, or the key of the first member that is an accessor; never runs one
 */
export function ownMembers(
  value: object,
): Readonly<{ members: Record<string, unknown> }> | Readonly<{ accessor: string }> {
  const members = Object.create(null) as Record<string, unknown>;
  for (const key of Reflect.ownKeys(value).map(String).sort()) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || !Object.hasOwn(property, "value")) return { accessor: key };
    if (property.value !== undefined) members[key] = property.value as unknown;
  }
  return { members };
}
