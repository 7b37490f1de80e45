/** Approvals: what they bind to, and how many of them count (design, section 8). */
import {
  boundedPointer,
  canonicalHash,
  copyUntrusted,
  formatAmount,
  isAmount,
  parseAmount,
  PATTERNS,
  type PlainBounds,
  pointer,
} from "@dgb-shield/contract";
import { QwgError } from "../errors.js";
import { bare } from "../internal/bare.js";
import { COINS, IDENTIFIER } from "../internal/expectations.js";
import { kindOf, UNREAD } from "../internal/offence.js";
import { isPresentMs } from "../internal/time.js";
import {
  type Approval,
  APPROVAL_METHODS,
  type ApprovalMethod,
  type RiskContext,
} from "./risk-context.js";

/** More destinations than a transaction has room for. */
const BINDING_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 3, maxEntries: 16_384 });

/** Methods that are enough for a large amount. */
export const STRONG_METHODS: readonly ApprovalMethod[] = Object.freeze([
  "second_factor",
  "operator",
] as const);

/** The withdrawal that an approval is given for. */
export type ApprovalBinding = Readonly<{
  withdrawal_id: string;
  /** Coins that leave. */
  amount: string | number;
  /** In the order of the transaction; absent is the same as none. */
  destinations?: readonly Readonly<{ address: string; amount: string | number }>[] | undefined;
}>;

/**
 * Computes the hash that an approval's `binds` and the context's `binds` must equal: the canonical hash of
 * withdrawal id, amount and destinations, with amounts in their shortest form. An approval of
 * another amount or another destination is an approval of something else.
 *
 * @param bound the withdrawal: an id of 1 to 128 characters, amounts in coins, at most 16,384 destinations
 * @returns 64 lower-case hexadecimal digits
 * @throws QwgError `invalid_binding` with the path of the field that is malformed
 */
export function approvalBinding(bound: ApprovalBinding): string {
  const plain = copyUntrusted(withoutUndefined(bound), BINDING_BOUNDS);
  if (!plain.ok)
    return reject(plain.path, UNREAD, "Give plain data, and at most 16384 destinations.");
  const { withdrawal_id, amount, destinations } = membersOf(plain.value, "");
  const content = {
    withdrawal_id: idText(withdrawal_id, "/withdrawal_id"),
    amount: amountText(amount, "/amount"),
    destinations: destinationsOf(destinations),
  };
  return hashOf(content);
}

/** Approvals that a rule needs: so many distinct people, each by one of the methods. */
export type ApprovalsNeeded = Readonly<{ people: number; methods: readonly ApprovalMethod[] }>;

/** One approval of any method. */
export const ANY_APPROVAL: ApprovalsNeeded = Object.freeze({
  people: 1,
  methods: APPROVAL_METHODS,
});

/**
 * Selects the approvals that count, one for each person: given by one of the methods for exactly this
 * transaction, not after the context was made and, where the policy limits it, not too long before.
 * Without the context's own `binds` none counts. Names that differ only in case are one person.
 */
export function standingApprovals(
  context: Pick<RiskContext, "approvals" | "binds" | "created_at">,
  methods: readonly ApprovalMethod[],
  valid_seconds: number,
): Approval[] {
  const { approvals, binds } = context;
  if (approvals === undefined || binds === undefined) return [];
  const people: string[] = [];
  const standing: Approval[] = [];
  for (const approval of approvals) {
    const isBound = approval.binds === binds && methods.includes(approval.method);
    if (!isBound || !isCurrent(approval, context.created_at, valid_seconds)) continue;
    const person = approval.approver.toLowerCase();
    if (people.includes(person)) continue;
    people.push(person);
    standing.push(approval);
  }
  return standing;
}

/** Compares an approval's time with the context's; where the policy sets an end, both must lie between 2009 and 2100. */
function isCurrent(approval: Approval, now: number | undefined, valid_seconds: number): boolean {
  if (now === undefined) return valid_seconds === 0;
  const age = now - approval.approved_at_ms;
  if (valid_seconds === 0) return age >= 0;
  const isKnown = isPresentMs(now) && isPresentMs(approval.approved_at_ms);
  return isKnown && age >= 0 && age < valid_seconds * 1_000;
}

type Members = Readonly<Record<string, unknown>>;

/** Drops a member `destinations` that is undefined, which plain data does not have; runs no accessor. */
function withoutUndefined(bound: unknown): unknown {
  try {
    if (typeof bound !== "object" || bound === null) return bound;
    const { destinations, ...others } = bare(descriptorsOf(bound));
    const isAbsent = destinations !== undefined && !("get" in destinations);
    if (!isAbsent || destinations.value !== undefined) return bound;
    const prototype = Object.getPrototypeOf(bound) as object | null;
    return Object.create(prototype, others) as unknown;
  } catch {
    return bound;
  }
}

const descriptorsOf = (value: object): Record<string, PropertyDescriptor> =>
  Object.getOwnPropertyDescriptors(value);

function membersOf(value: unknown, path: string): Members {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Members) : reject(path, value, "Give an object.");
}

function destinationsOf(value: unknown): readonly Members[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    return reject(
      "/destinations",
      value,
      "Give a list of addresses with amounts, or leave it out.",
    );
  }
  return value.map((destination: unknown, index) => {
    const path = pointer(["destinations", index]);
    const { address, amount } = membersOf(destination, path);
    return {
      address: idText(address, `${path}/address`),
      amount: amountText(amount, `${path}/amount`),
    };
  });
}

const idText = (id: unknown, path: string): string =>
  typeof id === "string" && PATTERNS.id.test(id) ? id : reject(path, id, IDENTIFIER);

const amountText = (amount: unknown, path: string): string =>
  isAmount(amount) ? formatAmount(parseAmount(amount)) : reject(path, amount, COINS);

function hashOf(content: object): string {
  try {
    return canonicalHash(content);
  } catch {
    return reject("/destinations", UNREAD, "Give fewer destinations, or shorter addresses.");
  }
}

function reject(path: string, value: unknown, expected: string): never {
  throw new QwgError(
    "invalid_binding",
    boundedPointer(path),
    `it is ${kindOf(value)}. ${expected}`,
  );
}
