/** Valid values of everything that has a JSON Schema, with every field that may be there. */
import type {
  WithdrawalRecord,
  DefenseState,
  DqsnRequest,
  DqsnResponse,
  Envelope,
  GuardianDecision,
  NetworkView,
  SchemaName,
  SentinelReport,
  ShieldEvent,
  SignalV2,
  TipStatement,
} from "../../../src/index.js";

const HASH = "0123456789abcdef".repeat(4);
const NOW = 1_782_664_805_000;

const envelope: Envelope = {
  contract_version: 3,
  component: "sentinel",
  request_id: "r-1",
  context_hash: HASH,
  decision: "WARN",
  risk: { score: 0.25, tier: "MEDIUM" },
  reason_codes: ["SENTINEL_BLOCK_STALL"],
  evidence: { height: 1, tips: [null, true] },
  meta: { fail_closed: true },
};

const request: DqsnRequest = {
  contract_version: 3,
  component: "dqsn",
  request_id: "r-1",
  signals: [envelope],
  constraints: { fail_closed: true, required_components: ["sentinel"], min_signals: 1 },
};

const response: DqsnResponse = { ...envelope, component: "dqsn" };

const signal: SignalV2 = {
  node_id: "n-1",
  source: "sentinel",
  type: "block_stall",
  severity: 0.8,
  metadata: { height: 1 },
  observed_at: NOW,
  operator: "acme",
};

const report: SentinelReport = {
  node_id: "n-1",
  chain: "digibyte",
  observed_at_ms: NOW,
  clock: "trusted",
  status: "WATCHING",
  tip: { height: 23_751_096, hash: HASH },
  level: "critical",
  score: 1,
  findings: [
    {
      finding_id: "retired_algorithm:23751096",
      detector: "retired_algorithm",
      severity: 1,
      summary: "a block of a retired algorithm",
      height: 23_751_096,
      detected_at_ms: NOW,
      latched: true,
      evidence: { algorithm: "groestl" },
    },
  ],
  detectors: ["retired_algorithm"],
};

const view: NetworkView = {
  as_of_ms: NOW,
  clock: "trusted",
  level: "CRITICAL_LOCAL",
  score: 0.59,
  channels: {
    consensus: { score: 0.59, signals: 1 },
    mempool: { score: 0, signals: 0 },
    wallet: { score: 0, signals: 0 },
    infra: { score: 0, signals: 0 },
  },
  live_operators: 1,
  critical_operators: ["acme"],
  critical_operators_count: 1,
  silent_reporters: ["n-2"],
  silent_reporters_count: 1,
  quorum: 2,
  digest: HASH,
};

const state: DefenseState = {
  node_id: "n-1",
  as_of_ms: NOW,
  clock: "trusted",
  level: "critical",
  score: 1,
  lockdown: "FULL",
  since_ms: NOW,
  reason: "a retired algorithm",
  actions: [{ action: "refuse_spending", reason: "a retired algorithm" }],
  events: [
    {
      event_id: "e-1",
      type: "sentinel_alert",
      severity: 1,
      source: "sentinel",
      observed_at_ms: NOW,
      expires_at_ms: null,
      local: true,
      summary: "a block of a retired algorithm",
    },
  ],
};

const decision: GuardianDecision = {
  withdrawal_id: "w-1",
  wallet_id: "hot-1",
  decision: "DELAY",
  reason_codes: ["cooldown_breach"],
  path: "/amount",
  risk: "LOW",
  decided_at_ms: NOW,
  retry_after_ms: 1_000,
  allowed_now: "12.5",
  valid_until_ms: NOW + 60_000,
  txid: HASH,
  freeze: { cause_id: "c-1", scopes: ["wallet:hot-1"] },
  policy_version: HASH,
  rules_version: "1",
};

const record: WithdrawalRecord = {
  record_version: 2,
  qwg_policy_version: HASH,
  decided_at_ms: NOW,
  withdrawal: { amount: "12.5" },
  inputs: {
    sentinel_level: "normal",
    adn_level: "normal",
    dqs_network_score: 0.25,
    dqs_advisory: "UNKNOWN",
    network_digest: HASH,
    guardian_risk: "MEDIUM",
    clock: "trusted",
    sources: [
      {
        node_id: "n-1",
        status: "WATCHING",
        level: "normal",
        observed_at_ms: NOW,
        age_ms: 0,
        fresh: true,
      },
    ],
    min_fresh_nodes: 1,
    view_as_of_ms: NOW,
    lockdown: "NONE",
    defense_as_of_ms: NOW,
    state_generation: 1,
  },
  guardian: decision,
  context: {},
  result: {
    decision: "allow",
    reason_id: "QWG_ALLOW",
    reason: "nothing speaks against it",
    may_broadcast: true,
    cooldown_seconds: 0,
  },
  veto: "network_unknown",
  final: "REFUSED",
};

const event: ShieldEvent = {
  event_id: "e-1",
  layer: "wallet_guardian",
  action: "freeze",
  severity: 0.7,
  fingerprint: "hot-1",
  user_id: "u-1",
  extra: {},
};

const statement: TipStatement = {
  statement_version: 1,
  operator: "exchange",
  chain: "digibyte",
  genesis_hash: HASH,
  stated_at_ms: NOW,
  level: "critical",
  tip: { hash: "1a".repeat(32), height: 23_751_096, chainwork: HASH },
  nodes: [{ node_id: "n-1", software: "/DigiByte:9.26.5/", height: 23_751_096, is_watched: true }],
  branches: [
    {
      fork_height: 23_751_090,
      tip: { hash: "2a".repeat(32), height: 23_751_095, chainwork: null },
      nodes: [{ node_id: "n-2", software: null, height: 23_751_094, is_watched: false }],
    },
  ],
  findings: [{ finding_id: "rule_split:23751090", node_id: null, severity: 0.99 }],
  findings_left_out: 0,
};

export const SAMPLES: Readonly<Record<SchemaName, object>> = {
  Envelope: envelope,
  DqsnRequest: request,
  DqsnResponse: response,
  SignalV2: signal,
  SentinelReport: report,
  NetworkView: view,
  DefenseState: state,
  GuardianDecision: decision,
  WithdrawalRecord: record,
  ShieldEvent: event,
  TipStatement: statement,
};
