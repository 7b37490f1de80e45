/** What is fuzzed: the public functions, and the reader that they rest on. */
import { readJson } from "../src/json/reader.js";
import { ContractError } from "../src/index.js";
import type { JsonValue } from "../src/index.js";

export { canonicalSlices } from "../src/json/fast/canonical-slices.js";
export { canonicalize, ContractError, parseJsonList, parseStrictJson } from "../src/index.js";

/** The reader alone, with the checks that stand before it. */
export function toJsonValue(text: string): JsonValue {
  if (text.startsWith("\ufeff")) throw new ContractError("byte_order_mark", "", "byte order mark");
  return readJson(text);
}
