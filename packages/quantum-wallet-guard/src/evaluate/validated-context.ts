/** A context that was accepted, with its amounts in base units (design, section 8). */
import { type Units, unitsOf } from "../fast/units.js";
import { bare } from "../internal/bare.js";
import type { Approval, RiskContext } from "./risk-context.js";

/**
 * Every field of a context as a property of its own, undefined where it is absent: no read reaches a
 * prototype, and all contexts have one shape, which is fast.
 */
export type Fields = {
  readonly [Field in keyof RiskContext]-?: undefined extends RiskContext[Field]
    ? RiskContext[Field] | undefined
    : RiskContext[Field];
};

/** What the rules and the hash read. */
export type ValidatedContext = Readonly<{
  fields: Fields;
  /** Base units. */
  amount: Units;
  /** Base units. */
  balance: Units;
}>;

/** Makes fields to be filled in, in the order of their table; the evidence is the worst until it is read. */
export const blankFields = (): { -readonly [Field in keyof Fields]: Fields[Field] } => ({
  sentinel_level: "critical",
  dqs_network_score: 1,
  adn_level: "critical",
  wallet_balance: "",
  tx_amount: "",
  behaviour_score: Infinity,
  trusted_device: false,
  address_age_days: undefined,
  device_id: undefined,
  tx_id: undefined,
  wallet_fingerprint: undefined,
  user_id: undefined,
  created_at: undefined,
  dqs_advisory: undefined,
  guardian_decision: undefined,
  guardian_reason_codes: undefined,
  approvals: undefined,
  binds: undefined,
});

/** Names of all fields, in the order of their table. */
export const FIELD_NAMES: readonly (keyof RiskContext)[] = Object.freeze(
  Object.keys(blankFields()) as (keyof RiskContext)[],
);

/** Adds the amounts in base units to fields that were accepted. */
export const validatedContextOf = (fields: Fields): ValidatedContext => ({
  fields,
  amount: unitsOf(fields.tx_amount),
  balance: unitsOf(fields.wallet_balance),
});

/** The fields of a plain context that was accepted. */
export function fieldsOf(context: RiskContext): Fields {
  const fields: Record<string, unknown> = blankFields();
  for (const name of FIELD_NAMES) {
    if (Object.hasOwn(context, name)) fields[name] = context[name];
  }
  return fields as Fields;
}

/** Copies the fields that are there into a context, in objects without a prototype. */
export function plainContext(fields: Fields): RiskContext {
  const context = Object.create(null) as Record<string, unknown>;
  for (const name of FIELD_NAMES) {
    const value = fields[name];
    if (value !== undefined) context[name] = Array.isArray(value) ? value.map(copyOf) : value;
  }
  return context as RiskContext;
}

const copyOf = (item: string | Approval): string | Approval =>
  typeof item === "string" ? item : bare(item);
