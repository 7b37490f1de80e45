/** Instructions for each field: what to give. */
import type { Approval, RiskContext } from "../evaluate/risk-context.js";
import type { WalletPolicy } from "../policy/schema.js";

const LEVEL = 'Give "normal", "elevated", "high" or "critical".';
const SWITCH = "Give true or false, without quotes.";
export const COINS = 'Give coins from 0 up with at most 8 decimal places, as text such as "50000".';
const ID =
  "Give 1 to 128 characters, without control characters and without white space at either end";
export const IDENTIFIER = `${ID}.`;
const ID_OR_NULL = `${ID}, or null.`;
const TIME = "Give whole milliseconds since 1970 as a number without quotes.";
const HASH = "Give 64 lower-case hexadecimal digits, as approvalBinding returns them.";

/** Fields of a context. */
export const CONTEXT_EXPECTATIONS: Readonly<Record<keyof RiskContext, string>> = Object.freeze({
  sentinel_level: LEVEL,
  dqs_network_score: "Give a number from 0 to 1, without quotes.",
  adn_level: LEVEL,
  wallet_balance: COINS,
  tx_amount: 'Give coins above 0 with at most 8 decimal places, as text such as "120.5".',
  behaviour_score: "Give a number from 0 to 9007199254740991, without quotes; 1 is usual.",
  trusted_device: SWITCH,
  address_age_days: "Give whole days from 0 up, or null where the age is unknown.",
  device_id: ID_OR_NULL,
  tx_id: ID_OR_NULL,
  wallet_fingerprint: ID_OR_NULL,
  user_id: ID_OR_NULL,
  created_at: TIME,
  dqs_advisory:
    'Give "NORMAL", "UNKNOWN", "ELEVATED", "CRITICAL_LOCAL" or "CRITICAL_GLOBAL", or leave it out.',
  guardian_decision: 'Give "ALLOW", "DELAY", "FREEZE" or "REJECT".',
  guardian_reason_codes: "Give a list of at most 64 of Guardian's reason codes, in lower case.",
  approvals:
    "Give a list of at most 64 approvals, each with approver, method, approved_at_ms and binds.",
  binds: HASH,
});

/** Fields of an approval. */
export const APPROVAL_EXPECTATIONS: Readonly<Record<keyof Approval, string>> = Object.freeze({
  approver: "Give 1 to 128 ASCII letters and digits, with one of . _ @ + - between them.",
  method: 'Give "confirmation", "second_factor" or "operator".',
  approved_at_ms: TIME,
  binds: HASH,
});

const RATIO =
  'Give a share of the balance from 0 to 1 with at most 18 decimal places, such as "0.5".';
const SECONDS = "Give whole seconds from 0 to 31536000 (one year) as a number without quotes.";
const SCORE = "Give a score from 0 to 1 that a double holds exactly as written, such as 0.25";
const scoreFrom = (other: string): string => `${SCORE}, and not below ${other}.`;

/** Fields of a policy. */
export const POLICY_EXPECTATIONS: Readonly<Record<keyof WalletPolicy, string>> = Object.freeze({
  block_full_balance_tx: SWITCH,
  max_tx_ratio_normal: RATIO,
  max_tx_ratio_high: RATIO,
  max_allowed_risk: LEVEL,
  cooldown_seconds_warn: SECONDS,
  cooldown_seconds_delay: SECONDS,
  threshold_extra_auth: 'Give coins from 0 up with at most 8 decimal places, such as "10000".',
  max_behaviour_score:
    "Give a number from 0 to 9007199254740991 that a double holds exactly as written, such as 1.5.",
  require_trusted_device: SWITCH,
  min_address_age_days: "Give whole days from 0 (off) to 36500 as a number without quotes.",
  network_score_elevated: `${SCORE}.`,
  network_score_high: scoreFrom("network_score_elevated"),
  network_score_critical: scoreFrom("network_score_high"),
  required_approvals: "Give whole people from 1 to 64 as a number without quotes.",
  approval_valid_seconds: "Give whole seconds from 0 (off) to 31536000 as a number without quotes.",
});

/** The whole context or policy. */
export const WHOLE = Object.freeze({
  context: "Give an object of the fields of a risk context.",
  policy: "Give an object of policy fields, such as {}.",
});
