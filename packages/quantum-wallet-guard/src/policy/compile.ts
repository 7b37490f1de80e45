/** A policy with its numbers read once. */
import { type Ratio, ratioOf, type Units, unitsOf } from "../fast/units.js";
import type { WalletPolicy } from "./schema.js";
import { RANK } from "./level-order.js";

/** What the rules read of a policy. */
export type CompiledPolicy = Readonly<{
  policy: WalletPolicy;
  /** Rank of the worst level at which transactions still leave. */
  maxRank: number;
  ratioNormal: Ratio;
  ratioHigh: Ratio;
  /** Base units. */
  extraAuth: Units;
  maxBehaviour: number;
  networkScores: Readonly<{ elevated: number; high: number; critical: number }>;
}>;

/** Reads the numbers of a complete policy. */
export const compilePolicy = (policy: WalletPolicy): CompiledPolicy => ({
  policy,
  maxRank: RANK[policy.max_allowed_risk],
  ratioNormal: ratioOf(policy.max_tx_ratio_normal),
  ratioHigh: ratioOf(policy.max_tx_ratio_high),
  extraAuth: unitsOf(policy.threshold_extra_auth),
  maxBehaviour: Number(policy.max_behaviour_score),
  networkScores: {
    elevated: Number(policy.network_score_elevated),
    high: Number(policy.network_score_high),
    critical: Number(policy.network_score_critical),
  },
});
