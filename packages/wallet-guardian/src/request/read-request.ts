/** Reads a request: a withdrawal or a payment, and the risk, without coercing or trimming anything (Wallet Guardian v2, section 4.1). */
import {
  canonicalize,
  ContractError,
  GUARDIAN_RISKS,
  type GuardianRisk,
  idSchema,
  firstErrorPath,
  withoutPrototypes,
  boundedPointer,
} from "@dgb-shield/contract";
import { z } from "zod";
import { explainInexact, explainIssue, explainMissing, boundedDetail } from "./explain.js";
import { has } from "../internal/own.js";
import { safeParse } from "../internal/parse.js";
import type { Requirements } from "../policy/compile.js";
import {
  isBatch,
  leaving,
  type Payment,
  paymentOf,
  paymentSchema,
  withdrawalSchema,
} from "./withdrawal.js";

/**
 * The risk of a request: a level, or a level and since when it has been LOW without a break. Only the latter
 * ends freezes.
 */
export type RiskInput = GuardianRisk | Readonly<{ level: GuardianRisk; low_since_ms?: number }>;

/** A risk that was read. */
export type Risk = Readonly<{ level: GuardianRisk; low_since_ms: number | null }>;

/** A request that can be decided. */
export type Request = Readonly<{ payment: Payment; risk: Risk }>;

/** A request that cannot be decided, with the ids that could be read. */
export type Malformed = Readonly<{
  codes: readonly ("invalid_withdrawal" | "invalid_risk")[];
  path: string;
  /** The rule, the kind of value, and what to do. */
  detail: string;
  withdrawal_id: string;
  wallet_id: string;
  risk: GuardianRisk | null;
}>;

/**
 * Reads a request.
 *
 * @returns the request, or what is wrong with it; never throws
 */
export function readRequest(
  payment: unknown,
  risk: unknown,
  requires: Requirements,
): Request | Malformed {
  const read = readPayment(payment, requires);
  const known = readRisk(risk);
  if (has(read, "checked") && known !== null) return { payment: read.checked, risk: known };
  const faulty = has(read, "path");
  return {
    codes: [
      ...(faulty ? (["invalid_withdrawal"] as const) : []),
      ...(known === null ? (["invalid_risk"] as const) : []),
    ],
    path: faulty ? read.path : "/risk",
    detail: [...(faulty ? [read.detail] : []), ...(known === null ? [WRONG_RISK] : [])].join("; "),
    ...knownIds(read.given),
    risk: known?.level ?? null,
  };
}

/** A plain copy of what was given, and what was read from it or the first offending field. */
export type Reading = Readonly<
  { given: unknown; checked: Payment } | { given: unknown; path: string; detail: string }
>;

/** Where a request is wrong, and how. */
type Offence = Readonly<{ path: string; detail: string }>;

const WRONG_RISK = `/risk: none of the known levels; give ${GUARDIAN_RISKS.join(", ")}, or { level, low_since_ms }`;

const riskSchema = z.strictObject({
  level: z.enum(GUARDIAN_RISKS),
  low_since_ms: z.int().min(0).optional(),
});

/** Reads a risk; null where it is none. */
export function readRisk(risk: unknown): Risk | null {
  if ((GUARDIAN_RISKS as readonly unknown[]).includes(risk)) {
    return { level: risk as GuardianRisk, low_since_ms: null };
  }
  if (typeof risk !== "object" || risk === null) return null;
  const plain = plainCopy(risk);
  if (has(plain, "path")) return null;
  const read = safeParse(riskSchema, plain.value);
  if (!read.success) return null;
  const { level, low_since_ms } = withoutPrototypes(read.data);
  return { level, low_since_ms: low_since_ms ?? null };
}

/**
 * Reads a withdrawal or a payment.
 *
 * @returns what was read, or the path of the first offending field; never throws
 */
export function readPayment(request: unknown, requires: Requirements): Reading {
  const plain = plainCopy(request);
  if (has(plain, "path")) return { given: undefined, ...bounded(plain) };
  const read = readSafely(plain.value, requires);
  return has(read, "path")
    ? { given: plain.value, ...bounded(read) }
    : { given: plain.value, checked: read };
}

/** Reads a plain value; an exception of the schema library is a rejection. */
function readSafely(value: unknown, requires: Requirements): Payment | Offence {
  try {
    return parsePayment(value, requires);
  } catch {
    return { path: "", detail: "the whole: cannot be read; give a plain object" };
  }
}

const bounded = ({ path, detail }: Offence): Offence => ({
  path: boundedPointer(path),
  detail: boundedDetail(detail),
});

/** A copy free of accessors and proxies, so that what is checked is what is decided upon. */
function plainCopy(value: unknown): Readonly<{ value: unknown }> | Offence {
  try {
    return { value: withoutPrototypes(JSON.parse(canonicalize(value)) as unknown) };
  } catch (error) {
    if (!(error instanceof ContractError)) {
      return { path: "", detail: "the whole: cannot be read; give a plain object" };
    }
    const detail = `${error.path === "" ? "the whole" : error.path}: ${error.code}; give plain JSON values of their own`;
    return { path: error.path, detail };
  }
}

function parsePayment(value: unknown, requires: Requirements): Payment | Offence {
  const isPayment = typeof value === "object" && value !== null && Object.hasOwn(value, "payouts");
  const parsed = safeParse(isPayment ? paymentSchema : withdrawalSchema, value);
  if (!parsed.success) {
    const path = firstErrorPath(parsed.error);
    return { path, detail: explainIssue(parsed.error, path, value) };
  }
  const payment = paymentOf(withoutPrototypes(parsed.data));
  return missingIn(payment, requires, value) ?? payment;
}

/** Finds the first field that the policy requires and a payout lacks. */
function missingIn(payment: Payment, requires: Requirements, value: unknown): Offence | null {
  const isInList = Object.hasOwn(value as object, "payouts");
  for (const [index, payout] of payment.payouts.entries()) {
    const place = isInList ? `/payouts/${index}` : "";
    const given = (isInList ? payoutsOf(value)[index] : value) as object;
    const missing = (key: string): Offence => ({
      path: `${place}/${key}`,
      detail: explainMissing(key, place),
    });
    if (requires.account && payout.account_id === null) return missing("account_id");
    if (!requires.destinations) continue;
    if (!Object.hasOwn(given, "destinations")) return missing("destinations");
    if (requires.max_fee && payout.max_fee === null) return missing("max_fee");
    if (leaving({ ...payout, max_fee: payout.max_fee ?? 0n }) !== payout.amount) {
      return { path: `${place}/amount`, detail: explainInexact(place) };
    }
  }
  return null;
}

const payoutsOf = (value: unknown): readonly unknown[] =>
  (value as Readonly<{ payouts: readonly unknown[] }>).payouts;

function knownIds(value: unknown): { withdrawal_id: string; wallet_id: string } {
  const fields = (typeof value === "object" ? value : null) as Record<string, unknown> | null;
  const known = (key: string): string => {
    try {
      const own = fields !== null && Object.hasOwn(fields, key) ? fields[key] : undefined;
      const parsed = safeParse(idSchema, own);
      return parsed.success ? parsed.data : "";
    } catch {
      return "";
    }
  };
  const withdrawal_id = known("withdrawal_id");
  return {
    withdrawal_id: withdrawal_id === "" ? known("payment_id") : withdrawal_id,
    wallet_id: known("wallet_id"),
  };
}

/** The ids of a payment, its own first. */
export const idsOf = (payment: Payment): readonly string[] =>
  isBatch(payment)
    ? [payment.payment_id, ...payment.payouts.map(({ withdrawal_id }) => withdrawal_id)]
    : [payment.payment_id];
