/** Writes JSON: no white space, numbers as they were read. */
import { isList, isMap, type Json, JsonNumber } from "./value.js";

/** The text of a value. */
export function writeJson(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof JsonNumber) return value.text;
  if (isList(value)) return `[${value.map(writeJson).join(",")}]`;
  if (!isMap(value)) return "null";
  return `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(",")}}`;
}
