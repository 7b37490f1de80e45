/** The policies of the matrix: short windows, so that they fill and empty all the time, on all three scopes. */
import type { GuardianPolicyInput } from "../../src/index.js";

const delayed = { LOW: "DELAY", MEDIUM: "DELAY", HIGH: "DELAY" } as const;

const common = {
  allow_valid_seconds: 1,
  max_clock_jump_ms: 2_000,
  release_freeze_at_low: "all",
  lift_after_low_seconds: 0,
} as const;

/** ALLOWs that are claims; a breach at elevated risk freezes until risk has been LOW. */
const IMPLICIT: GuardianPolicyInput = {
  ...common,
  name: "implicit",
  windows: [
    { seconds: 1, max_amount: "90" },
    { seconds: 5, max_count: 90 },
  ],
  limits: {
    account: { windows: [{ seconds: 2, max_amount: "70" }] },
    global: { windows: [{ seconds: 1, max_amount: "220" }] },
  },
};

/** Reservations that signers claim; nothing but risk and operators freezes. */
const EXPLICIT: GuardianPolicyInput = {
  ...common,
  name: "explicit",
  claim: "explicit",
  freeze_seconds: 1,
  windows: [{ seconds: 2, max_amount: "70" }],
  limits: { account: { windows: [{ seconds: 3, max_amount: "40" }] } },
  table: { window_limit: delayed },
};

/** A cooldown, a largest withdrawal, destinations that are denied, and no freeze at HIGH. */
const COOLING: GuardianPolicyInput = {
  ...common,
  name: "cooling",
  high_risk_freeze: false,
  max_per_tx: "5",
  cooldown_seconds: 1,
  deny_destinations: ["destination-3"],
  windows: [{ seconds: 1, max_amount: "500" }],
};

/** Freezes of accounts; the second account takes the wallet with it. */
const ACCOUNTS: GuardianPolicyInput = {
  ...common,
  name: "accounts",
  claim: "explicit",
  freeze_scope: "account",
  freeze_seconds: 1,
  accounts_frozen: { count: 2, seconds: 3 },
  persistent_attempts: { count: 2, seconds: 2 },
  windows: [{ seconds: 4, max_count: 80 }],
  limits: {
    account: { cooldown_seconds: 1, windows: [{ seconds: 1, max_count: 12 }] },
    global: { windows: [{ seconds: 2, max_count: 200 }] },
  },
};

/** The policies that clients wander with, by key. */
export const POLICIES = {
  implicit: IMPLICIT,
  explicit: EXPLICIT,
  cooling: COOLING,
  accounts: ACCOUNTS,
  /** The same name with a lower limit: a later generation. */
  later: { ...IMPLICIT, windows: [{ seconds: 1, max_amount: "60" }] },
} as const satisfies Record<string, GuardianPolicyInput>;

/** Key of a policy. */
export type PolicyKey = keyof typeof POLICIES;
