/** Two ways to one value: JSON.parse where what it made can be proven to be all, else the reader. */
import type { JsonValue } from "../json/value.js";
import { readJson } from "../json/reader.js";
import { isStrict } from "../json/fast/duplicate-keys.js";

/** What JSON.parse makes of a text; undefined where that is nothing. */
export function looseValue(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/**
 * The value of a strict text.
 *
 * @param loose what JSON.parse made of it
 * @throws ContractError where the text is not strict
 */
export const strictValue = (text: string, loose: JsonValue | undefined): JsonValue =>
  loose !== undefined && isStrict(text, loose) ? loose : readJson(text);
