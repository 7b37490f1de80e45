/** Makes payments: asks the hook, sends once, and settles what became of it (design, section 6). */
import { type Answer, errorAnswer, resultAnswer } from "../../call/answer.js";
import { type Parameters, positionalOf } from "../../call/parameters.js";
import { type BadCall, type Call, hasNoId, writeCall } from "../../call/read-call.js";
import { type Checked, passed, type Refusal, refused } from "../../codes.js";
import type { SpendAnswer } from "../../hook.js";
import type { Json } from "../../json/value.js";
import {
  ARGUMENT_DECODERS,
  type ArgumentDecoder,
  type ArgumentSpend,
} from "../../spend/from-arguments.js";
import type { Spend } from "../../spend/model.js";
import { splitOutputs } from "../../spend/outputs.js";
import { commentOf, readPaymentId } from "../../spend/payment-id.js";
import { createAttempts } from "./attempts.js";
import { buildAndBroadcast, type Outcome, sendOnce } from "./execute.js";
import { pathOf } from "./guard.js";
import type { Admitted } from "./guard.js";
import { createMutex } from "./mutex.js";
import { createSettlement, type Settlement } from "./settlement.js";
import type { Site } from "./site.js";
import { readFee } from "./wallet-search.js";

/** A payment that was worked out. */
export type Planned = Readonly<{
  call: Call;
  decoder: ArgumentDecoder;
  arguments: ArgumentSpend;
  spend: Spend & Readonly<{ payment_id: string }>;
}>;

/** Makes payments. */
export type Payments = Readonly<{
  /** Works out what a call pays. */
  plan(call: Call, by: Admitted): Checked<Planned>;
  /** Makes it; the answer is for the client. */
  pay(planned: Planned, by: Admitted): Promise<Answer>;
  settlement: Settlement;
  /** Waits for the payments under way. */
  idle(): Promise<void>;
}>;

/** Most further tries of the hook after a payment of the same identity was settled. */
const MAX_ASKED = 2;

/** Makes the payments of a gateway. */
export function createPayments(site: Site): Payments {
  const attempts = createAttempts();
  const settlement = createSettlement(site, attempts);
  const mutex = createMutex();
  const underWay = new Set<Promise<unknown>>();

  async function pay(planned: Planned, by: Admitted): Promise<Answer> {
    const at = placeOf(planned.call);
    // The turn comes first: an allowed payment must not wait and grow old.
    const turn = await site.payments.enter(by.client.name);
    if (turn === undefined) return errorAnswer(at, BUSY);
    try {
      return await payNow(planned, at);
    } finally {
      turn();
    }
  }

  async function payNow(planned: Planned, at: BadCall): Promise<Answer> {
    const { spend } = planned;
    const id = spend.payment_id;
    // [REFUSE payment_unsettled] the same payment is under way, or it is not known whether it was sent
    const unsettled = refused(
      "payment_unsettled",
      "this payment is under way, or it is not yet known whether it was sent: ask again later with the same identity",
    ).refusal;
    if (!attempts.begin(id)) return errorAnswer(at, unsettled);
    try {
      for (let asked = 0; asked < MAX_ASKED; asked++) {
        const answer = await authorize(site, spend);
        if (answer.allow) return await execute(planned, answer.handle, at);
        if (answer.committed_txid !== undefined)
          return repeated(planned, at, answer.committed_txid);
        if (answer.unsettled !== true) return refuse(planned, at, answer);
        if (!(await settlement.settle(id))) return refuse(planned, at, unsettled);
      }
      return refuse(planned, at, unsettled);
    } finally {
      attempts.end(id);
    }
  }

  async function execute(planned: Planned, handle: string, at: BadCall): Promise<Answer> {
    const { spend, decoder, call } = planned;
    const path = pathOf(spend.wallet);
    attempts.sent(handle, site.ports.nowMs());
    // One after the other in a wallet: two that are built at once could take the same coins.
    const outcome = await mutex(path, () =>
      decoder.comment === null
        ? buildAndBroadcast(site, { planned, handle, path })
        : sendOnce(site, { planned, handle, path, text: writeCall(call, paramsOf(planned)) }),
    );
    attempts.ended(handle);
    return settle(planned, handle, at, outcome);
  }

  async function settle(
    planned: Planned,
    handle: string,
    at: BadCall,
    outcome: Outcome,
  ): Promise<Answer> {
    const { hook } = site.ports;
    const { spend, call } = planned;
    const about = { client: spend.client, method: call.method, payment_id: spend.payment_id };
    const failed = () => site.log({ event: "hook_failed", ...about });
    switch (outcome.kind) {
      case "executed": {
        const fee = await readFee(site.questions.of(spend.wallet), outcome.txid);
        // Sent is sent: where this fails, settlement finds the payment in the wallet.
        await hook.commit(handle, { txid: outcome.txid, fee }).catch(failed);
        site.log({ event: "paid", ...about, txid: outcome.txid });
        return outcome.answer ?? resultAnswer(at, resultOf(planned, outcome.txid));
      }
      case "not_executed":
        await hook
          .release(handle, { reason: outcome.reason })
          .then(() => attempts.forget(handle), failed);
        site.log({ event: "released", ...about, code: outcome.refusal?.code ?? null });
        return outcome.answer ?? errorAnswer(at, outcome.refusal ?? NODE_UNAVAILABLE);
      case "unclear": {
        await hook.unclear(handle).catch(failed);
        // [REFUSE outcome_unclear] the node did not answer: the payment may have been sent
        const { refusal } = refused(
          "outcome_unclear",
          "the node did not answer, and the payment may have been sent: ask again later with the same identity",
        );
        site.log({ event: "unclear", ...about, code: refusal.code });
        return errorAnswer(at, refusal);
      }
    }
  }

  function refuse(
    { call, spend }: Planned,
    at: BadCall,
    { code, text, retry_after_ms }: Refusal,
  ): Answer {
    site.log({
      event: "refused",
      client: spend.client,
      method: call.method,
      code,
      payment_id: spend.payment_id,
    });
    return errorAnswer(at, { code, text, ...(retry_after_ms !== undefined && { retry_after_ms }) });
  }

  return {
    plan: (call, by) => plan(site, call, by),
    pay(planned, by) {
      const work = pay(planned, by);
      underWay.add(work);
      return work.finally(() => underWay.delete(work));
    },
    settlement,
    async idle() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}

// [REFUSE busy] too many calls of this client wait already
const BUSY: Refusal = refused(
  "busy",
  "too many calls of this client wait for the node: make fewer at once, and try again",
).refusal;

// [REFUSE node_unavailable] the node certainly did not take the call up
const NODE_UNAVAILABLE: Refusal = refused(
  "node_unavailable",
  "the node cannot be reached, is starting, or refused the gateway: nothing was executed, try again",
).refusal;

export { BUSY, NODE_UNAVAILABLE };

const placeOf = ({ id, dialect }: Call): BadCall => ({ id: id ?? null, dialect });

async function authorize(site: Site, spend: Planned["spend"]): Promise<SpendAnswer> {
  try {
    return await site.ports.hook.authorizeSpend(spend);
  } catch {
    // [REFUSE hook_failed] whether the payment is allowed is not known
    const { refusal } = refused(
      "hook_failed",
      "whether the payment is allowed could not be decided: nothing was sent, try again",
    );
    return { allow: false, code: refusal.code, text: refusal.text };
  }
}

function plan(site: Site, call: Call, { client, wallet, paymentId }: Admitted): Checked<Planned> {
  // [REFUSE notification_refused] the result could not be answered
  if (hasNoId(call)) {
    return refused("notification_refused", "a call that pays or signs has no id: give it one");
  }
  const decoder = ARGUMENT_DECODERS.get(call.method);
  // [REFUSE decoder_missing] what the call would pay cannot be worked out
  if (decoder === undefined) {
    return refused(
      "decoder_missing",
      "the gateway cannot work out what this method would pay: use sendtoaddress, sendmany or send",
    );
  }
  const decoded = decoder.decode(site.spending, call.params);
  if (!decoded.ok) return decoded;
  const { outputs, fee, inputs, comment } = decoded.value;
  const id = readPaymentId(client.payment_id_from, paymentId, comment);
  if (!id.ok) return id;
  return passed({
    call,
    decoder,
    arguments: decoded.value,
    spend: {
      method: call.method,
      wallet,
      client: client.name,
      ...splitOutputs(site.spending, outputs),
      fee,
      inputs,
      replaces: [],
      payment_id: id.value ?? site.ports.newId(),
      ...(id.value === null && { generated: true }),
      transaction: null,
    },
  });
}

/** The parameters as they are sent: by position, with the payment's identity in the comment. */
function paramsOf({ decoder, arguments: given, spend }: Planned): Parameters {
  const bound = new Map(given.bound);
  if (decoder.comment !== null) {
    const source = given.comment === spend.payment_id ? "comment" : "header";
    bound.set(decoder.comment, commentOf(source, spend.payment_id, given.comment));
  }
  return positionalOf(decoder.names, bound);
}

/** The result of a payment that was made before, in the shape of its method. */
function resultOf({ call, arguments: given }: Planned, txid: string): Json {
  if (call.method === "send")
    return new Map<string, Json>([
      ["txid", txid],
      ["complete", true],
    ]);
  return given.verbose
    ? new Map<string, Json>([
        ["txid", txid],
        ["fee_reason", "the payment was made before"],
      ])
    : txid;
}

const repeated = (planned: Planned, at: BadCall, txid: string): Answer =>
  resultAnswer(at, resultOf(planned, txid));
