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
  fieldTable,
  firstOffence,
  type Kind,
  listOf,
  objectOf,
  optional,
  orNull,
  readFields,
  required,
  where,
} from "../internal/field-table.js";
import { isTime } from "../internal/time.js";
import { type Approval, APPROVAL_METHODS, isApprover } from "./risk-context.js";
import { blankFields, type Fields } from "./validated-context.js";

const oneOf = (words: readonly string[]): Kind => where((value) => words.includes(value as string));
const matching = (pattern: RegExp): Kind =>
  where((value) => typeof value === "string" && pattern.test(value));
const numberUpTo = (most: number): Kind =>
  where((value) => typeof value === "number" && value >= 0 && value <= most);

const level = oneOf(RISK_LEVELS);
const coins = where((value) => unitsOrNone(value) >= 0);
const positiveCoins = where((value) => unitsOrNone(value) > 0);
const flag = where((value) => typeof value === "boolean");
const count = where((value) => Number.isSafeInteger(value) && (value as number) >= 0);
const time = where(isTime);
const hash = matching(PATTERNS.hash256);
const idOrNull = orNull(matching(PATTERNS.id));

const APPROVAL = fieldTable<Approval>(
  {
    approver: required(where(isApprover)),
    method: required(oneOf(APPROVAL_METHODS)),
    approved_at_ms: required(time),
    binds: required(hash),
  },
  () => ({ approver: "", method: "confirmation", approved_at_ms: 0, binds: "" }),
);

const CONTEXT = fieldTable<Fields>(
  {
    sentinel_level: required(level),
    dqs_network_score: required(numberUpTo(1)),
    adn_level: required(level),
    wallet_balance: required(coins),
    tx_amount: required(positiveCoins),
    behaviour_score: required(numberUpTo(Number.MAX_SAFE_INTEGER)),
    trusted_device: required(flag),
    address_age_days: optional(orNull(count)),
    device_id: optional(idOrNull),
    tx_id: optional(idOrNull),
    wallet_fingerprint: optional(idOrNull),
    user_id: optional(idOrNull),
    created_at: optional(time),
    dqs_advisory: optional(oneOf(ADVISORY_LEVELS)),
    guardian_decision: optional(oneOf(GUARDIAN_DECISIONS)),
    guardian_reason_codes: optional(listOf(matching(PATTERNS.word), LIMITS.maxSignals)),
    approvals: optional(listOf(objectOf(APPROVAL), LIMITS.maxSignals)),
    binds: optional(hash),
  },
  blankFields,
);

/** Copies the fields of a context that is accepted; undefined for anything else. Never throws, and runs no accessor. */
export function readContextFields(input: unknown): Fields | undefined {
  try {
    const fields = readFields(CONTEXT, input);
    return fields === undefined || lacksGuardianDecision(fields) ? undefined : fields;
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
  const path = firstOffence(CONTEXT, plain);
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
