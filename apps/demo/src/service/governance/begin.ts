/** The start under governance: latches it, or holds the configuration against the one that was accepted (decision 47). */
import type { JsonObject } from "@dgb-shield/contract";
import type { ApiKey } from "../keys/key.js";
import type { ServiceConfig } from "../config/service-config.js";
import { countedKeys } from "./counted-keys.js";
import { differenceLines, differencesOf } from "./differences.js";
import { type GovernedConfig, governedIn } from "./governed-config.js";
import { tooFewGovernors } from "./key-changes.js";
import type { AcceptedKey, GovernanceState } from "./state.js";

/** What a start does: goes on from a state, with what is recorded of it, or cannot begin. */
export type Beginning =
  | Readonly<{ kind: "off" }>
  | Readonly<{ kind: "on"; state: GovernanceState; records: readonly JsonObject[] }>
  | Readonly<{ kind: "refused"; detail: string }>;

type Given = Readonly<{
  /** What was loaded; null: governance was never latched. */
  known: GovernanceState | null;
  config: ServiceConfig;
  ledger_id: string;
  keys: readonly ApiKey[];
  now_ms: number;
}>;

/** Decides how to begin. */
export function beginning(given: Given): Beginning {
  const { known, config } = given;
  if (known === null || !isOn(known)) {
    return config.governance === null ? { kind: "off" } : latched(given);
  }
  return continued(known, given);
}

/** Whether a state governs: not where it was ended by a proposal, or on the host. */
export const isOn = ({ config }: Pick<GovernanceState, "config">): boolean =>
  config.governed["governance"] !== null;

function latched({ known, config, ledger_id, keys, now_ms }: Given): Beginning {
  const { governance } = config;
  if (governance === null) return { kind: "off" };
  const detail = tooFewGovernors(keys, governance, now_ms);
  if (detail !== null) {
    return refused(`governance cannot be latched: ${detail}; add keys with shield keys add`);
  }
  const { digest, governed } = governedIn(config);
  const state: GovernanceState = {
    ...{ governance_version: 1, ledger_id, number: (known?.number ?? 0) + 1 },
    ...{ latched_at_ms: now_ms, time_ms: now_ms, rules: governance },
    ...{ keys: keys.map((key): AcceptedKey => ({ ...key, is_proposed: false })) },
    ...{ keys_number: (known?.keys_number ?? 0) + 1 },
    ...{ config: { digest, governed }, config_number: (known?.config_number ?? 0) + 1 },
    ...{ granted: null, proposals: [], recovered: known?.recovered ?? null },
  };
  const record = { action: "latched", rules: governance, digest, keys: keys.map(({ id }) => id) };
  return { kind: "on", state, records: [record] };
}

function continued(known: GovernanceState, given: Given): Beginning {
  const now = governedIn(given.config);
  if (now.digest === known.config.digest) return { kind: "on", state: known, records: [] };
  const differences = differencesOf(known.config.governed, now.governed);
  const isTighter = differences.length > 0 && differences.every(({ tighter }) => tighter);
  const { granted } = known;
  // A clock that was set back makes no permission count for longer.
  const now_ms = Math.max(known.time_ms, given.now_ms);
  const isGranted = granted?.digest === now.digest && now_ms < granted.until_ms;
  if (isGranted) return accepted(known, now, "configuration_started", given);
  if (isTighter) return accepted(known, now, "configuration_tightened", given);
  const lines = differenceLines(differences).map((line) => `  ${line}`);
  return refused(
    [
      "this configuration loosens what was accepted, and no proposal for it was carried out:",
      ...lines,
      "Start with the accepted one and run shield propose configuration --config FILE for the other (docs/governance.md).",
      `Its digest is ${now.digest}.`,
    ].join("\n"),
  );
}

function accepted(
  known: GovernanceState,
  { digest, governed }: GovernedConfig,
  action: string,
  { config, keys, now_ms }: Given,
): Beginning {
  const rules = config.governance ?? known.rules;
  // Keys that a file has and governance never accepted do not govern.
  const counted = countedKeys(known.keys, new Map(keys.map((key) => [key.id, key])));
  const detail = config.governance === null ? null : tooFewGovernors(counted, rules, now_ms);
  if (detail !== null) return refused(`governance.approvals: ${detail}`);
  const state: GovernanceState = {
    ...known,
    ...{ number: known.number + 1, time_ms: Math.max(known.time_ms, now_ms), rules },
    ...{ config: { digest, governed }, config_number: known.config_number + 1, granted: null },
  };
  return { kind: "on", state, records: [{ action, digest, from: known.config.digest }] };
}

const refused = (detail: string): Beginning => ({ kind: "refused", detail });
