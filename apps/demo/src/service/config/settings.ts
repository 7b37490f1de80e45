/** The fields that an environment variable or a flag can set, made from the schema. */
import { CONFIG_JSON, type Json, membersOf } from "./json-schema.js";

/** How the text of a setting is read. */
export type SettingKind = "text" | "number" | "boolean" | "list" | "json";

/** A field that can be set from outside the file. */
export type Setting = Readonly<{
  /** Such as `http.port`. */
  name: string;
  /** Such as `SHIELD_HTTP_PORT`. */
  variable: string;
  path: readonly string[];
  kind: SettingKind;
}>;

/** Every setting, in the order of the schema. */
export const SETTINGS: readonly Setting[] = Object.freeze(settingsOf(CONFIG_JSON, []));

/** Names of all fields, for what was misspelt. */
export const FIELD_NAMES: readonly string[] = Object.freeze([...new Set(namesIn(CONFIG_JSON))]);

function settingsOf(json: Json, path: readonly string[]): Setting[] {
  return Object.entries(membersOf(json)).flatMap(([key, member]) => {
    const at = [...path, key];
    if (Object.keys(membersOf(member)).length > 0) return settingsOf(member, at);
    return [
      {
        name: at.join("."),
        variable: `SHIELD_${at.join("_").toUpperCase()}`,
        path: at,
        kind: kindOf(member),
      },
    ];
  });
}

function kindOf({ type, items, const: only }: Json): SettingKind {
  if (type === "number" || type === "integer" || typeof only === "number") return "number";
  if (type === "boolean") return "boolean";
  if (type === "string" || typeof only === "string") return "text";
  return type === "array" && items?.type === "string" ? "list" : "json";
}

function namesIn(json: Json): string[] {
  const members = Object.entries(membersOf(json));
  const below = [...members.map(([, member]) => member), ...(json.items ? [json.items] : [])];
  return [...members.map(([name]) => name), ...below.flatMap(namesIn)];
}
