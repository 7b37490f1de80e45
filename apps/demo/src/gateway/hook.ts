/** The pipeline as the gateway's spend hook: a payment is decided, claimed and settled in the ledger alone. */
import { formatAmount, parseAmount } from "@dgb-shield/contract";
import type { Spend, SpendAnswer, SpendHook, UnsettledSpend } from "@dgb-shield/rpc-gateway";
import type { OperationResult } from "@dgb-shield/wallet-guardian";
import type { PaymentAnswer, PaymentView, Service } from "../service/service.js";
import { isSameAmount, isSamePayment } from "./announced.js";
import { committedWith } from "./committed-with.js";
import type { DefenseWatch } from "./defense.js";
import { type Abandoned, createAbandoned } from "./abandoned.js";
import { approversOf, type EvacuationRules, mayEvacuate } from "./evacuation.js";
import type { Evacuation, Evacuations } from "./evacuations.js";
import {
  attemptOf,
  EVACUATED,
  handleOf,
  isBrought,
  isGatewaySigner,
  isPackage,
  OBSERVED,
  partsOf,
  paysFrom,
  signerOf,
  txidOf,
} from "./handle.js";
import { refused } from "./refusals.js";
import { isInternal, requestOf, type SpendTerms, walletIdOf } from "./spend-request.js";

/** What the hook needs of the service, in this process or over HTTP. */
export type PaymentPort = Pick<
  Service,
  "decide" | "claim" | "commit" | "releaseUnsent" | "payment" | "payments" | "decisions"
>;

/** What a hook is made of. */
export type HookParts = Readonly<{
  payments: PaymentPort;
  defense: DefenseWatch;
  terms: SpendTerms;
  /** `refuse`: a payment passes only if it was evaluated ahead, under the id that the client gives. */
  unannounced: "refuse" | "decide";
  /** Asks the node for the balance of a wallet, in base units. */
  balanceOf: (wallet: string | null) => Promise<bigint>;
  evacuation: EvacuationRules;
  evacuations: Evacuations;
  /** Wall clock, milliseconds since 1970. */
  nowMs: () => number;
  /** Wallets of the node that clients pay from. */
  wallets: readonly string[];
  /** Gives an id that was never used, at most 64 characters. */
  newId: () => string;
  /** The script of an address, hexadecimal; null where it is none. */
  scriptOf: (address: string) => string | null;
  /** Id of a raw transaction, hexadecimal. */
  txidOf: (transaction: string) => string | null;
}>;

/** Payments that one listing reads. */
const PAGE = 1_000;
/** From a claim to the end that a listing gives: the longest `allow_valid_seconds` and the largest `max_clock_jump_ms`, a day each. */
const LONGEST_CLAIM_MS = 2 * 86_400_000;

/**
 * Makes the hook. The ledger's claim is the only state of a payment under way, so several gateways can work: the claim's
 * signer is a name that only this attempt has, with the transaction where that is known, so that the second of two attempts at one payment finds it claimed.
 */
export function createSpendHook(given: HookParts): Required<SpendHook> {
  const parts: Parts = { ...given, abandoned: createAbandoned() };
  const { payments, defense, newId, evacuations } = parts;
  return Object.freeze({
    async authorizeSpend(spend) {
      const id = spend.payment_id ?? newId();
      if (spend.payment_id !== null) await releaseAbandoned(id, parts);
      const known = spend.payment_id === null ? null : await knownPayment(id, payments);
      const open = evacuations.of(id);
      if (open !== undefined && known?.status !== "committed") return underWay(spend, open);
      if (known !== null && known.status !== "open" && known.status !== "released") {
        const answer = await repeated(spend, known, parts);
        if (answer !== "lapsed") return answer;
      }
      if (parts.unannounced === "refuse") return refused("payment_unannounced");
      const balance = await parts.balanceOf(spend.wallet);
      const answer = await payments.decide(requestOf(spend, parts.terms, { id, balance }));
      if (answer.final !== "ALLOW") {
        return (await evacuated(spend, answer, parts)) ?? notAllowed(id, answer);
      }
      const claim = await claimed(id, spend, parts);
      return claim === "lapsed" ? refused("reservation_lapsed", { retry_after_ms: 0 }) : claim;
    },
    async commit(handle, { txid, fee }) {
      if (handle.startsWith(OBSERVED)) return;
      const given = fee === null ? {} : { fee: formatAmount(fee) };
      const id = handle.startsWith(EVACUATED) ? handle.slice(EVACUATED.length) : partsOf(handle).id;
      settled(await payments.commit(id, { txid, ...given }));
      if (handle.startsWith(EVACUATED)) evacuations.end(id);
    },
    async release(handle, { reason }) {
      if (handle.startsWith(EVACUATED)) evacuations.end(handle.slice(EVACUATED.length));
      if (handle.startsWith(OBSERVED) || handle.startsWith(EVACUATED)) return;
      const { id, signer_id } = partsOf(handle);
      settled(await payments.releaseUnsent(id, { reason, signer_id, not_executed: true }));
    },
    // A claim counts until it is settled: nothing has to be written.
    unclear: () => Promise.resolve(),
    unsettled: () => unsettledIn(parts),
    committed: (spend, txids) =>
      committedWith(spend, txids, { service: payments, scriptOf: parts.scriptOf }),
    defense: defense.view,
  } satisfies SpendHook);
}

type Parts = HookParts & Readonly<{ abandoned: Abandoned }>;

/** An evacuation that was allowed before: it may have been sent. */
function underWay(spend: Spend, { payouts }: Evacuation): SpendAnswer {
  const isSame = JSON.stringify(payoutsIn(spend)) === JSON.stringify(payouts);
  if (!isSame) return refused("content_changed");
  return { ...refused("claim_unsettled"), unsettled: true };
}

const payoutsIn = ({ payouts, internal }: Spend): Evacuation["payouts"] =>
  [...payouts, ...internal].map(({ script, address, amount }) => ({
    ...{ script, address, amount: amount.toString() },
  }));

/** Releases a claim whose answer was lost, of which nothing was sent. */
async function releaseAbandoned(id: string, { payments, abandoned }: Parts): Promise<void> {
  const signer_id = abandoned.signerOf(id);
  if (signer_id === undefined) return;
  const reason = "the answer to the claim was lost, and nothing was sent";
  const { accepted } = await payments.releaseUnsent(id, { reason, signer_id, not_executed: true });
  if (accepted) abandoned.forget(id);
}

/** @returns null for an id that the ledger does not know @throws Error where the ledger cannot be read */
async function knownPayment(id: string, payments: PaymentPort): Promise<PaymentView | null> {
  const found = await payments.payment(id);
  if (Object.hasOwn(found, "missing")) return null;
  if (Object.hasOwn(found, "accepted")) throw new Error("the ledger cannot be read");
  return found as PaymentView;
}

/** Answers a payment whose id the ledger knows: one that was evaluated ahead, or another try at it. */
async function repeated(
  spend: Spend,
  known: PaymentView,
  parts: Parts,
): Promise<SpendAnswer | "lapsed"> {
  const { payment_id, status, txid, wallet_id, destinations } = known;
  // The ledger keeps the hash of a settled payment alone: a decision compares it, and names the transaction.
  if (destinations === null && parts.unannounced === "decide") return "lapsed";
  const isSame =
    wallet_id === walletIdOf(spend, parts.terms) &&
    (status === "committed" && destinations === null
      ? isSameAmount(spend, known)
      : isSamePayment(spend, known, parts.scriptOf));
  // the id stands for other destinations, other amounts or another wallet
  if (!isSame) return refused("content_changed");
  if (status === "reserved") return claimed(payment_id, spend, parts);
  return status === "committed" && txid !== null
    ? { ...refused("already_committed"), committed_txid: txid }
    : { ...refused("claim_unsettled"), unsettled: true };
}

/** Claims a reserved payment. */
async function claimed(
  id: string,
  { method, wallet, transaction, inputs }: Spend,
  parts: Parts,
): Promise<SpendAnswer | "lapsed"> {
  const { newId, txidOf: idOf } = parts;
  const brought = transaction === null ? null : idOf(transaction);
  const signer_id = signerOf(wallet, attemptOf(newId(), { method, txid: brought }));
  const named = inputs?.map(({ txid, vout }) => `${txid}:${vout}`) ?? [];
  const options = { signer_id, ...(named.length === 0 ? {} : { transaction: { inputs: named } }) };
  const claim = await claimOnce(id, options, parts);
  if (claim.decision === "ALLOW") {
    return { allow: true, handle: handleOf(id, signer_id), payment_id: id };
  }
  const [code = "ledger_unavailable"] = claim.reason_codes;
  const { retry_after_ms, txid, enforced } = claim;
  if (code === "reservation_lapsed") return "lapsed";
  // Another try at the same payment is no matter of a mode.
  if (code === "already_committed" && txid !== undefined) {
    return { ...refused(code), committed_txid: txid };
  }
  if (code === "claimed" || code === "not_a_replacement") {
    return { ...refused("claim_unsettled"), unsettled: true };
  }
  return enforced ? refused(code, { retry_after_ms }) : observed(id);
}

/** Claims under a name that no other attempt has: where the answer is lost, the claim can be released. */
async function claimOnce(
  id: string,
  options: Readonly<{ signer_id: string }>,
  parts: Parts,
): ReturnType<PaymentPort["claim"]> {
  try {
    return await parts.payments.claim(id, options);
  } catch (error) {
    parts.abandoned.add(id, options.signer_id);
    // Otherwise at the next try, or when payments are settled.
    await releaseAbandoned(id, parts).catch(() => undefined);
    throw error;
  }
}

const observed = (id: string): SpendAnswer => ({
  ...{ allow: true, handle: `${OBSERVED}${id}`, payment_id: id },
});

/** An evacuation that the causes of the lockdown let through, once it is approved; null for what is none. */
async function evacuated(
  spend: Spend,
  { payment_id, binds }: PaymentAnswer,
  { payments, defense, terms, evacuation, evacuations, nowMs, txidOf: idOf }: HookParts,
): Promise<SpendAnswer | null> {
  if (binds === null || !isInternal(spend)) return null;
  if (!mayEvacuate(spend, defense.view(), evacuation)) return null;
  const known = await knownPayment(payment_id, payments);
  // One that was recorded is not sent again, although its approvals last.
  if (known !== null && known.status === "committed") return recordedBefore(spend, known, terms);
  const given = known === null ? 0 : approversOf(known, binds);
  if (known !== null && given >= evacuation.approvals) {
    const { wallet, transaction } = spend;
    const txid = transaction === null ? null : idOf(transaction);
    const one = { payment_id, wallet, at_ms: nowMs(), txid, payouts: payoutsIn(spend) };
    // Another process of this folder can have begun it since it was looked for.
    if (!evacuations.begin(one)) return underWay(spend, evacuations.of(payment_id) ?? one);
    return { allow: true, handle: `${EVACUATED}${payment_id}`, payment_id };
  }
  // under a lockdown people decide what leaves the wallet
  const { text } = refused("approvals_missing");
  const how = `it has ${given} of ${evacuation.approvals} approvals. Approve payment ${payment_id} with binds ${binds}, then send it again with the same identity`;
  return { allow: false, code: "approvals_missing", text: `${text}; ${how}` };
}

function recordedBefore(spend: Spend, known: PaymentView, terms: SpendTerms): SpendAnswer {
  const { wallet_id, txid } = known;
  const isSame = wallet_id === walletIdOf(spend, terms) && isSameAmount(spend, known);
  return isSame && txid !== null
    ? { ...refused("already_committed"), committed_txid: txid }
    : refused("content_changed");
}

/** What a payment that the service refused is answered with; in observe mode it passes. */
function notAllowed(id: string, answer: PaymentAnswer): SpendAnswer {
  const { reasons, enforced, retry_after_ms, guardian } = answer;
  const codes = reasons.map(({ code }) => code);
  if (codes.includes("already_committed") && guardian.txid !== undefined) {
    return { ...refused("already_committed"), committed_txid: guardian.txid };
  }
  if (codes.includes("claim_unsettled")) return { ...refused("claim_unsettled"), unsettled: true };
  if (codes.includes("content_changed")) return refused("content_changed");
  // The Guardian's consent is no reason where the guard refused.
  const code = codes.find((one) => one !== "within_limits") ?? "not_allowed";
  return enforced ? refused(code, { retry_after_ms }) : observed(id);
}

/** @throws Error for what the ledger did not take: it is asked again */
function settled({ accepted, reason_codes }: OperationResult): void {
  if (!accepted) throw new Error(`the ledger did not settle the payment: ${reason_codes.join()}`);
}

/** Whether a gateway claimed it for one of these wallets, or for none: what others' wallets paid is theirs to settle. */
const isOfThese = (signer: string, wallets: readonly string[]): boolean =>
  isGatewaySigner(signer) && [...wallets, null].some((wallet) => paysFrom(signer, wallet));

async function payoutsOf(
  id: string,
  payments: PaymentPort,
): Promise<NonNullable<UnsettledSpend["payouts"]>> {
  const known = await knownPayment(id, payments);
  return (known?.destinations ?? []).map(({ address, amount }) => ({
    ...{ address, amount: parseAmount(amount) },
  }));
}

const unsettledEvacuation = ({ payment_id, wallet, at_ms, txid, payouts }: Evacuation) => ({
  ...{ handle: `${EVACUATED}${payment_id}`, payment_id, wallet, authorized_at_ms: at_ms, txid },
  payouts: payouts.map(({ address, amount }) => ({ address, amount: BigInt(amount) })),
});

/** Lists the payments that a gateway has claimed and not settled. */
async function unsettledIn(parts: Parts): Promise<UnsettledSpend[]> {
  const { payments, wallets, abandoned, evacuations } = parts;
  const found: UnsettledSpend[] = evacuations.all().map(unsettledEvacuation);
  for (let after: string | null = ""; after !== null;) {
    const page = await payments.payments({ ...(after === "" ? {} : { after }), limit: PAGE });
    if (!page.accepted) throw new Error("the ledger cannot be read");
    for (const { withdrawal_id, signer_id, until_ms, status } of page.payments) {
      const isOurs = status === "claimed" || status === "unsettled";
      if (!isOurs || signer_id === null || !isOfThese(signer_id, wallets)) continue;
      if (abandoned.signerOf(withdrawal_id) === signer_id) {
        await releaseAbandoned(withdrawal_id, parts);
        continue;
      }
      found.push({
        handle: handleOf(withdrawal_id, signer_id),
        payment_id: withdrawal_id,
        wallet: wallets.find((wallet) => paysFrom(signer_id, wallet)) ?? null,
        authorized_at_ms: until_ms,
        earliest_at_ms: until_ms - LONGEST_CLAIM_MS,
        txid: txidOf(signer_id),
        ...(isPackage(signer_id) ? { in_parts: true } : {}),
        ...(isBrought(signer_id) ? { is_brought: true } : {}),
        payouts: await payoutsOf(withdrawal_id, payments),
      });
    }
    after = page.next;
  }
  return found;
}
