/** Selects the source of each fact that QWG reads of a payment, and records it (design, section 10). */
import {
  isAmount,
  type JsonObject,
  type JsonValue,
  parseAmount,
  type Provenance,
} from "@dgb-shield/contract";
import { type AskedBalance, MAX_BALANCE_AGE_MS } from "./balances.js";
import type { Inputs } from "./evidence.js";

/** What QWG reads of a payment, and where it comes from. */
export type Proven = Readonly<{
  /** The caller's fields, with what is proven in their place. */
  fields: JsonObject;
  provenance: Provenance;
  /** Whether a balance had to be proven, and is not. */
  isBalanceMissing: boolean;
}>;

/** What the ledger shows of its own history, under its locks. */
export type LedgerFacts = Readonly<{
  /** How long the payment's youngest destination has been known, in milliseconds; absent where the ledger keeps none. */
  destination_age_ms?: number;
  /** How usual the payment is for its accounts; absent where the caller's statement counts. */
  behaviour_score?: number;
}>;

const DAY_MS = 86_400_000;

/** What facts are proven by. */
export type Proofs = Readonly<{
  /** Null: the caller's statement counts. */
  balance: AskedBalance | null;
  /** The own nodes at this moment. */
  sources: Inputs["sources"];
  ledger: LedgerFacts;
}>;

/** Replaces what the caller states by what is proven. */
export function provenFields(caller: JsonObject, { balance, sources, ledger }: Proofs): Proven {
  const proven = balanceOf(caller["wallet_balance"], balance, sources);
  const age = ageOf(caller["address_age_days"], ledger);
  const behaviour = behaviourOf(caller["behaviour_score"], ledger);
  const fields: Record<string, JsonValue> = {
    ...caller,
    ...(behaviour.value === undefined ? {} : { behaviour_score: behaviour.value }),
    ...(age.value === undefined ? {} : { address_age_days: age.value }),
  };
  delete fields["wallet_balance"];
  if (proven.value !== undefined) fields["wallet_balance"] = proven.value;
  return {
    fields,
    isBalanceMissing: balance !== null && proven.fact.age_ms === null,
    provenance: {
      wallet_balance: proven.fact,
      address_age_days: age.fact,
      behaviour_score: behaviour.fact,
    },
  };
}

const BY_CALLER = Object.freeze({ source: "caller", stated: null, contradicted: false } as const);

type Balance = Readonly<{ value: JsonValue | undefined; fact: Provenance["wallet_balance"] }>;

/** The node's balance where one is asked, whatever the caller states; a malformed statement stays, and is refused. */
function balanceOf(
  stated: JsonValue | undefined,
  asked: AskedBalance | null,
  sources: Inputs["sources"],
): Balance {
  if (asked === null) {
    return { value: stated, fact: { ...BY_CALLER, node_id: null, age_ms: null } };
  }
  const { node_id } = asked;
  const age_ms = Math.max(0, Math.ceil(asked.age_ms()));
  const isFresh = sources.some((source) => source.node_id === node_id && source.fresh);
  const isMalformed = stated !== undefined && !isAmount(stated);
  const counts = isFresh && age_ms <= MAX_BALANCE_AGE_MS ? asked.amount : null;
  const fact = {
    source: "node" as const,
    node_id,
    stated: statedAmount(stated),
    age_ms: counts === null ? null : age_ms,
    contradicted: counts !== null && isMore(stated, counts),
  };
  if (isMalformed) return { value: stated, fact };
  return { value: counts ?? undefined, fact };
}

type Age = Readonly<{ value: JsonValue | undefined; fact: Provenance["address_age_days"] }>;

/** The ledger's age where it keeps destinations, in whole days; a malformed statement stays, and is refused. */
function ageOf(stated: JsonValue | undefined, { destination_age_ms: age_ms }: LedgerFacts): Age {
  if (age_ms === undefined) return { value: stated, fact: BY_CALLER };
  const days = Math.floor(age_ms / DAY_MS);
  const isAge = typeof stated === "number" && Number.isSafeInteger(stated) && stated >= 0;
  const isMalformed = stated !== undefined && stated !== null && !isAge;
  return {
    value: isMalformed ? stated : days,
    fact: {
      source: "ledger",
      stated: isAge ? stated : null,
      contradicted: isAge && stated > days,
    },
  };
}

type Behaviour = Readonly<{
  value: JsonValue | undefined;
  fact: Provenance["behaviour_score"];
}>;

/** The higher of both scores: what the caller knows beyond the ledger still counts, and never makes a payment more usual. */
function behaviourOf(
  stated: JsonValue | undefined,
  { behaviour_score: score }: LedgerFacts,
): Behaviour {
  if (score === undefined) return { value: stated, fact: BY_CALLER };
  if (stated === undefined) {
    return { value: score, fact: { source: "ledger", stated: null, contradicted: false } };
  }
  // A malformed statement is refused, and a higher score is the caller's own.
  if (typeof stated !== "number" || stated < 0 || stated > score) {
    return { value: stated, fact: BY_CALLER };
  }
  return { value: score, fact: { source: "ledger", stated, contradicted: stated < score } };
}

/** Whether more was stated than there is. */
const isMore = (stated: JsonValue | undefined, counts: string): boolean =>
  isAmount(stated) && parseAmount(stated) > parseAmount(counts);

/** What is recorded of a statement: an amount, which is a short text or a number. */
const statedAmount = (stated: JsonValue | undefined): string | number | null =>
  isAmount(stated) ? (stated as string | number) : null;
