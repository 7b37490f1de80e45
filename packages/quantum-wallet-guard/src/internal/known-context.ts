/** A context that has been read, with its amounts in base units. */
import type { RiskContext } from "../risk-context.js";
import { type Units, unitsOf } from "./units.js";

/** A class for its private name alone: a brand that nothing else can bear. */
export class KnownContext {
  readonly #isKnown = true;
  readonly context: RiskContext;
  /** Base units. */
  readonly amount: Units;
  /** Base units. */
  readonly balance: Units;

  constructor(context: RiskContext, amount: Units, balance: Units) {
    this.context = context;
    this.amount = amount;
    this.balance = balance;
  }

  /** Of a context that the schema accepts. */
  static of(context: RiskContext): KnownContext {
    return new KnownContext(context, unitsOf(context.tx_amount), unitsOf(context.wallet_balance));
  }

  static has(value: unknown): value is KnownContext {
    return typeof value === "object" && value !== null && #isKnown in value && value.#isKnown;
  }
}
