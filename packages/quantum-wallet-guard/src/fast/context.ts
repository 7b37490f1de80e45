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
  isAmount,
  parseAmount,
  type RiskLevel,
} from "@dgb-shield/contract";
import { blankFields, type KnownContext } from "../evaluate/validated-context.js";
import { approvalsOf, isCount, isHash, isIdOrNull, ownData, plainNames, wordsOf } from "./parts.js";
import { isTime } from "../internal/time.js";
import { quickUnitsOf, type Units } from "./units.js";

const REQUIRED_FIELDS = 7;
const MOST_FIELDS = 18;

type Fields = ReturnType<typeof blankFields>;
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
  const names = plainNames(input, MOST_FIELDS);
  if (names === undefined) return undefined;
  const draft: Draft = { fields: blankFields(), required: 0, amount: 0, balance: 0 };
  for (const name of names) {
    if (!readField(draft, name, ownData(input, name))) return undefined;
  }
  const { fields, required, amount, balance } = draft;
  const isAnswerLost =
    fields.guardian_reason_codes !== undefined && fields.guardian_decision === undefined;
  if (required !== REQUIRED_FIELDS || isAnswerLost) return undefined;
  return { fields, amount, balance };
}

/** Takes one field over; false where its value is not plainly right, as undefined never is. */
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
      return isTime((fields.created_at = value as number));
    case "dqs_advisory":
      return ADVISORY_LEVELS.includes((fields.dqs_advisory = value as AdvisoryLevel));
    default:
      return readOfPeopleAndGuardian(fields, name, value);
  }
}

function readOfPeopleAndGuardian(fields: Fields, name: string, value: unknown): boolean {
  switch (name) {
    case "guardian_decision":
      return GUARDIAN_DECISIONS.includes(
        (fields.guardian_decision = value as GuardianDecisionName),
      );
    case "guardian_reason_codes":
      return (fields.guardian_reason_codes = wordsOf(value)) !== undefined;
    case "approvals":
      return (fields.approvals = approvalsOf(value)) !== undefined;
    case "binds":
      return isHash((fields.binds = value as string));
    default:
      return false;
  }
}

const isLevel = (value: unknown): boolean =>
  value === "normal" || value === "elevated" || value === "high" || value === "critical";

const isNumberUpTo = (value: unknown, limit: number): boolean =>
  typeof value === "number" && value >= 0 && value <= limit;

/** Base units; −1 for what is not an amount. */
function unitsOf(value: unknown): Units {
  const quick = quickUnitsOf(value);
  if (quick >= 0) return quick;
  return isAmount(value) ? parseAmount(value) : -1;
}
