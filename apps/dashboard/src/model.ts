/** What the service answers, as far as the page shows it. */
import type {
  DefenseState,
  Finding,
  NetworkView,
  RiskLevel,
  SentinelReport,
} from "@dgb-shield/contract";

export type { DefenseState, Finding, NetworkView, RiskLevel, SentinelReport };

/** Roles of a key that may read. */
export type Role = "reporter" | "wallet" | "approver" | "operator" | "reader";

/** `GET /v1/key`. */
export type Key = Readonly<{
  key_id: string;
  name: string;
  role: Role;
  wallets: readonly string[] | null;
  expires_at_ms: number | null;
}>;

export type ServiceState = "blind" | "stopped" | "restricted" | "open";

/** `GET /v1/status`. */
export type Status = Readonly<{
  state: ServiceState;
  summary: string;
  since_ms: number;
  as_of_ms: number;
  cause: Readonly<{ code: string; text: string }> | null;
  remedies: readonly Readonly<{ role: "operator" | "approver" | "host"; text: string }>[];
  observing: boolean;
  evidence: "live" | "recording";
  chain: string;
  deployment_id: string;
  wallets: readonly Readonly<{
    wallet_id: string;
    mode: "observe" | "enforce";
    state: ServiceState;
    cause: string | null;
  }>[];
  level: RiskLevel;
  lockdown: DefenseState["lockdown"];
  sources: readonly Source[];
}>;

/** An own node, as the next decision would read it. */
export type Source = Readonly<{
  node_id: string;
  status: SentinelReport["status"] | "UNSEEN";
  level: RiskLevel;
  observed_at_ms: number | null;
  age_ms: number | null;
  fresh: boolean;
}>;

/** A branch and the nodes that follow it. */
export type Branch = Readonly<{
  tip_hash: string;
  tip_height: number;
  chainwork?: string | null;
  fork_height: number | null;
  nodes: readonly Readonly<{
    node_id: string;
    height: number;
    software: string | null;
    is_watched: boolean;
  }>[];
}>;

/** A tip that some node knows and none follows. */
export type SideTip = Readonly<{
  hash: string;
  height: number;
  fork_height: number | null;
  status: string;
  nodes: readonly string[];
}>;

/** Up to which height deposits can be credited, and why no higher. */
export type Credit = Readonly<{ height: number | null; reason: string }>;

/** `GET /v1/chain`. */
export type Chain = Readonly<{
  chain: Readonly<{
    chain: string;
    observed_at_ms: number;
    level: RiskLevel;
    branches: readonly Branch[];
    findings: readonly Finding[];
    tips?: readonly SideTip[];
    credit?: Credit;
  }> | null;
}>;

export type Incident = Readonly<{
  incident_id: string;
  cause: string;
  severity: number;
  level: RiskLevel;
  since_ms: number;
  summary: string;
  findings: readonly Readonly<{ node_id: string; finding_id: string; summary: string }>[];
  defense_events: readonly string[];
  latched: boolean;
}>;

export type Freeze = Readonly<{
  scope: "account" | "wallet" | "global";
  id: string;
  cause_id: string;
  kind: "risk" | "limit" | "operator";
  frozen_at_ms: number;
  last_at_ms: number;
  count: number;
  operator: string | null;
  reason: string;
}>;

export type WouldPass = Readonly<{
  amount: string | null;
  at_ms: number | null;
  calmer: boolean;
  approvals: Readonly<{
    missing: number;
    given: number;
    methods: readonly string[];
    binds: string | null;
  }> | null;
}>;

/** One of `GET /v1/decisions`. */
export type Decision = Readonly<{
  seq: number;
  payment_id: string;
  wallet_id: string;
  account_id: string | null;
  amount: string | null;
  max_fee: string | null;
  payouts: number;
  destinations: readonly Readonly<{ address: string; amount: string }>[];
  destinations_count: number;
  enforced: boolean;
  final: "ALLOW" | "REFUSED";
  next: "claim" | "approve" | "retry" | "stop";
  standing: "held" | "allowed" | "claimed" | "committed" | "released";
  veto: string | null;
  reasons: readonly Readonly<{ layer: string; code: string; text: string | null }>[];
  breaches: readonly Readonly<{ code: string; scope: string; limit: string }>[];
  would_pass: WouldPass | null;
  decided_at_ms: number;
  first_at_ms: number;
  attempts: number;
}>;

export type Decisions = Readonly<{
  decisions: readonly Decision[];
  total: number;
  complete: boolean;
  next: number | null;
}>;

/** `GET /v1/payments/{id}`. */
export type Payment = Readonly<{
  payment_id: string;
  wallet_id: string;
  account_id: string | null;
  amount: string;
  status: string;
  txid: string | null;
  destinations: readonly Readonly<{ address: string; amount: string }>[] | null;
  max_fee: string | null;
  approvals: readonly Readonly<{
    approver: string;
    approved_at_ms: number;
    binds: string;
    signed?: Readonly<{ key_id: string; expires_at_ms: number }>;
  }>[];
  terms: object | null;
}>;

/** `GET /v1/payments/{id}/timeline`. */
export type Timeline = Readonly<{
  payment_id: string;
  checkpoint_at_ms: number | null;
  entries: readonly Readonly<{
    seq: number;
    at_ms: number;
    kind: string;
    hash: string;
    decision: string | null;
    guard: string | null;
    reason_codes: readonly string[];
    facts: Readonly<Record<string, string>>;
    proven: boolean;
  }>[];
}>;

/** `GET /v1/history`. */
export type History = Readonly<{
  since_ms: number | null;
  until_ms: number;
  step_ms: number;
  spacing_seconds: number;
  times: readonly number[];
  states: readonly (ServiceState | null)[];
  scores: readonly (number | null)[];
  advisories: readonly (string | null)[];
  nodes: readonly Readonly<{
    node_id: string;
    heights: readonly (number | null)[];
    levels: readonly (RiskLevel | null)[];
  }>[];
  blocks: Readonly<{
    counts: readonly number[];
    spacing_s: readonly (number | null)[];
    algorithms: readonly Readonly<{ name: string; counts: readonly number[] }>[];
  }> | null;
  reorgs: readonly Readonly<{ at_ms: number; node_id: string; depth: number; fork_height: number }>[];
  changes: readonly Readonly<{ at_ms: number; branches: readonly Branch[] }>[];
}>;

/** A problem (RFC 9457), or what stands for one where no answer came. */
export type Problem = Readonly<{ code: string; title: string; detail: string; status: number }>;
