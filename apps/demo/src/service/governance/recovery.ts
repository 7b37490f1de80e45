/** The recovery on the host: keys and configuration are accepted as they are (design, section 10). */
import type { JsonObject } from "@dgb-shield/contract";
import type { ServiceConfig } from "../config/service-config.js";
import type { ApiKey } from "../keys/key.js";
import { isPending } from "./decide.js";
import { governedIn } from "./governed-config.js";
import { tooFewGovernors } from "./key-changes.js";
import type { GovernanceState } from "./state.js";

type Given = Readonly<{
  /** What was kept; null where it is lost. */
  known: GovernanceState | null;
  config: ServiceConfig;
  ledger_id: string;
  keys: readonly ApiKey[];
  now_ms: number;
  operator: string;
  reason: string;
}>;

/** Rules that hold nothing: governance was ended on the host. */
const NO_RULES = {
  ...{ approvals: 1, loosen_delay_seconds: 0, release_delay_seconds: 0 },
  proposal_valid_seconds: 60,
} as const;

/** Makes the state after a recovery, or says why there can be none. */
export function recoveredState(
  given: Given,
):
  | Readonly<{ state: GovernanceState; records: readonly JsonObject[] }>
  | Readonly<{ fault: string }> {
  const { known, config, ledger_id, keys, now_ms, operator, reason } = given;
  const rules = config.governance ?? NO_RULES;
  const fault = config.governance === null ? null : tooFewGovernors(keys, rules, now_ms);
  if (fault !== null) return { fault: `${fault}: add keys with shield keys add --recovery` };
  const { digest, governed } = governedIn(config);
  const closed = (known?.proposals ?? []).map((one) =>
    isPending(one)
      ? {
          ...one,
          status: "stale" as const,
          outcome: { code: "recovered", text: "governance was recovered", at_ms: now_ms },
        }
      : one,
  );
  const state: GovernanceState = {
    ...{ governance_version: 1, ledger_id, number: (known?.number ?? 0) + 1 },
    ...{ latched_at_ms: known?.latched_at_ms ?? now_ms, time_ms: now_ms, rules },
    keys: keys.map((key) => ({ ...key, is_proposed: false })),
    ...{ keys_number: (known?.keys_number ?? 0) + 1 },
    ...{ config: { digest, governed }, config_number: (known?.config_number ?? 0) + 1 },
    ...{ granted: null, proposals: closed },
    recovered: { at_ms: now_ms, operator, reason },
  };
  const ended = config.governance === null;
  const record = { action: "recovered", operator, reason, digest, ended };
  return { state, records: [{ ...record, keys: keys.map(({ id }) => id) }] };
}
