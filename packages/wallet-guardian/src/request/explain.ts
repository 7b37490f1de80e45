/** Explains rejections of malformed input: the field, the rule, the kind of value, and what to do; never the value itself. */
import { formatAmount, isAmount, LIMITS, parseAmount } from "@dgb-shield/contract";
import type { z } from "zod";

const GIVE_AMOUNT = 'give coins above 0 with at most 8 decimal places as a text, such as "1.5"';
const GIVE_ID =
  "give a text of 1 to 128 characters without control characters and without white space at its ends";

/** Texts of what to give, for each field of a request or an order. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["amount", GIVE_AMOUNT],
  ["max_fee", 'give coins from 0 on with at most 8 decimal places as a text, such as "0.01"'],
  ["withdrawal_id", GIVE_ID],
  ["payment_id", GIVE_ID],
  ["payouts", "give a list of 1 to 1,000 { withdrawal_id, amount, … }"],
  ["signer_id", GIVE_ID],
  ["inputs", 'give a list of 1 to 2,000 texts "txid:vout"'],
  ["transaction", "give { inputs }, or nothing"],
  ["not_executed", "give true, or nothing"],
  ["fee", 'give coins from 0 on with at most 8 decimal places as a text, such as "0.01"'],
  ["approve", "give true, or nothing"],
  ["limit", "give a whole number from 1 to 1,000, or nothing"],
  ["after", "give the `next` of the page before, or nothing"],
  ["status", "give reserved, lapsed, claimed or unsettled, or nothing"],
  ["wallet_id", GIVE_ID],
  ["account_id", GIVE_ID],
  ["address", GIVE_ID],
  ["operator", GIVE_ID],
  ["id", `${GIVE_ID}; of the global scope "global"`],
  ["destinations", "give a list of at most 1,000 { address, amount }"],
  ["txid", "give 64 hexadecimal digits in lower case"],
  ["paid_at_ms", "give milliseconds since 1970, from 2009 on"],
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
  const rule = issue?.code === "custom" ? RULES.get(issue.message) : undefined;
  if (rule !== undefined) return `${path}: ${rule}`;
  const value = issue === undefined ? given : valueAt(given, issue.path);
  const kind = AMOUNTS.has(key) ? kindOfAmount(value) : kindOf(value);
  const remedy = REMEDIES.get(key) ?? "give a plain object";
  return `${path === "" ? "the whole" : path}: ${kind}; ${remedy}`;
}

/** Fields that hold an amount. */
const AMOUNTS: ReadonlySet<string> = new Set(["amount", "max_fee", "fee"]);

/** Messages of rules over several fields. */
export const BELOW_DESTINATIONS = "less than its destinations and max_fee together";
export const NOT_DISTINCT = "an id that is given twice";
export const RESERVED_ID = "an id that the guardian gives itself";
export const TOO_MUCH = "together above the largest amount";

const RULES: ReadonlyMap<string, string> = new Map([
  [BELOW_DESTINATIONS, `${BELOW_DESTINATIONS}; give their sum`],
  [NOT_DISTINCT, `${NOT_DISTINCT}; give each payout an id of its own, other than the payment's`],
  [TOO_MUCH, `${TOO_MUCH}; give several payments`],
  [RESERVED_ID, `${RESERVED_ID}; give another one`],
]);

/** Explains that a field is missing. */
export const explainMissing = (key: string, place = ""): string =>
  `${place}/${key}: missing, and the policy requires it; ${REMEDIES.get(key) ?? "give a value"}`;

/** Explains that destinations and fee do not add up to the amount, which the policy requires. */
export const explainInexact = (place: string): string =>
  `${place}/amount: not its destinations and max_fee together, which the policy requires; give their sum`;

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

/** Describes what is wrong with an amount, the most specific first. */
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

const LARGEST = formatAmount(LIMITS.maxAmountUnits);

/** Longest explanation. */
const MAX_DETAIL_LENGTH = 512;

/** Cuts an explanation to what an answer may carry. */
export const boundedDetail = (detail: string): string =>
  detail.slice(0, MAX_DETAIL_LENGTH).toWellFormed();

/** Longest id that an answer repeats. */
const MAX_ID_LENGTH = 128;

/** Gives an id as an answer may carry it; empty for anything but a text of at most 128 characters. */
export const boundedId = (id: unknown): string =>
  typeof id === "string" && id.length <= MAX_ID_LENGTH ? id.toWellFormed() : "";
