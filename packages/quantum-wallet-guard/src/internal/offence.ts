/** Describes what is wrong with a value: field, kind of value, what to do; never the value itself. */
import {
  APPROVAL_EXPECTATIONS,
  CONTEXT_EXPECTATIONS,
  POLICY_EXPECTATIONS,
  WHOLE,
} from "./expectations.js";
import { otherUnitOf } from "./time.js";

/** Stands for a value that was not read, because it is no plain data. */
export const UNREAD = Symbol("unread");

const TABLES = { context: CONTEXT_EXPECTATIONS, policy: POLICY_EXPECTATIONS } as const;
const APPROVAL = /^approvals\/\d{1,2}\/([a-z_]+)$/;
const UNKNOWN_FIELD = "it has an unknown field, which path names. Remove it.";

/**
 * Describes what is wrong with a context or a policy, and what to do.
 *
 * @param part which of the two
 * @param path JSON Pointer of the first offence
 * @param whole the plain copy that was read, or `UNREAD`
 */
export function offenceOf(part: "context" | "policy", path: string, whole: unknown): string {
  if (path === "") return `it is ${kindOf(whole)}. ${WHOLE[part]}`;
  const place = path.slice(1);
  const [field = ""] = place.split("/");
  const member = part === "context" ? (APPROVAL.exec(place)?.[1] ?? "") : "";
  const ofMember = expectation(APPROVAL_EXPECTATIONS, member);
  if (ofMember !== undefined) return sentence(place, valueAt(whole, place), ofMember);
  const ofField = expectation(TABLES[part], field);
  return ofField === undefined ? UNKNOWN_FIELD : sentence(field, valueAt(whole, field), ofField);
}

/** Names the kind of a value. */
export function kindOf(value: unknown): string {
  if (value === UNREAD) return "not plain data";
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text that is not accepted";
    case "number":
      return "a number that is not accepted";
    case "boolean":
      return "true or false";
    default:
      return "an object";
  }
}

function sentence(name: string, value: unknown, expected: string): string {
  const isTime = name === "created_at" || name.endsWith("/approved_at_ms");
  const unit = isTime ? otherUnitOf(value) : undefined;
  return `${name} is ${kindOf(value)}${unit === undefined ? "" : ` (${unit})`}. ${expected}`;
}

const expectation = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function valueAt(whole: unknown, place: string): unknown {
  if (whole === UNREAD) return UNREAD;
  return place.split("/").reduce<unknown>((value, key) => {
    const isHolder = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    return isHolder ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }, whole);
}
