/** Policies to begin with (Wallet Guardian v2, section 4.5; design, section 7). */
import type { GuardianPolicyInput } from "./policy.js";

/** The fields of a preset; limits are left to the integrator. */
type Preset = Readonly<Omit<GuardianPolicyInput, "max_per_tx" | "max_24h" | "limits">>;

/**
 * Policies to begin with; spread one and add limits.
 *
 * `treasury`: the specification's defaults, for a wallet with few withdrawals and people at hand: every caller that may pay may
 * sign, and a breach under risk freezes the wallet.
 *
 * `exchange_hot_wallet`: for many customers on one wallet: an ALLOW reserves and a claim permits signing, a breach
 * freezes the account that caused it, automatic freezes end when risk has been LOW for ten minutes, the fee is at
 * most 1 % of what is paid, and a destination that an account has not used before waits for an hour.
 *
 * @example parsePolicy({ ...PRESETS.treasury, max_per_tx: "5000", max_24h: "10000" }).claim // "implicit"
 */
export const PRESETS = Object.freeze({
  treasury: Object.freeze({
    claim: "implicit",
    freeze_scope: "wallet",
    high_risk_freeze: true,
    release_freeze_at_low: "risk",
    lift_after_low_seconds: 600,
  }),
  exchange_hot_wallet: Object.freeze({
    claim: "explicit",
    freeze_scope: "account",
    accounts_frozen: Object.freeze({ count: 5, seconds: 3_600 }),
    high_risk_freeze: true,
    release_freeze_at_low: "all",
    lift_after_low_seconds: 600,
    max_fee_ratio: "0.01",
    new_destination_seconds: 3_600,
    new_destination_free: "0",
    destination_lookalikes: true,
  }),
} satisfies Readonly<Record<string, Preset>>);
/** The name of a preset policy. */
export type PresetName = keyof typeof PRESETS;
