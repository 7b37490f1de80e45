/** Layers 4 and 5 on one request: the Guardian decides, and asks QWG inside its transaction. */
import {
  canonicalize,
  ContractError,
  type DecisionRecord,
  decisionRecordSchema,
  type DefenseState,
  GUARDIAN_RISK_OF_LEVEL,
  type GuardianDecision,
  type JsonObject,
  LEVEL_OF_ADVISORY,
  type NetworkView,
  parseStrictJson,
  type SentinelReport,
  worstLevel,
} from "@dgb-shield/contract";
import type { DecisionEngine } from "@dgb-shield/quantum-wallet-guard";
import type { Guardian } from "@dgb-shield/wallet-guardian";

/** All evidence about risk; a caller never gives it. */
export type Evidence = DecisionRecord["inputs"];

/** A decision, and whether its record is in the ledger. */
export type Decided = Readonly<{
  /** Whether the withdrawal was reserved and may be signed. */
  final: boolean;
  record: DecisionRecord;
  recorded: boolean;
}>;

/** What a decision needs besides the request. */
export type DecisionParts = Readonly<{
  guardian: Guardian;
  qwg: DecisionEngine;
  evidence: Evidence;
  unknown_network: "refuse" | "elevated";
  nowMs: number;
}>;

/** Characters of a request at most: more than 1,000 destinations need, and small enough to be recorded whole. */
const MAX_REQUEST_LENGTH = 250_000;

/** Fields of a request that QWG reads; all others are the Guardian's, which refuses unknown ones. */
const CONTEXT_FIELDS = [
  "wallet_balance",
  "behaviour_score",
  "trusted_device",
  "address_age_days",
  "device_id",
  "user_id",
] as const;

/**
 * The evidence of one moment. Without a report of the own node it is critical, and so is a node in
 * FULL lockdown: it refuses withdrawals, whatever level led there.
 */
export function evidenceOf(picture: {
  report: SentinelReport | undefined;
  view: NetworkView;
  defense: DefenseState;
}): Evidence {
  const { report, view, defense } = picture;
  const sentinel_level = report?.level ?? "critical";
  const adn_level = defense.lockdown === "FULL" ? "critical" : defense.level;
  const worst = worstLevel([sentinel_level, adn_level, LEVEL_OF_ADVISORY[view.level]]);
  return {
    sentinel_level,
    adn_level,
    dqs_network_score: view.score,
    dqs_advisory: view.level,
    network_digest: view.digest,
    guardian_risk: GUARDIAN_RISK_OF_LEVEL[worst],
  };
}

/** Decides one request; whatever fails, the answer is not an ALLOW. */
export async function decideWith(request: unknown, parts: DecisionParts): Promise<Decided> {
  const asked = split(plainCopy(request));
  const risk = parts.evidence.guardian_risk;
  const answer = await parts.guardian.evaluate(asked.withdrawal, risk, {
    finalize: (decision) => {
      const record = conclude(decision, asked, parts);
      return { allow: record.final === "ALLOW", record: toJson(record) };
    },
  });
  const { final, record, ...decision } = answer;
  if (record === undefined) {
    return { final, record: conclude(decision, asked, parts), recorded: false };
  }
  return { final, record: decisionRecordSchema.parse(record), recorded: true };
}

type Asked = Readonly<{ withdrawal: JsonObject; caller: JsonObject }>;

/** QWG's word on the Guardian's decision, and the record of everything that made it. */
function conclude(guardian: GuardianDecision, asked: Asked, parts: DecisionParts): DecisionRecord {
  const { evidence, nowMs, unknown_network } = parts;
  const { sentinel_level, adn_level, dqs_network_score, dqs_advisory } = evidence;
  const context = toJson({
    ...asked.caller,
    sentinel_level,
    adn_level,
    dqs_network_score,
    dqs_advisory,
    tx_amount: asked.withdrawal["amount"] ?? null,
    tx_id: guardian.withdrawal_id || null,
    wallet_fingerprint: guardian.wallet_id || null,
    guardian_decision: guardian.decision,
    guardian_reason_codes: guardian.reason_codes,
    created_at: nowMs,
  });
  const result = parts.qwg.evaluate(context);
  const isUnknown = evidence.dqs_advisory === "UNKNOWN" && unknown_network === "refuse";
  const veto = result.may_broadcast && isUnknown ? "network_unknown" : null;
  const isAllowed = guardian.decision === "ALLOW" && result.may_broadcast && veto === null;
  return {
    record_version: 1,
    decided_at_ms: nowMs,
    withdrawal: asked.withdrawal,
    inputs: evidence,
    guardian,
    context,
    result: { ...result },
    veto,
    final: isAllowed ? "ALLOW" : "REFUSED",
  };
}

/** A copy that nobody else holds; a request that is too large or not plain JSON counts as an empty one. */
function plainCopy(request: unknown): JsonObject {
  try {
    const text = canonicalize(request);
    if (text.length > MAX_REQUEST_LENGTH) return {};
    const copy = parseStrictJson(text);
    return typeof copy === "object" && copy !== null && !Array.isArray(copy) ? copy : {};
  } catch (error) {
    if (error instanceof ContractError) return {};
    throw error;
  }
}

function split(request: JsonObject): Asked {
  const isCallers = ([name]: [string, unknown]) => CONTEXT_FIELDS.some((field) => field === name);
  const fields = Object.entries(request);
  return {
    withdrawal: Object.fromEntries(fields.filter((field) => !isCallers(field))),
    caller: Object.fromEntries(fields.filter(isCallers)),
  };
}

const toJson = (value: object): JsonObject => parseStrictJson(canonicalize(value)) as JsonObject;
