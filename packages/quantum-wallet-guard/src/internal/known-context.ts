/** A context that has been read, with its amounts in base units. */
import type { RiskContext } from "../risk-context.js";
import { type Units, unitsOf } from "./units.js";

/** What the rules read of a context: all of these fields in this order, which is quick, undefined where they are absent. */
export type Evidence = Pick<
  RiskContext,
  | "sentinel_level"
  | "adn_level"
  | "dqs_network_score"
  | "dqs_advisory"
  | "guardian_decision"
  | "behaviour_score"
  | "trusted_device"
  | "address_age_days"
  | "approvals"
  | "binds"
  | "created_at"
>;

const evidenceOf = (context: RiskContext): Evidence => ({
  sentinel_level: context.sentinel_level,
  adn_level: context.adn_level,
  dqs_network_score: context.dqs_network_score,
  dqs_advisory: context.dqs_advisory,
  guardian_decision: context.guardian_decision,
  behaviour_score: context.behaviour_score,
  trusted_device: context.trusted_device,
  address_age_days: context.address_age_days,
  approvals: context.approvals,
  binds: context.binds,
  created_at: context.created_at,
});

/** A class for its private name alone: a brand that nothing else can bear. */
export class KnownContext {
  readonly #isKnown = true;
  readonly context: RiskContext;
  /** What the rules read of it. */
  readonly evidence: Evidence;
  /** Base units. */
  readonly amount: Units;
  /** Base units. */
  readonly balance: Units;

  constructor(context: RiskContext, amount: Units, balance: Units) {
    this.context = context;
    this.evidence = evidenceOf(context);
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
