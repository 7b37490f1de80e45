/** Explains refusals of malformed input: the field, the rule, the kind of value, and what to do; never the value itself. */
import { formatAmount, isAmount, LIMITS, parseAmount } from "@dgb-shield/contract";
import type { z } from "zod";

const GIVE_AMOUNT = 'give coins above 0 with at most 8 decimal places as a text, such as "1.5"';
const GIVE_ID =
  "give a text of 1 to 128 characters without control characters and without white space at its ends";

/** What to give for each field of a request or an order. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["amount", GIVE_AMOUNT],
  ["withdrawal_id", GIVE_ID],
  ["wallet_id", GIVE_ID],
  ["account_id", GIVE_ID],
  ["address", GIVE_ID],
  ["operator", GIVE_ID],
  ["id", `${GIVE_ID}; of the global scope "global"`],
  ["destinations", "give a list of at most 1,000 { address, amount }"],
  ["txid", "give 64 hexadecimal digits in lower case"],
  ["scope", "give account, wallet or global; unfreeze also takes cause"],
  [
    "reason",
    "give a text of 1 to 512 characters without control characters and without white space at its ends",
  ],
]);

/**
 * Explains the first issue of a failed parse.
 *
 * @param path JSON Pointer of the offence
 * @param given the value that was parsed
 * @example explainIssue(error, "/amount", { amount: "0" }) // "/amount: zero; give coins above 0 …"
 */
export function explainIssue(error: z.ZodError, path: string, given: unknown): string {
  const issue = error.issues[0];
  const key = issue?.path.findLast((part) => typeof part === "string") ?? "";
  if (issue?.code === "unrecognized_keys") return `${path}: no such field; remove it`;
  if (issue?.code === "custom" && issue.message === BELOW_DESTINATIONS) {
    return `${path}: ${BELOW_DESTINATIONS}; give their sum and the network fee`;
  }
  const value = issue === undefined ? given : valueAt(given, issue.path);
  const kind = key === "amount" ? kindOfAmount(value) : kindOf(value);
  const remedy = REMEDIES.get(key) ?? "give a plain object";
  return `${path === "" ? "the whole" : path}: ${kind}; ${remedy}`;
}

/** Message of the rule that an amount covers its destinations. */
export const BELOW_DESTINATIONS = "less than its destinations together";

/** Explains that a field is missing. */
export const explainMissing = (key: string): string =>
  `/${key}: missing; ${REMEDIES.get(key) ?? "give a value"}`;

/** The value at a path of own members; undefined where there is none. */
function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<PropertyKey, unknown>>)[key]
        : undefined,
    given,
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== "string") return `of type ${typeof value}`;
  if (value === "") return "an empty text";
  if (value !== value.trim()) return "a text with white space at its ends";
  return `a text of ${value.length} characters that the rule refuses`;
}

/** What is wrong with an amount, most telling first. */
function kindOfAmount(value: unknown): string {
  if (typeof value === "number") return kindOfNumber(value);
  if (typeof value !== "string" || value === "") return kindOf(value);
  if (isAmount(value) && parseAmount(value) === 0n) return "zero";
  if (/^-\d/.test(value)) return "below zero";
  if (/^\+/.test(value)) return "a text with a sign";
  if (/\s/.test(value)) return "a text with white space";
  if (/,/.test(value)) return "a text with a comma";
  if (/^\d+(\.\d+)?e/i.test(value)) return "in exponent notation";
  if (/^0\d/.test(value)) return "a text with a leading zero";
  if (/^\d+\.\d{9,}$/.test(value)) return "with more than 8 decimal places";
  if (/^\d+(\.\d+)?$/.test(value)) return `above ${LARGEST}`;
  return "no decimal number";
}

function kindOfNumber(value: number): string {
  if (value === 0) return "zero";
  if (value < 0) return "below zero";
  return value < LARGEST_NUMBER
    ? "a number with more than 8 decimal places"
    : "a number too large to be exact";
}

/** From here on a double may stand for more than one amount. */
const LARGEST_NUMBER = 2 ** 26;

const LARGEST = formatAmount(LIMITS.max_amount_units);
