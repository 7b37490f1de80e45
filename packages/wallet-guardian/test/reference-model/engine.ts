/** The engine's answers, in the model's terms. */
import { canonicalHash, formatAmount } from "@dgb-shield/contract";
import type { Finalize, Guardian, PaymentRequest, WithdrawalRequest } from "../../src/index.js";
import type { PlaceAsk } from "./model.js";
import type { CommitAsk, ReleaseAsk } from "./rules/settle.js";
import type { Ask, ClaimAsk, LastWord, Payout } from "./types.js";

/** An answer, in one form for both. */
export type Said = Readonly<Record<string, unknown>>;

const coins = (units: number | bigint): string => formatAmount(BigInt(units));

const FINALIZE: Readonly<Record<Exclude<LastWord, "none">, Finalize>> = {
  allow: () => ({ allow: true, record: {} }),
  refuse: () => ({ allow: false, record: {} }),
  throw: () => {
    throw new Error("no last word");
  },
};

const hook = (word: LastWord) => (word === "none" ? {} : { finalize: FINALIZE[word] });

function payoutRequest({ id, account, units, maxFee, to }: Payout): object {
  return {
    withdrawal_id: id,
    ...(account === null ? {} : { account_id: account }),
    amount: coins(units),
    ...(maxFee === null ? {} : { max_fee: coins(maxFee) }),
    ...(to === null
      ? {}
      : { destinations: to.map((one) => ({ address: one.address, amount: coins(one.units) })) }),
  };
}

/** A request as a caller writes it. */
function requestOf({ form, id, wallet, payouts }: Ask): WithdrawalRequest | PaymentRequest {
  const [first] = payouts;
  return (
    form === "withdrawal" && first !== undefined
      ? { ...payoutRequest(first), wallet_id: wallet }
      : { payment_id: id, wallet_id: wallet, payouts: payouts.map(payoutRequest) }
  ) as WithdrawalRequest | PaymentRequest;
}

/** What the engine answers to a question; `amount` in place of that of the one payout. */
export async function askEngine(guardian: Guardian, ask: Ask, amount?: bigint): Promise<Said> {
  const request = requestOf(ask);
  const { risk, lowSince } = ask;
  const answer = await guardian.evaluate(
    amount === undefined ? request : withAmount(request, ask, amount),
    lowSince === null ? risk : { level: risk, low_since_ms: lowSince },
    ask.finalize === "none" ? undefined : hook(ask.finalize),
  );
  const breaches = answer.breaches?.map(({ code, scope, limit }) => `${code} ${scope} ${limit}`);
  return {
    decision: answer.decision,
    codes: answer.reason_codes.join(" "),
    final: answer.final,
    at: answer.decided_at_ms,
    retryAfter: answer.retry_after_ms,
    allowedNow: answer.allowed_now,
    validUntil: answer.valid_until_ms,
    validFor: answer.valid_for_ms,
    repeated: answer.repeated,
    txid: answer.txid,
    newlyFrozen: answer.freeze?.scopes.join(" "),
    breaches: breaches?.join("; "),
  };
}

/** The request for another amount, which goes to the first of its destinations. */
function withAmount(
  request: WithdrawalRequest | PaymentRequest,
  { payouts }: Ask,
  amount: bigint,
): WithdrawalRequest | PaymentRequest {
  const [payout] = payouts;
  const rest = amount - BigInt(payout?.maxFee ?? 0);
  const address = payout?.to?.[0]?.address;
  const to = address === undefined ? [] : [{ address, amount: coins(rest) }];
  const changed = {
    amount: coins(amount),
    ...(payout?.to === null || rest <= 0n ? {} : { destinations: to }),
  };
  return "payouts" in request
    ? { ...request, payouts: request.payouts.map((one) => ({ ...one, ...changed })) }
    : { ...request, ...changed };
}

/** What the engine answers to a signer. */
export async function claimEngine(guardian: Guardian, ask: ClaimAsk): Promise<Said> {
  const { id, signer, inputs, risk, finalize } = ask;
  const answer = await guardian.claim(id, {
    signer_id: signer,
    ...(inputs === null ? {} : { transaction: { inputs: [...inputs] } }),
    risk,
    ...hook(finalize),
  });
  return {
    decision: answer.decision,
    codes: answer.reason_codes.join(" "),
    until: answer.claimed_until_ms,
    validFor: answer.valid_for_ms,
    retryAfter: answer.retry_after_ms,
    repeated: answer.repeated,
  };
}

export const commitEngine = (guardian: Guardian, { id, txid, fee, inputs }: CommitAsk) =>
  settled(
    guardian.commit(id, {
      txid,
      ...(fee === null ? {} : { fee: coins(fee) }),
      ...(inputs === null ? {} : { inputs: [...inputs] }),
    }),
  );

export const releaseEngine = (guardian: Guardian, ask: ReleaseAsk) =>
  settled(
    guardian.release(ask.id, {
      reason: "r",
      ...(ask.isOperator ? { operator: "op" } : {}),
      ...(ask.signer === null ? {} : { signer_id: ask.signer }),
      ...(ask.isNotExecuted ? { not_executed: true as const } : {}),
    }),
  );

export function placeEngine(
  guardian: Guardian,
  { owner, address }: PlaceAsk,
  isApproved: boolean,
): Promise<Said> {
  const [type, id = ""] = owner.split(":");
  const place = { ...(type === "account" ? { account_id: id } : { wallet_id: id }), address };
  return settled(
    isApproved
      ? guardian.approveDestination(place, { operator: "op", reason: "r" })
      : guardian.registerDestination(place),
  );
}

/** What an operation comes to. */
export async function settled(operation: ReturnType<Guardian["commit"]>): Promise<Said> {
  const { accepted, reason_codes, ...more } = await operation;
  const { retry_after_ms, repeated } = more as Readonly<Record<string, unknown>>;
  const codes = reason_codes.join(" ");
  return { accepted, codes, retryAfter: retry_after_ms, repeated };
}

export function target(scope: string): ["account" | "wallet" | "global", string] {
  const [type = "", id = "global"] = scope.split(":");
  return [type as "wallet", id];
}

/** The engine's name of a cause: the formulas of the design, or what an operator's freeze answered. */
export function causeId(causes: ReadonlyMap<string, string>, cause: string): string {
  if (cause === "risk") return "risk_high";
  if (cause.startsWith("breach:")) {
    return `breach-${canonicalHash(cause.slice("breach:".length)).slice(0, 32)}`;
  }
  return causes.get(cause) ?? "operator-none";
}
