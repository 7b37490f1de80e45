/**
 * The service of one chain, whatever calls it: HTTP, a command, an embedder (design, section 8).
 *
 * Everything here is plain data: what comes in was parsed, and what goes out is JSON. No method throws for what a
 * caller did; a refusal is an answer with a code.
 */
import type {
  DefenseState,
  JsonObject,
  NetworkView,
  Provenance,
  RiskLevel,
  SentinelReport,
  SignalV2,
  WithdrawalRecord,
} from "@dgb-shield/contract";
import type { DsseEnvelope } from "@dgb-shield/contract/signing";
import type { PaymentTerms, SignedApproval } from "@dgb-shield/client";
import type { FleetReport } from "@dgb-shield/sentinel";
import type {
  ClaimAnswer,
  CommitOptions,
  DestinationTarget,
  FreezeList,
  FreezeTarget,
  LedgerIdentity,
  LedgerRecord,
  OperationRejection,
  OperationResult,
  PageOptions,
  PaymentList,
  PaymentStatus,
  ReleaseOptions,
  ScopeView,
  UnfreezeTarget,
} from "@dgb-shield/wallet-guardian";
import type { AuditState, RecordProof, Unproven } from "../audit/index.js";
import type { ClockAcceptance } from "../pipeline/index.js";
import type { Change } from "./governance/change.js";
import type { GovernanceRefusal } from "./governance/decide.js";
import type { GovernanceView, Proposal } from "./governance/view.js";
import type { Actor } from "./keys/actor.js";
import type { ApiKey } from "./keys/key.js";
import type { Mode } from "./config/schema.js";
import type { Continuation } from "./runtime/places/continuation.js";
import type { Place } from "./runtime/places/place.js";
import type { Jwk } from "./signing/issue-token.js";

/** What a caller does next. */
export const NEXT_STEPS = ["claim", "approve", "retry", "stop"] as const;
/**
 * `claim`: permitted so far, claim it before signing. `approve`: permitted once approvals are given. `retry`: ask again
 * after `retry_after_ms`. `stop`: this payment will not pass as it is.
 */
export type NextStep = (typeof NEXT_STEPS)[number];

/** One reason, worst layer first. */
export type Reason = Readonly<{
  /** `service`: a veto of the composition. */
  layer: "service" | "guardian" | "guard";
  /** Stable; listed in the document of its layer. */
  code: string;
  /** For a person; null where the code is all there is. */
  text: string | null;
}>;

/** The decision on a payment. */
export type PaymentAnswer = Readonly<{
  payment_id: string;
  wallet_id: string;
  /** False in observe mode: `final` is what would hold, and the caller goes on as before. */
  enforced: boolean;
  final: "ALLOW" | "REFUSED";
  next: NextStep;
  /** When asking again could help, in milliseconds. */
  retry_after_ms?: number;
  /** Of an ALLOW: how long it can be claimed, in milliseconds from this answer on. */
  valid_for_ms?: number;
  valid_until_ms?: number;
  /** The same ALLOW was given before and still holds. */
  repeated?: true;
  /** What an approval of this payment binds to: the hash of id, amount and destinations; null for what is no payment. */
  binds: string | null;
  /** What approvers sign; null where approvals are not signed, or the request has no destinations or fee. */
  terms: PaymentTerms | null;
  reasons: readonly Reason[];
  guardian: WithdrawalRecord["guardian"];
  guard: Readonly<{ decision: string; reason_id: string; reason: string }>;
  veto: WithdrawalRecord["veto"];
  inputs: WithdrawalRecord["inputs"];
  /** Where balance, age of the destinations and behaviour come from; absent where the answer of an earlier version is repeated. */
  provenance?: Provenance;
  decided_at_ms: number;
  /** Whether the decision is in the ledger; where it is not, nothing was reserved. */
  recorded: boolean;
}>;

/** What would be answered, without a record or a reservation. */
export type SimulatedAnswer = Omit<PaymentAnswer, "recorded" | "repeated">;

/** A payment as the ledger has it. */
export type PaymentView = Readonly<{
  payment_id: string;
  wallet_id: string;
  account_id: string | null;
  /** Coins. */
  amount: string;
  status: "open" | "reserved" | "claimed" | "committed" | "released";
  txid: string | null;
  /** Where it goes, of all payouts, once it was allowed; null before, and where no destinations were given. */
  destinations: readonly Readonly<{ address: string; amount: string }>[] | null;
  /** Coins, of all payouts; null where none was given. */
  max_fee: string | null;
  approvals: readonly PaymentApproval[];
  /** What approvers sign; null where that is not known: ask for the payment again. */
  terms: PaymentTerms | null;
}>;

/** An approval by the holder of an approver's key. */
export type PaymentApproval = Readonly<{
  payment_id: string;
  approver: string;
  approved_at_ms: number;
  /** What was approved: the hash of id, amount and destinations, or of the terms that were signed. */
  binds: string;
  /** Of a signed approval: by which key, until when, and the signature. */
  signed?: Readonly<{ key_id: string; expires_at_ms: number; signature: string }> | undefined;
}>;

/** An approval that was not recorded. */
export type ApprovalRefusal = Readonly<{
  refused: "signature_required" | "approval_refused";
  detail: string;
}>;

/** Codes of a claim that the Guardian did not refuse. */
export const TOKEN_CODES = ["terms_incomplete", "approvals_missing", "token_unavailable"] as const;

/** The answer to a claim; only ALLOW permits signing, with the token where tokens are issued. */
export type PaymentClaim = Omit<ClaimAnswer, "reason_codes"> &
  Readonly<{
    reason_codes: readonly (ClaimAnswer["reason_codes"][number] | (typeof TOKEN_CODES)[number])[];
    enforced: boolean;
    /** A compact JWS, which the signer verifies. */
    token?: string;
  }>;

/** What became of a payment, by the records of it. `held`: the last answer was a refusal. */
export const PAYMENT_STANDINGS = ["held", "allowed", "claimed", "committed", "released"] as const;
/** See `PAYMENT_STANDINGS`. */
export type PaymentStanding = (typeof PAYMENT_STANDINGS)[number];

/** What would have to be different for a refused payment to pass, as it was when it was refused. */
export type WouldPass = Readonly<{
  /** Largest amount that would have passed then, in coins; null: none is known. */
  amount: string | null;
  /** When the same amount could pass, milliseconds since 1970; null: waiting alone does not help, or is not needed. */
  at_ms: number | null;
  /** Whether the evidence has to become calmer as well. */
  calmer: boolean;
  /** Approvals that it needs, where they help. */
  approvals: Readonly<{
    missing: number;
    given: number;
    methods: readonly string[];
    /** What each has to bind to; null where that is not known. */
    binds: string | null;
  }> | null;
}>;

/** The latest decision on a payment, as the ledger has it. */
export type Decision = Readonly<{
  /** Number of its record. */
  seq: number;
  payment_id: string;
  wallet_id: string;
  account_id: string | null;
  /** Coins, of all payouts; null where the request was malformed. */
  amount: string | null;
  max_fee: string | null;
  payouts: number;
  /** The first 20; the count covers all. */
  destinations: readonly Readonly<{ address: string; amount: string }>[];
  destinations_count: number;
  enforced: boolean;
  final: "ALLOW" | "REFUSED";
  next: NextStep;
  standing: PaymentStanding;
  veto: WithdrawalRecord["veto"];
  reasons: readonly Reason[];
  /** Limits that are breached, and of which scopes. */
  breaches: NonNullable<WithdrawalRecord["guardian"]["breaches"]>;
  /** Null where it was allowed. */
  would_pass: WouldPass | null;
  decided_at_ms: number;
  /** The first decision on it that is known, and how many there were. */
  first_at_ms: number;
  attempts: number;
}>;

/** A tip that some own node knows, and that is not its own. */
export type SideTip = Readonly<{
  hash: string;
  height: number;
  /** Last block that it shares with the chain of the node that knows it. */
  fork_height: number | null;
  /** As `getchaintips` names it; `invalid`: the node refuses it. */
  status: string;
  /** Names of the nodes that know it so. */
  nodes: readonly string[];
}>;

/** Up to which block deposits can be credited, and why no higher. */
export type Credit = Readonly<{ height: number | null; reason: string }>;

/**
 * Why there is no statement of the tip. `no_tip_key`: no key is configured. `tip_unknown`: what the nodes show cannot be
 * relied on now. `tip_not_signed`: the key did not sign.
 */
export type NoTipStatement = Readonly<{
  no_statement: "no_tip_key" | "tip_unknown" | "tip_not_signed";
  detail: string;
}>;

/** The public half of the key that signs statements of the tip. */
export type TipKey = Readonly<{
  operator: string;
  key_id: string;
  /** Base64. */
  public_keys: Readonly<{ ed25519: string; ml_dsa_65: string }>;
}>;

/** A reorganisation that an own node showed. */
export type Reorganisation = Readonly<{
  at_ms: number;
  node_id: string;
  /** Blocks that fell out, and the last one that stayed. */
  depth: number;
  fork_height: number;
}>;

/** How the last days went, in steps; each series has one value for each time, null where nothing is known. */
export type History = Readonly<{
  /** When the record begins, which is kept over restarts; null: nothing was recorded yet. */
  since_ms: number | null;
  until_ms: number;
  step_ms: number;
  /** Target spacing of blocks. */
  spacing_seconds: number;
  /** Beginnings of the steps. */
  times: readonly number[];
  /** The worst of each step. */
  states: readonly (ServiceState | null)[];
  scores: readonly (number | null)[];
  advisories: readonly (NetworkView["level"] | null)[];
  nodes: readonly Readonly<{
    node_id: string;
    heights: readonly (number | null)[];
    levels: readonly (RiskLevel | null)[];
  }>[];
  /** Blocks by the time of their headers; null: another process watches the nodes. */
  blocks: Readonly<{
    counts: readonly number[];
    algorithms: readonly Readonly<{ name: string; counts: readonly number[] }>[];
  }> | null;
  reorgs: readonly Reorganisation[];
  /** Who follows which branch, whenever that changed; the first one holds at the beginning. */
  changes: readonly Readonly<{ at_ms: number; branches: FleetReport["branches"] }>[];
}>;

/** Which decisions to list. */
export type DecisionQuery = Readonly<{
  /** `REFUSED`: those whose last answer was a refusal. */
  final?: "ALLOW" | "REFUSED" | undefined;
  /** Below which number of a record. */
  before?: number | undefined;
  limit: number;
  isShown: (decision: Decision) => boolean;
}>;

/** Decisions, newest first. */
export type DecisionList = Readonly<{
  decisions: readonly Decision[];
  /** All that the query has, of those that are kept. */
  total: number;
  /** False: older payments are no longer kept in memory; the records have them. */
  complete: boolean;
  /** `before` of the next page; null: this was the last one. */
  next: number | null;
}>;

/** What counted as balance, age and behaviour; null: nothing, or what is no such value. */
export type CountedFacts = Readonly<{
  /** Coins. */
  wallet_balance: string | number | null;
  address_age_days: number | null;
  behaviour_score: number | null;
}>;

/** One record of a payment. */
export type TimelineEntry = Readonly<{
  seq: number;
  at_ms: number;
  kind: string;
  /** The record's hash: its leaf in the signed tree. */
  hash: string;
  decision: string | null;
  /** Reason of layer 5. */
  guard: string | null;
  reason_codes: readonly string[];
  facts: Readonly<Record<string, string>>;
  /** Of a decision: the sources of three facts, and what counted; null where the record does not state it. */
  provenance: Provenance | null;
  counted: CountedFacts | null;
  /** Whether the last signed checkpoint covers it. */
  proven: boolean;
}>;

/** Everything that is recorded of one payment, as far as it is kept in memory. */
export type PaymentTimeline = Readonly<{
  payment_id: string;
  checkpoint_at_ms: number | null;
  entries: readonly TimelineEntry[];
}>;

/** The outcome of a request for which there is no such thing. */
export type Missing = Readonly<{ missing: true }>;

/** The outcome of an order on layers 1 to 3 where the process that watches did not answer. */
export type NotDone = Readonly<{
  /**
   * `watcher_unavailable`: nothing was changed. `order_unconfirmed`: it may have been carried out.
   */
  not_done: "watcher_unavailable" | "order_unconfirmed";
  /** Name of the process that watches; null where none is known. */
  watcher: string | null;
}>;

/** The outcome of a call that loosens, where changes are governed: the change to propose in its place. */
export type Governed = Readonly<{ governed: Change }>;

/** Whether a process watches the nodes, or decides on what another one watches. */
export type ServiceRole = Readonly<{
  watches: boolean;
  /** Name of the process that watches; null where none is known. */
  watcher: string | null;
  /** Age of the evidence of another process, in milliseconds; null where this one watches, and where there is none. */
  evidence_age_ms: number | null;
}>;

/** How far the publishing of events is. */
export type EventDelivery = Readonly<{
  /** Events that are on the disk and that the stream has not taken. */
  pending: number;
  /** Since the start. */
  delivered: number;
  dropped: number;
  last_error: string | null;
  /** Number of the last record whose events the stream has taken; null where another process publishes. */
  published_seq: number | null;
}>;

/** How the delivery to one webhook is. */
export type WebhookState = Readonly<{
  name: string;
  /** Since the start: events that were taken, tries that failed, records that were pruned before they were delivered. */
  delivered: number;
  failures: number;
  missed: number;
  /** What went wrong last; null while it works. */
  failure: string | null;
  /** Number of the last record that was handled; null where another process delivers. */
  delivered_seq: number | null;
  /** How long the event that is not taken has waited since it happened, in milliseconds; 0 where none waits. */
  waiting_ms: number;
}>;

/** The proof of a record, or why there is none: no such record, not the one that was signed, no checkpoint that covers it, no audit. */
export type RecordProofAnswer =
  RecordProof | Missing | Readonly<{ unproven: Unproven | "no_audit" }>;

/** States of the service, the first that applies. */
export const SERVICE_STATES = ["blind", "stopped", "restricted", "open"] as const;
/**
 * `blind`: sources, clock, state or ledger cannot be relied on, nothing is paid. `stopped`: the evidence forbids every
 * payment. `restricted`: some wallets are held. `open`: payments are decided by their own merits.
 */
export type ServiceState = (typeof SERVICE_STATES)[number];

/** What can be done about a state, and with which role. */
export type Remedy = Readonly<{ role: "operator" | "approver" | "host"; text: string }>;

/** The answer to "may I pay out now, and why (not)?". */
export type ServiceStatus = Readonly<{
  state: ServiceState;
  /** One sentence. */
  summary: string;
  since_ms: number;
  as_of_ms: number;
  cause: Readonly<{ code: string; text: string }> | null;
  remedies: readonly Remedy[];
  /** Wallets that only record. */
  observing: boolean;
  /** Whether a proposal waits for approvals. */
  awaiting_second_key: boolean;
  /** What the evidence is: live nodes, or a recording that is played. */
  evidence: "live" | "recording";
  chain: string;
  deployment_id: string;
  wallets: readonly Readonly<{
    wallet_id: string;
    mode: Mode;
    state: ServiceState;
    cause: string | null;
  }>[];
  level: RiskLevel;
  lockdown: DefenseState["lockdown"];
  sources: WithdrawalRecord["inputs"]["sources"];
}>;

/** Findings, lockdown and freezes of one cause. */
export type Incident = Readonly<{
  /** Stable while it is open. */
  incident_id: string;
  /** Detector, or type of the defense's event. */
  cause: string;
  severity: number;
  level: RiskLevel;
  since_ms: number;
  summary: string;
  findings: readonly Readonly<{ node_id: string; finding_id: string; summary: string }>[];
  defense_events: readonly string[];
  /** Whether it holds until it is released. */
  latched: boolean;
}>;

/** An incident with its end: what it was at its worst. */
export type PastIncident = Incident &
  Readonly<{
    /** When it was seen no longer; null while it is open. */
    ended_ms: number | null;
    /** By whom it was released last, and why; null where it was not released. */
    released: Readonly<{ at_ms: number; operator: string; reason: string }> | null;
  }>;

/** Which incidents to list: those that were open at some time in a range. */
export type IncidentQuery = Readonly<{
  status: "open" | "ended" | "all";
  from_ms: number;
  to_ms: number;
  limit: number;
}>;

/** Incidents of a range, the latest first. */
export type IncidentPage = Readonly<{
  incidents: readonly PastIncident[];
  /** How many more there are. */
  left_out: number;
  /** From when on all are kept. */
  since_ms: number;
}>;

/** What a release lifted. */
export type IncidentRelease = Readonly<{ released: readonly string[]; lifted_freezes: number }>;

/** The event of a record: what was decided or done, without persons and amounts. */
export type RecordEvent = Readonly<{
  /** Number of the record in the ledger: the same for every process. A restored ledger gives it again. */
  seq: number;
  /** Marks the record by its content: another one that has its number has another mark. */
  mark: string;
  at_ms: number;
  /** `payment`, `alert`, or the kind of the record. */
  type: string;
  data: JsonObject;
}>;

/** An event of the moment, which no reader gets later: the status, what a layer found. */
export type MomentEvent = Readonly<Omit<RecordEvent, "seq" | "mark">>;

/** What a subscriber is called back with. */
export type EventSubscriber = Readonly<{
  onEvent?: (event: MomentEvent) => void;
  /** The ledger may have new records. */
  onRecorded?: () => void;
}>;

/** Whether requests can be served, and what is wrong where they cannot. */
export type Readiness = Readonly<{
  ready: boolean;
  checks: readonly Readonly<{ name: string; ok: boolean; detail: string }>[];
}>;

/** The events of the ledger's records; every method rejects where it cannot be read. */
export type Journal = Readonly<{
  /** Which ledger it is, and its epoch: what was read before the epoch changed may not be in it any more. */
  journalIdentity(): Promise<LedgerIdentity>;
  /** The place of the newest record. */
  journalHead(): Promise<Place & LedgerIdentity>;
  /** The events of at most `limit` records after a number, in order. */
  journalAfter(seq: number, limit: number): Promise<readonly RecordEvent[]>;
  /**
   * Where a reader goes on that has everything up to a place.
   *
   * @param most newest records that are searched for where the place's epoch ended
   */
  journalContinuation(place: Place, most: number): Promise<Continuation>;
}>;

/** What the service does. */
type Methods = Readonly<{
  status(): Promise<ServiceStatus>;
  readiness(): Promise<Readiness>;
  /** What this process does among those of its deployment. */
  role(): ServiceRole;
  /** How far the publishing of events is; null without NATS. */
  delivery(): EventDelivery | null;
  /** How the delivery to each webhook is. */
  webhooks(): readonly WebhookState[];
  /** Decides on a payment, or a withdrawal; the same id and content may be asked again. */
  decide(request: JsonObject): Promise<PaymentAnswer>;
  /** As `decide`, without a record, a reservation or a count. */
  simulate(request: JsonObject): Promise<SimulatedAnswer>;
  payment(paymentId: string): Promise<PaymentView | Missing | OperationRejection>;
  payments(
    page: PageOptions & Readonly<{ status?: PaymentStatus }>,
  ): Promise<PaymentList | OperationRejection>;
  /**
   * Records an approver's approval; durable when it resolves. It counts for a payment whose `binds` is the same.
   *
   * @param given `binds` as `decide` or `simulate` gave it, or what an approver signed: once an approver's key was
   * configured, only that counts
   */
  approve(
    paymentId: string,
    given: Readonly<{ binds: string }> | SignedApproval,
    by: Actor,
  ): Promise<PaymentApproval | ApprovalRefusal>;
  claim(
    paymentId: string,
    claim: Readonly<{
      signer_id: string;
      transaction?: Readonly<{ inputs: readonly string[]; txid?: string | undefined }> | undefined;
    }>,
  ): Promise<PaymentClaim>;
  /** The keys that verify tokens. */
  jwks(): readonly Jwk[];
  commit(paymentId: string, options: CommitOptions): Promise<OperationResult>;
  release(paymentId: string, options: ReleaseOptions): Promise<OperationResult | Governed>;
  /** As `release`, by the gateway of this host, whose proof is its own: no call over HTTP comes here. */
  releaseUnsent(paymentId: string, options: ReleaseOptions): Promise<OperationResult>;
  registerDestination(target: DestinationTarget): Promise<OperationResult>;
  approveDestination(
    target: DestinationTarget,
    reason: string,
    by: Actor,
  ): Promise<OperationResult | Governed>;
  /** Takes in signals of another site; a rejected one is counted and changes nothing. */
  receive(
    signals: readonly SignalV2[],
  ): Promise<Readonly<{ accepted: number; refused: number }> | NotDone>;
  network(): Promise<NetworkView>;
  /** Reports of the own nodes, branches and findings of the fleet; null before the first poll. */
  chain(): Promise<FleetReport | null>;
  /** Tips that own nodes know and do not follow; null where another process watches them. */
  sideTips(): readonly SideTip[] | null;
  /** Up to which block deposits can be credited. */
  credit(): Promise<Credit>;
  /** Which tip the own nodes follow, signed; `shield tip verify` verifies it without a connection. */
  tipStatement(): Promise<DsseEnvelope | NoTipStatement>;
  /** The key that signs it, for comparing; null where none is configured. */
  tipKey(): TipKey | null;
  /** How the last hours (1–168) went, in at most `points` steps. */
  history(hours: number, points: number): History;
  reports(): Promise<readonly SentinelReport[]>;
  defense(): Promise<DefenseState>;
  wallet(walletId: string): Promise<ScopeView | OperationRejection>;
  account(accountId: string): Promise<ScopeView | OperationRejection>;
  freezes(page: PageOptions): Promise<FreezeList | OperationRejection>;
  freeze(scope: FreezeTarget, id: string, reason: string, by: Actor): Promise<OperationResult>;
  unfreeze(
    scope: UnfreezeTarget,
    id: string,
    reason: string,
    by: Actor,
  ): Promise<OperationResult | Governed>;
  acceptClock(reason: string, by: Actor): Promise<ClockAcceptance | NotDone | Governed>;
  incidents(): Promise<readonly Incident[]>;
  /** Incidents of a time range, ended ones too; rejects where they cannot be read. */
  pastIncidents(query: IncidentQuery): Promise<IncidentPage>;
  /** Releases what one cause latched, and the risk freezes where no other cause is left. */
  releaseIncident(
    incidentId: string,
    reason: string,
    by: Actor,
  ): Promise<IncidentRelease | Missing | NotDone | Governed>;
  /** How changes are governed; null where one operator's key suffices. */
  governance(): GovernanceView | null;
  /** Proposals, the newest first; closed ones for a while. */
  proposals(): readonly Proposal[];
  propose(change: Change, reason: string, by: Actor): Promise<Proposal | GovernanceRefusal>;
  vote(
    proposalId: string,
    vote: Readonly<{ vote: "approve" | "reject"; reason: string | null }>,
    by: Actor,
  ): Promise<Proposal | GovernanceRefusal>;
  withdrawProposal(
    proposalId: string,
    reason: string,
    by: Actor,
  ): Promise<Proposal | GovernanceRefusal>;
  /** Revokes a key at once, but for a reporter's, and the last ones that governance needs. */
  revokeKey(
    keyId: string,
    reason: string,
    by: Actor,
  ): Promise<ApiKey | GovernanceRefusal | Governed>;
  /** The keys that count, where changes are governed; null: those of the file do. */
  governedKeys(): readonly ApiKey[] | null;
  records(afterSeq: number, limit: number): Promise<readonly LedgerRecord[] | OperationRejection>;
  /** The latest decision on each payment; rejects where the ledger cannot be read. */
  decisions(query: DecisionQuery): Promise<DecisionList>;
  /** The records of a payment; rejects where the ledger cannot be read. */
  timeline(paymentId: string): Promise<PaymentTimeline>;
  /** Proves that a record is in the last signed tree. */
  recordProof(seq: number): Promise<RecordProofAnswer>;
  /** How the audit stands; null where none is configured. */
  audit(): AuditState | null;
  /** Calls back for each event of the moment from now on; returns how to end that. */
  subscribe(subscriber: EventSubscriber): () => void;
  /**
   * Counts calls of a gateway, for the defense: made, refused for what they are, with wrong credentials.
   *
   * @param times how many: 1
   */
  countRpc(outcome: "calls" | "refused" | "unauthorized", times?: number): void;
  /** Ends watching, waits for what is under way, closes the ledger. */
  close(): Promise<void>;
}>;

/** The service. */
export type Service = Methods & Journal;
