/** Types of a scenario: observations, withdrawals and operator's orders in its own time. */
import type { SentinelReport } from "@dgb-shield/contract";
import type { WalletPolicyInput } from "@dgb-shield/quantum-wallet-guard";
import type { ChainParameters } from "@dgb-shield/chain";
import type { Observation } from "@dgb-shield/sentinel";
import type { GuardianPolicyInput } from "@dgb-shield/wallet-guardian";

/** A simulated customer's request; the player adds the wallet's balance. */
export type CustomerRequest = Readonly<{
  withdrawal_id: string;
  wallet_id: string;
  account_id?: string;
  amount: string;
  destinations: readonly Readonly<{ address: string; amount: string }>[];
  behaviour_score: number;
  trusted_device: boolean;
  device_id: string | null;
  address_age_days: number | null;
  user_id: string;
}>;

/** An operator's scripted order: the finding is understood, its cause removed. */
export type ReleaseOrder = Readonly<{
  detector: SentinelReport["findings"][number]["detector"];
  operator: string;
  reason: string;
}>;

/** One step of a scenario. */
export type Step = Readonly<
  | { kind: "phase"; at_ms: number; label: string; note: string }
  | { kind: "observation"; at_ms: number; observation: Observation }
  | { kind: "withdrawal"; at_ms: number; request: CustomerRequest }
  | { kind: "order"; at_ms: number; order: ReleaseOrder }
>;

/** A node whose Sentinel reports, and who runs it. */
export type Reporter = Readonly<{ node_id: string; operator: string; note: string }>;

/** A scenario, whole: nothing is read while it plays. */
export type Scenario = Readonly<{
  name: string;
  title: string;
  /** What the chain data is; shown wherever the scenario is shown. */
  origin: "recording" | "reconstruction" | "simulation";
  /** Where the data comes from and what is assumed, a line each. */
  provenance: readonly string[];
  chain: ChainParameters;
  /** The nodes that report; the first one is the site's own. */
  reporters: readonly [Reporter, ...Reporter[]];
  /** Show UTC, or time since `zero_ms`. */
  clock: "utc" | "elapsed";
  zero_ms: number;
  /** Longest usual time between two observations of the own node, in milliseconds. */
  poll_interval_ms: number;
  guardian_policy: GuardianPolicyInput;
  qwg_policy: WalletPolicyInput;
  /** Opening balances by wallet, in coins. */
  balances: Readonly<Record<string, string>>;
  /** Steps in the order of their times. */
  steps: readonly Step[];
}>;

/** Merges steps: by time, and at one moment in the order given. */
export const mergeSteps = (...parts: readonly (readonly Step[])[]): Step[] =>
  parts.flat().sort((a, b) => a.at_ms - b.at_ms);
