/**
 * A quick reading of contexts that are plainly right. It accepts what `riskContextSchema` accepts
 * of a plain copy and nothing else (a differential test holds it to that), and is silent about the
 * rest: the schema then refuses it and names the offence.
 */
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  GUARDIAN_DECISIONS,
  type GuardianDecisionName,
  hash256Schema,
  idSchema,
  isAmount,
  LIMITS,
  parseAmount,
  type RiskLevel,
} from "@dgb-shield/contract";
import { approvalsSchema, guardianReasonCodesSchema, type RiskContext } from "../risk-context.js";
import { KnownContext } from "./known-context.js";
import { readPlain } from "./plain.js";
import { quickUnitsOf, type Units } from "./units.js";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } =
  Object;

const FIRST_VISIBLE = 0x21;
const LAST_ASCII = 0x7e;
const REQUIRED_FIELDS = 7;

type Fields = { -readonly [Field in keyof RiskContext]?: RiskContext[Field] };
type Draft = { readonly fields: Fields; required: number; amount: Units; balance: Units };

/** A context that is plainly right, copied; undefined for anything else. Never throws, and runs no accessor. */
export function readQuickly(input: unknown): KnownContext | undefined {
  try {
    return typeof input === "object" && input !== null ? readObject(input) : undefined;
  } catch {
    return undefined;
  }
}

function readObject(input: object): KnownContext | undefined {
  const prototype: unknown = getPrototypeOf(input);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const names = getOwnPropertyNames(input);
  if (getOwnPropertySymbols(input).length > 0) return undefined;
  const draft: Draft = { fields: blankFields(), required: 0, amount: 0, balance: 0 };
  for (const name of names) {
    const property = getOwnPropertyDescriptor(input, name);
    if (property?.enumerable !== true || !("value" in property)) return undefined;
    if (!readField(draft, name, property.value)) return undefined;
  }
  const { fields, required, amount, balance } = draft;
  const isAnswerLost =
    fields.guardian_reason_codes !== undefined && fields.guardian_decision === undefined;
  if (required !== REQUIRED_FIELDS || isAnswerLost) return undefined;
  return new KnownContext(fields as RiskContext, amount, balance);
}

/** Room for the fields that every context has: objects that grow are slow. */
const blankFields = (): Fields => ({
  sentinel_level: "critical",
  dqs_network_score: 1,
  adn_level: "critical",
  wallet_balance: "",
  tx_amount: "",
  behaviour_score: Infinity,
  trusted_device: false,
});

/** Takes one field over; false where its value is not plainly right. */
function readField(draft: Draft, name: string, value: unknown): boolean {
  const { fields } = draft;
  switch (name) {
    case "sentinel_level":
      draft.required++;
      return isLevel((fields.sentinel_level = value as RiskLevel));
    case "adn_level":
      draft.required++;
      return isLevel((fields.adn_level = value as RiskLevel));
    case "dqs_network_score":
      draft.required++;
      return isNumberUpTo((fields.dqs_network_score = value as number), 1);
    case "behaviour_score":
      draft.required++;
      return isNumberUpTo((fields.behaviour_score = value as number), Number.MAX_SAFE_INTEGER);
    case "trusted_device":
      draft.required++;
      return typeof (fields.trusted_device = value as boolean) === "boolean";
    case "wallet_balance":
      draft.required++;
      return (draft.balance = unitsOf((fields.wallet_balance = value as string))) >= 0;
    case "tx_amount":
      draft.required++;
      return (draft.amount = unitsOf((fields.tx_amount = value as string))) > 0;
    default:
      return readOptional(fields, name, value);
  }
}

function readOptional(fields: Fields, name: string, value: unknown): boolean {
  switch (name) {
    case "address_age_days":
      fields.address_age_days = value as number;
      return value === null || isCount(value);
    case "device_id":
      return isIdOrNull((fields.device_id = value as string));
    case "tx_id":
      return isIdOrNull((fields.tx_id = value as string));
    case "wallet_fingerprint":
      return isIdOrNull((fields.wallet_fingerprint = value as string));
    case "user_id":
      return isIdOrNull((fields.user_id = value as string));
    case "created_at":
      return isCount((fields.created_at = value as number));
    case "dqs_advisory":
      return ADVISORY_LEVELS.includes((fields.dqs_advisory = value as AdvisoryLevel));
    case "guardian_decision":
      return GUARDIAN_DECISIONS.includes(
        (fields.guardian_decision = value as GuardianDecisionName),
      );
    default:
      return readAboutApprovals(fields, name, value);
  }
}

function readAboutApprovals(fields: Fields, name: string, value: unknown): boolean {
  switch (name) {
    case "binds":
      fields.binds = value as string;
      return hash256Schema.safeParse(value).success;
    case "approvals": {
      const read = readNested(approvalsSchema, value);
      return (fields.approvals = read) !== undefined;
    }
    case "guardian_reason_codes": {
      const read = readNested(guardianReasonCodesSchema, value);
      return (fields.guardian_reason_codes = read) !== undefined;
    }
    default:
      return false;
  }
}

type Nested<T> = { safeParse(value: unknown): { success: boolean; data?: T } };

function readNested<T>(schema: Nested<T>, value: unknown): T | undefined {
  const plain = readPlain(value);
  return plain.ok ? schema.safeParse(plain.value).data : undefined;
}

const isLevel = (value: unknown): boolean =>
  value === "normal" || value === "elevated" || value === "high" || value === "critical";

const isNumberUpTo = (value: unknown, limit: number): boolean =>
  typeof value === "number" && value >= 0 && value <= limit;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isIdOrNull = (value: unknown): boolean =>
  value === null ||
  (typeof value === "string" && (isAsciiId(value) || idSchema.safeParse(value).success));

/** Whether it is an identifier of visible ASCII characters; other identifiers are left to `idSchema`. */
function isAsciiId(text: string): boolean {
  if (text.length === 0 || text.length > LIMITS.max_id_length) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < FIRST_VISIBLE || code > LAST_ASCII) return false;
  }
  return true;
}

/** Base units; −1 for what is not an amount. */
function unitsOf(value: unknown): Units {
  const quick = quickUnitsOf(value);
  if (quick >= 0) return quick;
  return isAmount(value) ? parseAmount(value) : -1;
}
