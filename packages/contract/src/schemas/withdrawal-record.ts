/** The record of one withdrawal decision with all inputs that made it (design, sections 8 and 10). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { looseObject, oneOf, strictObject } from "./own-object.js";
import {
  advisoryLevelSchema,
  guardianRiskSchema,
  hash256Schema,
  idSchema,
  jsonObjectSchema,
  riskLevelSchema,
  scoreSchema,
  timeMsSchema,
} from "./primitives.js";
import { LOCKDOWNS } from "./defense-state.js";
import { guardianDecisionSchema } from "./guardian-decision.js";

/** Decisions of Quantum Wallet Guard, mildest first. */
export const QWG_DECISIONS = frozen(["allow", "warn", "require_extra_auth", "delay", "block"]);
/** One of `QWG_DECISIONS`. */
export type QwgDecisionName = (typeof QWG_DECISIONS)[number];

const vetoes = [
  "clock_untrusted",
  "state_unavailable",
  "own_node_stale",
  "network_unknown",
  "evidence_changed",
  "balance_unavailable",
] as const;

/** Where a fact about a payment comes from: a node that was asked, the ledger's own history, or the caller's statement. */
export const FACT_SOURCES = frozen(["node", "ledger", "caller"]);
/** One of `FACT_SOURCES`. */
export type FactSource = (typeof FACT_SOURCES)[number];

const fact = {
  source: oneOf(FACT_SOURCES),
  /** What the caller stated where that did not count; null where it stated nothing, or its word is what counts. */
  stated: z.union([z.string().max(64), z.number()]).nullable(),
  /** Whether the caller stated what a decision could have been milder by. */
  contradicted: z.boolean(),
};

/** Where three facts of the context come from. */
const provenanceSchema = strictObject({
  wallet_balance: strictObject({
    ...fact,
    /** The node that was asked; null where none was. */
    node_id: idSchema.nullable(),
    /** Time since it was asked, in milliseconds; null where it gave no balance, or none was asked. */
    age_ms: z.int().min(0).nullable(),
  }),
  address_age_days: strictObject(fact),
  behaviour_score: strictObject(fact),
});
/** Where three facts of a decision's context come from. */
export type Provenance = z.infer<typeof provenanceSchema>;

/** State of one own node. */
const sourceSchema = strictObject({
  node_id: idSchema,
  /** UNSEEN: it has not reported since the start. */
  status: oneOf(["WATCHING", "SYNCING", "UNREACHABLE", "UNSEEN"]),
  level: riskLevelSchema,
  observed_at_ms: timeMsSchema.nullable(),
  /** Age of its report in milliseconds; null where no clock gives it. */
  age_ms: z.int().min(0).nullable(),
  /** Whether it was WATCHING and young enough to decide by. */
  fresh: z.boolean(),
});

const levels = {
  sentinel_level: riskLevelSchema,
  adn_level: riskLevelSchema,
  dqs_network_score: scoreSchema,
  dqs_advisory: advisoryLevelSchema,
  network_digest: hash256Schema,
  guardian_risk: guardianRiskSchema,
};

const rest = {
  decided_at_ms: timeMsSchema,
  withdrawal: jsonObjectSchema,
  guardian: guardianDecisionSchema,
  context: jsonObjectSchema,
  result: looseObject({
    decision: oneOf(QWG_DECISIONS),
    reason_id: z.string().min(1),
    reason: z.string().min(1),
    may_broadcast: z.boolean(),
  }),
  /** Whether the withdrawal may be signed: the final allow, and nothing else. */
  final: oneOf(["ALLOW", "REFUSED"]),
};

/** The record of one decision. */
export const withdrawalRecordSchema = strictObject({
  record_version: z.literal(2),
  ...rest,
  /** Canonical hash of the policy that QWG decided by. */
  qwg_policy_version: hash256Schema,
  inputs: strictObject({
    ...levels,
    /** Since when the risk has been LOW without a break; null while it is not, absent in records of earlier versions. */
    risk_low_since_ms: timeMsSchema.nullable().optional(),
    /** Whether the site's clock was trusted; `invalid` where it gave no time. */
    clock: oneOf(["trusted", "behind", "ahead", "invalid"]),
    /** The own nodes. */
    sources: z.array(sourceSchema).max(64),
    /** How many of them had to be fresh. */
    min_fresh_nodes: z.int().min(1),
    view_as_of_ms: timeMsSchema,
    lockdown: oneOf(LOCKDOWNS),
    defense_as_of_ms: timeMsSchema,
    /** Number of the durable state of layers 1 to 3; 0 where none is kept. */
    state_generation: z.int().min(0),
  }),
  /** Where facts of the context come from; absent in records of earlier versions. */
  provenance: provenanceSchema.optional(),
  /** Why the withdrawal is refused whatever the layers answer; null where nothing forbids it. */
  veto: oneOf(vetoes).nullable(),
});
/** What `withdrawalRecordSchema` accepts. */
export type WithdrawalRecord = z.infer<typeof withdrawalRecordSchema>;

/** A record as version 1 wrote it: without times and states of the evidence. */
const firstRecordSchema = strictObject({
  record_version: z.literal(1),
  ...rest,
  inputs: strictObject(levels),
  veto: oneOf(["network_unknown"]).nullable(),
});

/** The record of one decision, of this version or an earlier one: what a ledger may hold. */
export const storedWithdrawalRecordSchema = z.union([withdrawalRecordSchema, firstRecordSchema]);
/** What `storedWithdrawalRecordSchema` accepts. */
export type StoredWithdrawalRecord = z.infer<typeof storedWithdrawalRecordSchema>;
