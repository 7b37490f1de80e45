/** Describes a value that was rejected: what was expected at its place, and what was given. */
import { ownValue } from "./own-data.js";

const ID = "1–128 characters without control characters or white space at either end";
const WORD = "a lower-case word of at most 64 letters, digits and _";
const TIME = "whole milliseconds since 1970";
const SEVERITY = "a number from 0 to 1";
const DURATION = "whole milliseconds, at most 30 days";
const COUNT = "a whole number from 1 to 1,000,000,000";
const THRESHOLD = "a number above 0 and at most 1, partial no greater than full";

/** What each field takes. */
const RULES: ReadonlyMap<string, string> = new Map([
  ["event_id", ID],
  ["node_id", ID],
  ["operator", ID],
  ["type", WORD],
  ["source", WORD],
  ["severity", SEVERITY],
  ["observed_at_ms", TIME],
  ["expires_at_ms", `${TIME}, or null for a latch`],
  ["until_ms", `${TIME}, at most max_override_ms from now`],
  ["local", "true or false"],
  ["summary", "a text of 1–512 characters"],
  ["reason", "a text of 1–256 characters"],
  ["kind", "release, lockdown or cancel"],
  ["lockdown", "NONE, PARTIAL or FULL"],
  ["thresholds", "an object with partial and full"],
  ["partial", THRESHOLD],
  ["full", THRESHOLD],
  ["hold_ms", DURATION],
  ["event_ttl_ms", `${DURATION} and at least 1`],
  ["max_event_ttl_ms", `${DURATION} and at least 1`],
  ["max_override_ms", `${DURATION} and at least 1`],
  ["max_clock_skew_ms", "whole milliseconds, at most an hour"],
  ["inputs", "an object of thresholds"],
  ["window_ms", "whole milliseconds, a minute to an hour"],
  ["max_refused_payments", COUNT],
  ["max_freezes", COUNT],
  ["min_peers", "a whole number up to 1,000"],
  ["max_mempool_bytes", COUNT],
  ["spacing_ms", "whole milliseconds, a second to an hour"],
  ["max_stalled_spacings", "a whole number from 5 to 1,000"],
  ["max_rpc_calls", COUNT],
  ["max_rpc_refused", COUNT],
  ["max_rpc_unauthorized", COUNT],
  ["snapshot", "what snapshot() gave, unchanged"],
]);

/**
 * Names what was expected at a path and the kind of what was given. Values of texts are never
 * shown: they may be long, or secret.
 *
 * @param path a JSON Pointer into `input`
 * @example describeExpectation("/severity", { severity: "1" }) // "a number from 0 to 1 expected, a text given"
 */
export function describeExpectation(path: string, input: unknown): string {
  const keys = path.split("/").slice(1).map(unescaped);
  const rule = RULES.get(keys[0] === "snapshot" ? "snapshot" : (keys.at(-1) ?? ""));
  const given = keys.reduce<unknown>(ownValue, input);
  if (rule === undefined) {
    return path === "" ? `a plain object expected, ${kindOf(given)} given` : "no such field";
  }
  return `${rule} expected, ${kindOf(given)} given`;
}

const unescaped = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  if (typeof value !== "object") return `a ${typeof value}`;
  return "an object or an array";
}
