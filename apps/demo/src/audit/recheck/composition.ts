/** Checks that the parts of a record fit each other: what the composition makes of evidence and both answers. */
import {
  isAmount,
  type JsonObject,
  type JsonValue,
  parseAmount,
  type Provenance,
  type StoredWithdrawalRecord,
} from "@dgb-shield/contract";
import { guardianRiskOf } from "../../pipeline/evidence.js";

/** Names what does not fit; null where everything does. */
export function composedDifference(record: StoredWithdrawalRecord): string | null {
  const { guardian, result, veto, final } = record;
  const isAllowed = guardian.decision === "ALLOW" && result.may_broadcast && veto === null;
  // A guardian may be refused after its decision; what it refused is never allowed.
  if (final === "ALLOW" && !isAllowed) return "it is final: ALLOW, and one of its parts forbids it";
  if (final !== "ALLOW" && isAllowed)
    return "it is final: REFUSED, and none of its parts forbids it";
  return (
    contextDifference(record) ??
    provenanceDifference(record) ??
    vetoDifference(record) ??
    riskDifference(record)
  );
}

/** Holds the recorded sources of facts against the context; nothing of it is in earlier records. */
function provenanceDifference(record: StoredWithdrawalRecord): string | null {
  const { provenance } = "provenance" in record ? record : {};
  if (provenance === undefined) return null;
  const { source, age_ms, stated, contradicted } = provenance.wallet_balance;
  const balance = record.context["wallet_balance"];
  const ofFacts =
    ageDifference(provenance.address_age_days, record.context["address_age_days"]) ??
    behaviourDifference(provenance.behaviour_score, record.context["behaviour_score"]);
  if (ofFacts !== null) return ofFacts;
  if (source === "node" && age_ms === null) {
    if (record.veto === null) return "no veto is recorded, and the balance was not proven";
    return isAmount(balance) ? "a balance is recorded that no node gave" : null;
  }
  const isMore =
    source === "node" &&
    isAmount(stated) &&
    isAmount(balance) &&
    parseAmount(stated) > parseAmount(balance);
  return isMore === contradicted
    ? null
    : `contradicted: ${contradicted} is recorded, and the balances give ${isMore}`;
}

/** What the Quantum Wallet Guard was given, against what the record holds beside it. */
function contextDifference(record: StoredWithdrawalRecord): string | null {
  const { guardian, inputs } = record;
  const { context } = record;
  const expected: JsonObject = {
    sentinel_level: inputs.sentinel_level,
    adn_level: inputs.adn_level,
    dqs_network_score: inputs.dqs_network_score,
    dqs_advisory: inputs.dqs_advisory,
    tx_id: guardian.withdrawal_id || null,
    wallet_fingerprint: guardian.wallet_id || null,
    guardian_decision: guardian.decision,
    created_at: record.decided_at_ms,
  };
  const wrong = Object.keys(expected).find((name) => context[name] !== expected[name]);
  return wrong === undefined ? null : `the context's ${wrong} is not the record's`;
}

function ageDifference(
  { source, stated, contradicted }: Provenance["address_age_days"],
  days: JsonValue | undefined,
): string | null {
  const isMore = source === "ledger" && isNumber(stated) && isNumber(days) && stated > days;
  return isMore === contradicted
    ? null
    : `contradicted: ${contradicted} is recorded, and the ages give ${isMore}`;
}

/** The ledger's score counts where the caller stated a lower one, which would have made the payment more usual. */
function behaviourDifference(
  { source, stated, contradicted }: Provenance["behaviour_score"],
  score: JsonValue | undefined,
): string | null {
  if (source === "ledger" && !isNumber(score))
    return "the ledger's behaviour is recorded as what counts, and the context has no score";
  const isLess = source === "ledger" && isNumber(stated) && isNumber(score) && stated < score;
  return isLess === contradicted
    ? null
    : `contradicted: ${contradicted} is recorded, and the scores give ${isLess}`;
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** A veto that the recorded evidence demands. */
function vetoDifference({ inputs, veto }: StoredWithdrawalRecord): string | null {
  if (veto !== null || !("sources" in inputs)) return null;
  if (inputs.clock !== "trusted") return `no veto is recorded, and the clock was ${inputs.clock}`;
  const fresh = inputs.sources.filter((source) => source.fresh).length;
  return fresh < inputs.min_fresh_nodes
    ? `no veto is recorded, and ${fresh} of ${inputs.min_fresh_nodes} nodes were fresh`
    : null;
}

function riskDifference({ inputs }: StoredWithdrawalRecord): string | null {
  const risk = guardianRiskOf(inputs);
  return risk === inputs.guardian_risk
    ? null
    : `risk ${inputs.guardian_risk} is recorded, and the levels give ${risk}`;
}
