/** A policy of the model as the engine takes it. */
import { formatAmount } from "@dgb-shield/contract";
import type { GuardianPolicyInput } from "../../../src/index.js";
import type { ModelLimits, ModelPolicy } from "../types.js";

const amount = (units: number | null) => (units === null ? null : formatAmount(BigInt(units)));

const limitsInput = (limits: ModelLimits) => ({
  max_per_tx: amount(limits.maxPerTx),
  max_24h: amount(limits.max24h),
  windows: limits.windows.map(({ seconds, maxAmount, maxCount }) => ({
    seconds,
    max_amount: amount(maxAmount),
    max_count: maxCount,
  })),
  cooldown_seconds: limits.cooldownSeconds,
});

/** Writes a policy out. */
export function policyInput(policy: ModelPolicy): GuardianPolicyInput {
  const { account, wallet, global } = policy.further;
  const { destinations } = policy;
  return {
    ...limitsInput(policy.plain),
    limits: {
      account: account && limitsInput(account),
      wallet: wallet && limitsInput(wallet),
      global: global && limitsInput(global),
    },
    claim: policy.claim,
    freeze_scope: policy.freezeScope,
    accounts_frozen: policy.accountsFrozen,
    high_risk_freeze: policy.highRiskFreeze,
    release_freeze_at_low: policy.releaseFreezeAtLow,
    lift_after_low_seconds: policy.liftAfterLowSeconds,
    freeze_seconds: policy.freezeSeconds,
    persistent_attempts: policy.attempts,
    allow_valid_seconds: policy.allowValidSeconds,
    max_clock_jump_ms: policy.maxClockJumpMs,
    allow_destinations: destinations.allowed && [...destinations.allowed],
    deny_destinations: [...destinations.denied],
    max_fee: amount(destinations.maxFee),
    max_fee_ratio: amount(destinations.maxFeeRatio1e8),
    new_destination_seconds: destinations.newSeconds,
    new_destination_free: formatAmount(BigInt(destinations.newFree)),
    destination_lookalikes: destinations.lookalikes,
    table: policy.table,
  };
}
