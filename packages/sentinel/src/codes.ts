/** Reason codes and finding names of Sentinel, as envelopes have them (contract v3, section 4). */
import type { SentinelReport } from "@dgb-shield/contract";

/** Detector name under which an observation that cannot be read is reported. */
export const OBSERVATION_INVALID = "observation_invalid";

/** Detector name under which a clock that is not trusted is reported. */
export const CLOCK_UNTRUSTED = "clock_untrusted";

/** Detector name under which an observation of a node on another chain is reported. */
export const WRONG_CHAIN = "wrong_chain";

/** Detector name under which missing evidence is reported. */
export const EVIDENCE_UNAVAILABLE = "evidence_unavailable";

/** Detector names of all findings; see also `Detector` for further ones. */
export const FINDING_CODES = Object.freeze([
  "block_stall",
  "reorg",
  "rival_chain",
  "retired_algorithm",
  "block_cadence",
  "algo_share",
  "mempool_surge",
  "peer_isolation",
  "entropy_drop",
  "nonce_reuse",
  "double_spend",
  "subsidy",
  "flag_day",
  "node_unreachable",
  "node_overloaded",
  "sync_stuck",
  "work_rate",
  "slow_chain",
  "clock_trust",
  "circuit_breaker",
  EVIDENCE_UNAVAILABLE,
  OBSERVATION_INVALID,
  CLOCK_UNTRUSTED,
  WRONG_CHAIN,
] as const);

/** Detector names of the findings of a fleet, which compares several nodes. */
export const FLEET_CODES = Object.freeze([
  "tip_divergence",
  "rule_split",
  "node_behind",
  "node_outdated",
  "nodes_down_together",
] as const);

/** Codes of a rejected order to `acknowledge`, `acceptClock`, `tolerate` or `untolerate`. */
export const ORDER_CODES = Object.freeze([
  "invalid_order",
  "unknown_finding",
  "until_in_past",
  "unknown_algorithm",
  "until_too_far",
  "unknown_toleration",
] as const);

/** Reason code of a report without findings on a node that is being watched. */
export const SENTINEL_OK = "SENTINEL_OK";

/** Reason code of each status; a watched node needs none. */
export const STATUS_CODES: Readonly<Record<SentinelReport["status"], string | null>> =
  Object.freeze({
    WATCHING: null,
    SYNCING: "SENTINEL_NODE_SYNCING",
    UNREACHABLE: "SENTINEL_NODE_UNREACHABLE",
  });

/**
 * Reason code of a detector's findings.
 *
 * @example reasonCodeOf("block_stall") // "SENTINEL_BLOCK_STALL"
 */
export const reasonCodeOf = (detector: string): string => `SENTINEL_${detector.toUpperCase()}`;
