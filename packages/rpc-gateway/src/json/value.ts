/** JSON as the gateway holds it: numbers keep their text, and an object is a map, which has no inherited members. */

/** A number as it was written. */
export class JsonNumber {
  readonly text: string;
  /** @param text a number by the grammar of RFC 8259 */
  constructor(text: string) {
    this.text = text;
  }
}

/** An object: its names once each, in their order. */
export type JsonMap = ReadonlyMap<string, Json>;

/** Any JSON value. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonMap;

/** Whether a value is an array. */
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Whether a value is an object. */
export const isMap = (value: Json | undefined): value is JsonMap => value instanceof Map;

/** The value as JSON.parse would give it; its numbers lose their text. Objects have no prototype. */
export function plainOf(value: Json): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (isList(value)) return value.map(plainOf);
  if (!isMap(value)) return value;
  const object = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of value) object[name] = plainOf(member);
  return object;
}
