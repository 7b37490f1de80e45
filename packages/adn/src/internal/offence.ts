/** Describes an offence: where, what was expected, and what was given (design: errors). */
import { ownValue } from "./plain.js";

const ID = "1–128 characters without control characters or white space at either end";
const WORD = "a lower-case word of at most 64 letters, digits and _";
const TIME = "whole milliseconds since 1970";
const SEVERITY = "a number from 0 to 1";
const DURATION = "whole milliseconds, at most 30 days";
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
  ["snapshot", "what snapshot() gave, unchanged"],
]);

/**
 * A path with what was expected there and the kind of what was given. Values of texts are never
 * shown: they may be long, or secret.
 *
 * @example describeOffence("/severity", { severity: "1" }) // "/severity: a number from 0 to 1 expected, a text given"
 */
export function describeOffence(path: string, input: unknown): string {
  const keys = path.split("/").slice(1).map(unescaped);
  const rule = RULES.get(keys[0] === "snapshot" ? "snapshot" : (keys.at(-1) ?? ""));
  const given = keys.reduce<unknown>(ownValue, input);
  if (rule === undefined) {
    return path === ""
      ? `/: a plain object expected, ${kindOf(given)} given`
      : `${path}: no such field`;
  }
  return `${path}: ${rule} expected, ${kindOf(given)} given`;
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
