/** Makes payments: asks the hook, sends once, and settles what became of it (design, section 12). */
import { type Answer, errorAnswer, resultAnswer } from "../../call/answer.js";
import { type BadCall, type Call, writeCall } from "../../call/read-call.js";
import type { Checked, Refusal } from "../../codes.js";
import type { SpendAnswer } from "../../hook.js";
import type { Spend } from "../../spend/model.js";
import { createAttempts, type Unrecorded } from "./attempts.js";
import { authorize } from "./authorize.js";
import { withTransaction } from "./built.js";
import { broadcast, build, type Outcome, sendOnce } from "./execute.js";
import { type Admitted, pathOf } from "./guard.js";
import { createMutex } from "./mutex.js";
import { paramsOf, plan, type Planned, resultOf } from "./plan.js";
import { BUSY, NODE_UNAVAILABLE, UNCLEAR, UNSETTLED } from "./refusals.js";
import { createSettlement, type Settlement } from "./settlement.js";
import { endedAttempt, type Site } from "./site.js";
import { createTransacting, planTransaction, type TransactionPlan } from "./transact.js";
import { readFee } from "./wallet-search.js";

/** Makes payments. */
export type Payments = Readonly<{
  /** Works out what a call pays. */
  plan(call: Call, by: Admitted): Checked<Planned>;
  /** Makes it; the answer is for the client. */
  pay(planned: Planned, by: Admitted): Promise<Answer>;
  /** Checks a call that pays by a transaction; undefined for another method. */
  planTransaction(call: Call, by: Admitted): Checked<TransactionPlan> | undefined;
  /** Pays by a transaction; the answer is for the client. */
  transact(plan: TransactionPlan, by: Admitted): Promise<Answer>;
  settlement: Settlement;
  /** Waits for the payments under way. */
  idle(): Promise<void>;
}>;

/** Sends a payment that is allowed. */
type Execution = (paymentId: string) => Promise<Outcome>;

/** Makes the payments of a gateway. */
export function createPayments(site: Site): Payments {
  const { hook } = site.ports;
  const attempts = createAttempts();
  const settlement = createSettlement(site, attempts);
  const mutex = createMutex();
  const transacting = createTransacting(site, { attempts, settlement, mutex });
  const underWay = new Set<Promise<unknown>>();

  function tracked(work: Promise<Answer>): Promise<Answer> {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  }

  async function pay(planned: Planned, by: Admitted): Promise<Answer> {
    const at = placeOf(planned.call);
    // The turn comes first: an allowed payment must not wait and grow old.
    const turn = await site.payments.enter(by.client.name);
    if (turn === undefined) return errorAnswer(at, BUSY);
    const id = planned.spend.payment_id;
    if (id !== null && !attempts.begin(id)) {
      turn();
      return refuse(planned, UNSETTLED);
    }
    try {
      return await payOnce(planned);
    } finally {
      if (id !== null) attempts.end(id);
      turn();
    }
  }

  /** One after the other in a wallet: two that are built at once could take the same coins. */
  function payOnce(planned: Planned): Promise<Answer> {
    const { call, decoder, spend } = planned;
    const path = pathOf(spend.wallet);
    if (decoder.comment === null) return mutex(path, () => buildAndPay(planned, path));
    return authorized(planned, spend, (payment_id) => {
      const text = writeCall(call, paramsOf(planned, payment_id));
      return mutex(path, () => sendOnce(site, { planned, payment_id, path, text }));
    });
  }

  async function buildAndPay(planned: Planned, path: string): Promise<Answer> {
    const outcome = await build(site, planned, path);
    if (outcome.kind === "not_executed") return notBuilt(planned, outcome);
    const spend = await withTransaction(site, planned.spend, outcome.built);
    if (!spend.ok) return refuse(planned, spend.refusal);
    return authorized(planned, spend.value, (payment_id) =>
      broadcast(site, { planned, payment_id, path }, outcome.built),
    );
  }

  /** A payment that cannot be built may have been made before: its coins are gone. */
  function notBuilt(planned: Planned, outcome: Outcome): Promise<Answer> {
    return planned.spend.payment_id === null
      ? settle(planned, null, outcome)
      : authorized(planned, planned.spend, () => Promise.resolve(outcome));
  }

  async function authorized(planned: Planned, spend: Spend, execute: Execution): Promise<Answer> {
    const first = await authorize(site, spend);
    const isUnsettled = !first.allow && first.unsettled === true;
    const id = spend.payment_id;
    if (!isUnsettled || id === null) return decided(planned, first, execute);
    if (!(await settlement.settle(id))) return refuse(planned, UNSETTLED);
    return decided(planned, await authorize(site, spend), execute);
  }

  async function decided(
    planned: Planned,
    answer: SpendAnswer,
    execute: Execution,
  ): Promise<Answer> {
    if (!answer.allow) {
      const { committed_txid, unsettled } = answer;
      if (committed_txid === undefined) {
        return refuse(planned, unsettled === true ? UNSETTLED : answer);
      }
      return resultAnswer(placeOf(planned.call), resultOf(planned, committed_txid));
    }
    const { handle, payment_id } = answer;
    attempts.forget(handle);
    const instance = site.link.instance();
    const outcome = await execute(payment_id);
    attempts.ended(handle, endedAttempt(site, instance));
    return settle(planned, answer, outcome);
  }

  /** Tells the hook what became of a payment; nothing is held where there is no reservation. */
  async function settle(
    planned: Planned,
    held: Readonly<{ handle: string; payment_id: string }> | null,
    outcome: Outcome,
  ): Promise<Answer> {
    const { call, spend } = planned;
    const at = placeOf(call);
    const payment_id = held?.payment_id ?? null;
    const about = { client: spend.client, method: call.method, payment_id };
    const failed = () => site.log({ event: "hook_failed", ...about });
    const unrecorded = (handle: string, what: Unrecorded) => () => {
      attempts.unrecorded(handle, what);
      failed();
    };
    switch (outcome.kind) {
      case "executed": {
        const { txid, answer } = outcome;
        const fee = await readFee(site.questions.of(spend.wallet), txid);
        // Sent is sent: where this fails, settlement records it later.
        if (held !== null) {
          const done = { txid, fee };
          await hook.commit(held.handle, done).catch(unrecorded(held.handle, done));
        }
        site.log({ event: "paid", ...about, txid });
        return answer ?? resultAnswer(at, resultOf(planned, txid));
      }
      case "not_executed": {
        const { reason, answer, refusal = NODE_UNAVAILABLE } = outcome;
        if (held !== null) {
          const forget = () => attempts.forget(held.handle);
          const proof = { reason };
          await hook.release(held.handle, proof).then(forget, unrecorded(held.handle, proof));
        }
        site.log({ event: "released", ...about, code: answer === undefined ? refusal.code : null });
        return answer ?? errorAnswer(at, refusal);
      }
      case "unclear": {
        if (held !== null) await hook.unclear(held.handle).catch(failed);
        site.log({ event: "unclear", ...about, code: UNCLEAR.code });
        return errorAnswer(at, UNCLEAR);
      }
    }
  }

  function refuse({ call, spend }: Planned, { code, text, retry_after_ms }: Refusal): Answer {
    const { client, payment_id } = spend;
    site.log({ event: "refused", client, method: call.method, code, payment_id });
    const refusal = { code, text, ...(retry_after_ms !== undefined && { retry_after_ms }) };
    return errorAnswer(placeOf(call), refusal);
  }

  return {
    plan: (call, by) => plan(site, call, by),
    pay: (planned, by) => tracked(pay(planned, by)),
    planTransaction: (call, by) => planTransaction(site, call, by),
    transact: (planned, by) => tracked(transacting(planned, by)),
    settlement,
    async idle() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}

const placeOf = ({ id, dialect }: Call): BadCall => ({ id: id ?? null, dialect });
