/** Runs the calls other than `evaluate` and `claim`, each as a step in the ledger's transaction (design, section 7). */
import { timeFault } from "../clock/guarded-clock.js";
import { type Context, ledgerCode, transact } from "../context.js";
import { LedgerError } from "../errors.js";
import { emitAll, guardianEvent } from "../events.js";
import { type FreezeOrder, freezeStep, unfreezeStep } from "./freeze.js";
import {
  type FreezeTarget,
  type OperationRejection,
  type OperationResult,
  rejectOperation,
  type UnfreezeTarget,
} from "./arguments.js";
import { MAX_CLAIM_SECONDS } from "../policy/policy.js";
import type { LedgerReads, StoredWithdrawal } from "../ports.js";
import { lockReads } from "../evaluate/reads.js";
import { record } from "../records.js";
import { idsOfRows, storedRows } from "../payment/rows.js";
import type { Scope } from "../scopes.js";
import type { PaymentStep, Step } from "./commit-release.js";
import { paymentScopes } from "../request/shares.js";

/** Takes a step on one payment, under the locks of its scopes. */
export const settlePayment = (
  context: Context,
  id: string,
  step: PaymentStep,
): Promise<OperationResult> => settle(context, { id, step, isWhole: false });

/**
 * Takes a step on the payment that an id belongs to, its own or as a payout: one transaction pays all of it, and
 * money that moved is never left uncounted.
 */
export const settleWhole = (
  context: Context,
  id: string,
  step: PaymentStep,
): Promise<OperationResult> => settle(context, { id, step, isWhole: true });

type Settling = Readonly<{ id: string; step: PaymentStep; isWhole: boolean }>;

function settle(context: Context, { id, step, isWhole }: Settling): Promise<OperationResult> {
  return answering(context, async () => {
    const stored = await context.ledger.withdrawal(id);
    if (stored === null) return unknownWithdrawal(context, id);
    const elsewhere = partOfPayment(stored);
    if (elsewhere !== null) {
      const whole = { id: stored.payment_id, step, isWhole: false };
      return isWhole ? settle(context, whole) : elsewhere;
    }
    const result = await stepOn(context, stored, step);
    // The payout moved to another payment after it was read.
    const isGone = result.reason_codes.includes("part_of_payment");
    return isGone && isWhole ? settle(context, { id, step, isWhole }) : result;
  });
}

/** Takes a step on a payment as it was read before, where it is still one of its own. */
function stepOn(
  context: Context,
  stored: StoredWithdrawal,
  step: PaymentStep,
): Promise<OperationResult> {
  const payment = storedRows(stored, []);
  const reads = lockReads(context.compiled, paymentScopes(payment), idsOfRows(payment));
  return takeStep(context, reads, (moment) => {
    const [head = null, ...rows] = moment.withdrawals;
    if (head === null) return unwritten(rejectOperation("unknown_withdrawal"));
    const gone = partOfPayment(head);
    return gone === null ? step(storedRows(head, rows), moment) : unwritten(gone);
  });
}

/** Rejects a payout, which is settled with its payment. */
function partOfPayment({ payment_id, withdrawal_id }: StoredWithdrawal): OperationRejection | null {
  if (payment_id === withdrawal_id) return null;
  const detail = `it is a payout of the payment ${payment_id}: settle that`;
  return rejectOperation("part_of_payment", { detail });
}

const unwritten = (result: OperationRejection) => ({
  result: { result, events: [] },
  writes: null,
});

/** Freezes a scope. */
export const freeze = (
  context: Context,
  order: FreezeOrder<FreezeTarget>,
): Promise<OperationResult> =>
  answering(context, () =>
    takeStep(context, lockReads(context.compiled, [target(order)], []), freezeStep(order)),
  );

/** Lifts the automatic freezes of a scope, or those of a cause. */
export function unfreeze(
  context: Context,
  order: FreezeOrder<UnfreezeTarget>,
): Promise<OperationResult> {
  const { scope: type, id } = order;
  const scopes = type === "cause" ? [] : [{ type, id }];
  const freezes = type === "cause" ? { cause_id: id } : { scope: { type, id } };
  const reads = { ...lockReads(context.compiled, scopes, []), freezes };
  return answering(context, () => takeStep(context, reads, unfreezeStep(order)));
}

/**
 * Accepts the clock as right for every process on the ledger, and records it. Later times are set to now,
 * counted times to the end of the longest claim that may still run.
 */
export function acceptClock(
  context: Context,
  order: Readonly<{ operator: string; reason: string }>,
): Promise<OperationResult> {
  const { clock, compiled, events, ledger } = context;
  const { max_clock_jump_ms } = compiled.policy;
  return answering(context, async () => {
    const { local, time } = clock.begin();
    if (time.status === "invalid") return clockRejection(time.detail);
    const accepted = await ledger.acceptClock(Number(local.wall), {
      // Claims of other policies may run for longer than this one's.
      ahead_ms: LONGEST_CLAIM_MS + max_clock_jump_ms,
      recordOf: (now_ms) => {
        const fault = timeFault(now_ms);
        if (fault !== undefined) throw new NoTime(`the ledger's clock: ${fault}`);
        return record("clock_accepted", { ...order, at_ms: now_ms });
      },
    });
    clock.accept(accepted);
    const facts = { ...order, at_ms: accepted.at_ms, count: accepted.count };
    emitAll(events, [guardianEvent("clock_accepted", "clock", facts)]);
    return { accepted: true, reason_codes: [] };
  });
}

/** The longest claim that any policy may have. */
const LONGEST_CLAIM_MS = MAX_CLAIM_SECONDS * 1_000;

/** Thrown inside the ledger's transaction where its clock gives no time. */
class NoTime extends Error {}

/** Rejects a call because no time is trusted. */
export const clockRejection = (detail: string | undefined): OperationRejection => ({
  ...rejectOperation("clock_untrusted"),
  ...(detail === undefined ? {} : { detail }),
});

/** Takes a step. A change is recorded even while no clock is trusted, at a time that shortens no limit. */
export async function takeStep(
  context: Context,
  reads: LedgerReads,
  step: Step,
): Promise<OperationResult> {
  const { result, events } = await transact(
    context,
    (now_ms) => ({ ...reads, now_ms }),
    (snapshot, time) => {
      const now_ms = Math.max(time.nowMs, snapshot.stored_ms);
      const taken = step({ ...snapshot, now_ms, time });
      if (taken.writes === null) return taken;
      const untrusted = time.trusted ? {} : { keep_times: true as const };
      return { ...taken, writes: { ...taken.writes, now_ms, ...untrusted } };
    },
  );
  emitAll(context.events, events);
  return result;
}

/** Answers a call; an error becomes a rejection. */
export async function answering(
  context: Context,
  call: () => Promise<OperationResult>,
): Promise<OperationResult> {
  try {
    return await call();
  } catch (error) {
    const cause: unknown = error instanceof LedgerError ? error.cause : error;
    if (cause instanceof NoTime) return clockRejection(cause.message);
    return rejectOperation(ledgerCode(context, error));
  }
}

/** Reports a settlement of an id that the ledger does not have: it cannot be counted. */
function unknownWithdrawal(context: Context, withdrawalId: string): OperationResult {
  const facts = { withdrawal_id: withdrawalId, at_ms: context.clock.begin().time.nowMs };
  emitAll(context.events, [guardianEvent("unknown_withdrawal", "ledger", facts)]);
  return rejectOperation("unknown_withdrawal");
}

const target = ({ scope: type, id }: FreezeOrder<FreezeTarget>): Scope => ({ type, id });
