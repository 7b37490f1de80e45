/**
 * The fields of a risk context: the one statement by which contexts are accepted and their first offence is
 * named (design, section 8). A differential test holds it against `riskContextSchema`.
 */
import {
  ADVISORY_LEVELS,
  GUARDIAN_DECISIONS,
  isAmount,
  LIMITS,
  parseAmount,
  PATTERNS,
  RISK_LEVELS,
} from "@dgb-shield/contract";
import { fastUnitsOf, type Units } from "../fast/units.js";
import {
  type FieldTable,
  firstOffence,
  listOf,
  namesOf,
  objectOf,
  optional,
  orNull,
  readFields,
  required,
  single,
} from "../internal/field-table.js";
import { isTime } from "../internal/time.js";
import { type Approval, APPROVAL_METHODS, isApprover } from "./risk-context.js";
import type { Fields, ValidatedContext } from "./validated-context.js";

/** Amounts in base units; −1 until they are read. */
type Amounts = { balance: Units; amount: Units };

const oneOf = <T extends string>(words: readonly T[]) =>
  single((value) => (words.includes(value as T) ? (value as T) : undefined));
const matching = (pattern: RegExp) =>
  single((value) => (typeof value === "string" && pattern.test(value) ? value : undefined));
const numberUpTo = (most: number) =>
  single((value) => (typeof value === "number" && value >= 0 && value <= most ? value : undefined));

const level = oneOf(RISK_LEVELS);
const score = numberUpTo(1);
const balance = single((value, notes: Amounts) => {
  notes.balance = unitsOrNone(value);
  return notes.balance >= 0 ? (value as string | number) : undefined;
});
const amount = single((value, notes: Amounts) => {
  notes.amount = unitsOrNone(value);
  return notes.amount > 0 ? (value as string | number) : undefined;
});
const behaviour = numberUpTo(Number.MAX_SAFE_INTEGER);
const flag = single((value) => (typeof value === "boolean" ? value : undefined));
const countOrNull = single((value) =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= 0)
    ? (value as number | null)
    : undefined,
);
const idOrNull = orNull(matching(PATTERNS.id));
const time = single((value) => (isTime(value) ? value : undefined));
const advisory = oneOf(ADVISORY_LEVELS);
const guardianDecision = oneOf(GUARDIAN_DECISIONS);
const words = listOf(matching(PATTERNS.word), LIMITS.maxSignals);
const approver = single((value) => (isApprover(value) ? value : undefined));
const method = oneOf(APPROVAL_METHODS);
const hash = matching(PATTERNS.hash256);

const APPROVAL: FieldTable<Approval> = (from) => ({
  approver: required(from, "approver", approver),
  method: required(from, "method", method),
  approved_at_ms: required(from, "approved_at_ms", time),
  binds: required(from, "binds", hash),
});

const approvals = listOf(objectOf(APPROVAL), LIMITS.maxSignals);

const CONTEXT: FieldTable<Fields, Amounts> = (from) => ({
  sentinel_level: required(from, "sentinel_level", level),
  dqs_network_score: required(from, "dqs_network_score", score),
  adn_level: required(from, "adn_level", level),
  wallet_balance: required(from, "wallet_balance", balance),
  tx_amount: required(from, "tx_amount", amount),
  behaviour_score: required(from, "behaviour_score", behaviour),
  trusted_device: required(from, "trusted_device", flag),
  address_age_days: optional(from, "address_age_days", countOrNull),
  device_id: optional(from, "device_id", idOrNull),
  tx_id: optional(from, "tx_id", idOrNull),
  wallet_fingerprint: optional(from, "wallet_fingerprint", idOrNull),
  user_id: optional(from, "user_id", idOrNull),
  created_at: optional(from, "created_at", time),
  dqs_advisory: optional(from, "dqs_advisory", advisory),
  guardian_decision: optional(from, "guardian_decision", guardianDecision),
  guardian_reason_codes: optional(from, "guardian_reason_codes", words),
  approvals: optional(from, "approvals", approvals),
  binds: optional(from, "binds", hash),
});

const noAmounts = (): Amounts => ({ balance: -1, amount: -1 });

/** Names of all fields, in the order of their table. */
export const FIELD_NAMES = namesOf(CONTEXT, noAmounts());

/** Reads a context that is accepted; undefined for anything else. Never throws, and runs no accessor. */
export function readContextFields(input: unknown): ValidatedContext | undefined {
  try {
    const notes = noAmounts();
    const fields = readFields(CONTEXT, input, notes);
    if (fields === undefined || lacksGuardianDecision(fields)) return undefined;
    return { fields, amount: notes.amount, balance: notes.balance };
  } catch {
    return undefined;
  }
}

/**
 * Names the first offence in a plain context.
 *
 * @param plain of `copyUntrusted`
 * @returns its JSON Pointer; undefined where the context is accepted
 */
export function contextOffence(plain: unknown): string | undefined {
  const path = firstOffence(CONTEXT, plain, noAmounts());
  if (path !== undefined) return path;
  return lacksGuardianDecision(plain as Fields) ? "/guardian_decision" : undefined;
}

/** Guardian's reason codes without its decision: its answer was lost. */
const lacksGuardianDecision = (fields: Fields): boolean =>
  fields.guardian_reason_codes !== undefined && fields.guardian_decision === undefined;

/** Base units; −1 for what is not an amount. */
function unitsOrNone(value: unknown): Units {
  const units = fastUnitsOf(value);
  if (units >= 0) return units;
  return isAmount(value) ? parseAmount(value) : -1;
}
