/** The parts of contexts that are plainly right: objects, lists, identifiers, hashes, approvals. */
import { idSchema, LIMITS } from "@dgb-shield/contract";
import { APPROVAL_METHODS } from "../evaluate/approval-methods.js";
import type { Approval } from "../evaluate/risk-context.js";
import { isApprover } from "../internal/approver.js";
import { isTime } from "../internal/time.js";
import { isVisibleAscii } from "../internal/visible-ascii.js";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } =
  Object;

const HASH = /^[0-9a-f]{64}$/;
const WORD = /^[a-z][a-z0-9_]{0,63}$/;
const APPROVAL_FIELDS = 4;

/** The names of the properties of a plain object; undefined for another value, or for more names than that. */
export function plainNames(value: object, most: number): readonly string[] | undefined {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const names = getOwnPropertyNames(value);
  if (names.length > most || getOwnPropertySymbols(value).length > 0) return undefined;
  return names;
}

/** The value of an own property that is enumerable and no accessor; undefined where there is none. */
export function ownData(holder: object, name: string | number): unknown {
  const property = getOwnPropertyDescriptor(holder, name);
  // An accessor's descriptor owns `get`; that it lacks `value` cannot be seen where a prototype has one.
  return property?.enumerable === true && !("get" in property) ? property.value : undefined;
}

/** A number of days. */
export const isCount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** SHA-256 in hexadecimal digits. */
export const isHash = (value: unknown): boolean => typeof value === "string" && HASH.test(value);

/** An identifier, or the statement that there is none. */
export const isIdOrNull = (value: unknown): boolean => value === null || isId(value);

/** Words of a layer's vocabulary, copied. */
export const wordsOf = (value: unknown): string[] | undefined => listOf(value, wordOf);

/** Approvals, copied. */
export const approvalsOf = (value: unknown): Approval[] | undefined => listOf(value, approvalOf);

function listOf<T>(value: unknown, itemOf: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || getPrototypeOf(value) !== Array.prototype) return undefined;
  const { length } = value;
  // A dense list owns its items and its length, and nothing else.
  if (length > LIMITS.maxSignals || Reflect.ownKeys(value).length !== length + 1) return undefined;
  const list: T[] = [];
  for (let at = 0; at < length; at++) {
    const item = itemOf(ownData(value, at));
    if (item === undefined) return undefined;
    list.push(item);
  }
  return list;
}

const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && WORD.test(value) ? value : undefined;

function approvalOf(value: unknown): Approval | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (plainNames(value, APPROVAL_FIELDS)?.length !== APPROVAL_FIELDS) return undefined;
  const approval = {
    approver: ownData(value, "approver"),
    method: ownData(value, "method"),
    approved_at_ms: ownData(value, "approved_at_ms"),
    binds: ownData(value, "binds"),
  } as Approval;
  const { approver, method, approved_at_ms, binds } = approval;
  const isSound =
    isApprover(approver) &&
    APPROVAL_METHODS.includes(method) &&
    isTime(approved_at_ms) &&
    isHash(binds);
  return isSound ? approval : undefined;
}

/** Identifiers of visible ASCII characters are seen at once; others are left to `idSchema`. */
function isId(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0) return false;
  const isShort = value.length <= LIMITS.maxIdLength;
  return (isShort && isVisibleAscii(value)) || idSchema.safeParse(value).success;
}
