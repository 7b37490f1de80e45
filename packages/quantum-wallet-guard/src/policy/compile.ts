/** Reads the numbers of a policy once, so that the rules compare without parsing (design, section 8). */
import { type Ratio, ratioOf, type Units, unitsOf } from "../fast/units.js";
import { type NetworkScores, RANK, scoreAbove } from "./level-order.js";
import type { WalletPolicy } from "./schema.js";

/** What the rules read of a policy. */
export type CompiledPolicy = Readonly<{
  policy: WalletPolicy;
  /** Rank of the worst level at which transactions still leave. */
  maxRank: number;
  /** Network score from which the network's level is worse than that; infinite where no level is. */
  scoreAboveMax: number;
  ratioNormal: Ratio;
  ratioHigh: Ratio;
  /** Base units. */
  extraAuth: Units;
  maxBehaviour: number;
  networkScores: NetworkScores;
}>;

/** Compiles a complete policy. */
export function compilePolicy(policy: WalletPolicy): CompiledPolicy {
  const maxRank = RANK[policy.max_allowed_risk];
  const networkScores = {
    elevated: Number(policy.network_score_elevated),
    high: Number(policy.network_score_high),
    critical: Number(policy.network_score_critical),
  };
  return {
    policy,
    maxRank,
    scoreAboveMax: scoreAbove(maxRank, networkScores),
    ratioNormal: ratioOf(policy.max_tx_ratio_normal),
    ratioHigh: ratioOf(policy.max_tx_ratio_high),
    extraAuth: unitsOf(policy.threshold_extra_auth),
    maxBehaviour: Number(policy.max_behaviour_score),
    networkScores,
  };
}
