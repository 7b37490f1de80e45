/** Pays by transactions that clients bring, have signed or have bumped (design, section 12). */
import { type Answer, errorAnswer, resultAnswer } from "../../call/answer.js";
import { type Bound, positionalOf } from "../../call/parameters.js";
import { type BadCall, type Call, hasNoId, writeCall } from "../../call/read-call.js";
import { type Checked, passed, type Refusal, refused } from "../../codes.js";
import type { SpendAnswer } from "../../hook.js";
import {
  type Paid,
  TRANSACTION_DECODERS,
  type TransactionDecoder,
} from "../../spend/from-transaction.js";
import type { Spend } from "../../spend/model.js";
import { splitOutputs } from "../../spend/outputs.js";
import { readPaymentId } from "../../spend/payment-id.js";
import type { Attempts } from "./attempts.js";
import { authorize } from "./authorize.js";
import { contextOf } from "./context.js";
import type { Outcome } from "./execute.js";
import { type Admitted, pathOf } from "./guard.js";
import type { Mutex } from "./mutex.js";
import { BUSY, NODE_UNAVAILABLE, UNCLEAR, UNSETTLED } from "./refusals.js";
import type { Settlement } from "./settlement.js";
import { endedAttempt, type Site } from "./site.js";
import { broadcastPackage, broadcastRaw, bump, sign } from "./transact-execute.js";

/** A call that pays by a transaction, before the node is asked about it. */
export type TransactionPlan = Readonly<{
  call: Call;
  decoder: TransactionDecoder;
  bound: Bound;
  /** Identity from the header; null where the transaction itself is the identity. */
  payment_id: string | null;
}>;

/** Checks the parameters of a call by a transaction; undefined for another method. */
export function planTransaction(
  site: Site,
  call: Call,
  { client, paymentId }: Admitted,
): Checked<TransactionPlan> | undefined {
  const decoder = TRANSACTION_DECODERS.get(call.method);
  if (decoder === undefined) return undefined;
  if (hasNoId(call)) {
    return refused("notification_refused", "a call that pays or signs has no id: give it one");
  }
  const bound = decoder.bind(call.params, site.spending.maxFeeRate);
  if (!bound.ok) return bound;
  const isNamed = client.payment_id_from === "header" && paymentId !== undefined;
  const id = isNamed ? readPaymentId("header", paymentId, undefined) : passed(null);
  return id.ok ? passed({ call, decoder, bound: bound.value, payment_id: id.value }) : id;
}

/** What the payments of one gateway share. */
export type TransactParts = Readonly<{
  attempts: Attempts;
  settlement: Settlement;
  mutex: Mutex;
}>;

/** Digits of a transaction's content in the identity of a payment that has no other. */
const CONTENT_DIGITS = 48;

/** Makes what pays by transactions. */
export function createTransacting(
  site: Site,
  { attempts, settlement, mutex }: TransactParts,
): (plan: TransactionPlan, by: Admitted) => Promise<Answer> {
  const { hook } = site.ports;

  return async (plan, by) => {
    const turn = await site.payments.enter(by.client.name);
    if (turn === undefined) return errorAnswer(placeOf(plan.call), BUSY);
    try {
      return await mutex(pathOf(by.wallet), () => transact(plan, by));
    } finally {
      turn();
    }
  };

  async function transact(plan: TransactionPlan, by: Admitted): Promise<Answer> {
    const read = await plan.decoder.read(contextOf(site, by.wallet), plan.bound);
    if (!read.ok) return refuse(plan, by, read.refusal);
    const paid = read.value;
    // The same transaction is the same payment, signed or broadcast.
    const payment_id = plan.payment_id ?? `tx-${paid.content.slice(0, CONTENT_DIGITS)}`;
    const spend: Spend = {
      method: plan.call.method,
      wallet: by.wallet,
      client: by.client.name,
      ...splitOutputs(site.spending, paid.outputs),
      fee: { kind: "known", amount: paid.fee },
      inputs: paid.inputs,
      replaces: paid.replaces,
      payment_id,
      transaction: paid.transaction,
    };
    if (!attempts.begin(payment_id)) return refuse(plan, by, UNSETTLED);
    try {
      return await decided(plan, by, paid, await answered(spend, payment_id));
    } finally {
      attempts.end(payment_id);
    }
  }

  async function answered(spend: Spend, id: string): Promise<SpendAnswer> {
    const first = await authorize(site, spend);
    const isUnsettled = !first.allow && first.unsettled === true;
    return isUnsettled && (await settlement.settle(id)) ? authorize(site, spend) : first;
  }

  async function decided(
    plan: TransactionPlan,
    by: Admitted,
    paid: Paid,
    answer: SpendAnswer,
  ): Promise<Answer> {
    if (answer.allow) {
      const { handle, payment_id } = answer;
      attempts.forget(handle);
      const instance = site.link.instance();
      const outcome = await execute(plan, by, paid);
      attempts.ended(handle, endedAttempt(site, instance));
      return settle(plan, by, { handle, payment_id, fee: paid.fee }, outcome);
    }
    const { committed_txid, unsettled } = answer;
    if (committed_txid === undefined) {
      return refuse(plan, by, unsettled === true ? UNSETTLED : answer);
    }
    // [REFUSE payment_made] the identity stands for another transaction, and both could be mined
    const other = refused(
      "payment_made",
      "this payment was signed or sent with another transaction: nothing was done; give a new payment another identity",
    ).refusal;
    const { txid, txids = [txid] } = paid;
    // An identity of the client's own names no child: with a parent that was taken alone, another one could come.
    const counted = plan.payment_id === null ? txids : [txid];
    if (!counted.includes(committed_txid) || plan.decoder.mode === "bump") {
      return refuse(plan, by, other);
    }
    // Counted already: the same transaction is signed again, or broadcast after it was signed.
    const outcome = await execute(plan, by, paid);
    return settle(plan, by, null, outcome);
  }

  function execute(
    { call, decoder, bound }: TransactionPlan,
    by: Admitted,
    paid: Paid,
  ): Promise<Outcome> {
    const path = pathOf(by.wallet);
    const text = writeCall(call, positionalOf(decoder.names, bound));
    const work = { call, path, text, wallet: by.wallet, paid };
    switch (decoder.mode) {
      case "broadcast":
        return broadcastRaw(site, work);
      case "package":
        return broadcastPackage(site, work);
      case "sign":
        return sign(site, work);
      case "bump":
        return bump(site, work);
    }
  }

  async function settle(
    plan: TransactionPlan,
    by: Admitted,
    held: Readonly<{ handle: string; payment_id: string; fee: bigint }> | null,
    outcome: Outcome,
  ): Promise<Answer> {
    const { call, decoder } = plan;
    const payment_id = held?.payment_id ?? plan.payment_id;
    const about = { client: by.client.name, method: call.method, payment_id };
    const failed = () => {
      site.log({ event: "hook_failed", ...about });
      return false;
    };
    const done = () => true;
    switch (outcome.kind) {
      case "executed": {
        const { txid, answer } = outcome;
        const isCounted =
          held === null ||
          (await hook.commit(held.handle, { txid, fee: held.fee }).then(done, () => {
            // What was broadcast is recorded later; a signature that is withheld is no payment.
            const withheld = { reason: "the signature was withheld" };
            const sent = { txid, fee: held.fee };
            attempts.unrecorded(held.handle, decoder.mode === "sign" ? withheld : sent);
            return failed();
          }));
        // A signature that is not counted for good does not leave; what was broadcast has left.
        if (!isCounted && decoder.mode === "sign") return refuse(plan, by, NOT_RECORDED);
        site.log({ event: "paid", ...about, txid });
        return answer ?? resultAnswer(placeOf(call), txid);
      }
      case "not_executed": {
        const { reason, answer, refusal = NODE_UNAVAILABLE } = outcome;
        if (held !== null) {
          const forget = () => attempts.forget(held.handle);
          await hook.release(held.handle, { reason }).then(forget, () => {
            attempts.unrecorded(held.handle, { reason });
            return failed();
          });
        }
        site.log({ event: "released", ...about, code: answer === undefined ? refusal.code : null });
        return answer ?? errorAnswer(placeOf(call), refusal);
      }
      case "unclear": {
        if (held !== null) await hook.unclear(held.handle).catch(failed);
        site.log({ event: "unclear", ...about, code: UNCLEAR.code });
        return errorAnswer(placeOf(call), UNCLEAR);
      }
    }
  }

  function refuse(
    { call, payment_id }: TransactionPlan,
    by: Admitted,
    { code, text, retry_after_ms }: Refusal,
  ): Answer {
    site.log({ event: "refused", client: by.client.name, method: call.method, code, payment_id });
    const refusal = { code, text, ...(retry_after_ms !== undefined && { retry_after_ms }) };
    return errorAnswer(placeOf(call), refusal);
  }
}

const NOT_RECORDED: Refusal = refused(
  "hook_failed",
  "the signature could not be recorded, and was withheld: try again",
).refusal;

const placeOf = ({ id, dialect }: Call): BadCall => ({ id: id ?? null, dialect });
