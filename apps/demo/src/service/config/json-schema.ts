/** The configuration's schema as JSON Schema: what settings, the first file and the documentation are made from. */
import { z } from "zod";
import { configFieldsSchema } from "./schema.js";

/** What is read of a JSON Schema. */
export type Json = Readonly<{
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  properties?: Readonly<Record<string, Json>>;
  required?: readonly string[];
  oneOf?: readonly Json[];
  items?: Json;
  additionalProperties?: Json | boolean;
}>;

/** The whole schema. */
export const CONFIG_JSON = z.toJSONSchema(configFieldsSchema, {
  io: "input",
  unrepresentable: "any",
}) as Json;

/** Members of an object, or of all the objects that a field may be. */
export function membersOf(json: Json): Readonly<Record<string, Json>> {
  const all = [json, ...(json.oneOf ?? [])].map(({ properties = {} }) => properties);
  const members = all.flatMap((some) => Object.entries(some));
  const kinds = all.flatMap(({ kind }) => (kind?.const === undefined ? [] : [kind.const]));
  const merged = Object.fromEntries(members);
  return kinds.length > 1
    ? { ...merged, kind: { type: "string", enum: kinds, description: "the kind of ledger" } }
    : merged;
}

/** What a field may hold, for a person: words, or a range. */
export function rangeOf(json: Json): string {
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum !== undefined) return json.enum.map(String).join(", ");
  if (json.exclusiveMinimum !== undefined) {
    return `above ${String(json.exclusiveMinimum)} to ${String(json.maximum)}`;
  }
  if (json.type === "integer" || json.type === "number") {
    return `${String(json.minimum)}–${String(json.maximum)}`;
  }
  if (json.type === "boolean") return "true, false";
  if (json.type === "array") return "a list";
  return json.type === "string" ? "a text" : "an object";
}

/** The default of a field, for a person; undefined where it has none. */
export function defaultOf(json: Json): string | undefined {
  const { default: value } = json;
  return value === undefined
    ? undefined
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}
