/** A context that was accepted, with its amounts in base units (design, section 8). */
import type { Units } from "../fast/units.js";
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

/** Copies the fields that are there into a context, in objects without a prototype. */
export function plainContext(fields: Fields): RiskContext {
  const context = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) context[name] = Array.isArray(value) ? value.map(copyOf) : value;
  }
  return context as RiskContext;
}

const copyOf = (item: string | Approval): string | Approval =>
  typeof item === "string" ? item : bare(item);
