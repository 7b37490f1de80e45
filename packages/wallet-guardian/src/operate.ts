/** Calls that change what was decided: each a step in the ledger's transaction (design: layer 4). */
import { type Context, ledgerCode } from "./context.js";
import { emitAll, guardianEvent } from "./events.js";
import { type FreezeOrder, freezeStep, unfreezeStep } from "./freezing.js";
import {
  type FreezeTarget,
  type OperationRefusal,
  type OperationResult,
  refuseOperation,
  type UnfreezeTarget,
} from "./operation.js";
import type { LedgerReads } from "./ports.js";
import { lockReads, recordOnlyReads, viewReads } from "./reads.js";
import { type Scope, scopesOf } from "./scopes.js";
import { record, type Step } from "./settle.js";
import { viewWallet, type WalletView } from "./view.js";

/** Takes a step on one withdrawal, under the locks of its scopes. */
export async function settleWithdrawal(
  context: Context,
  withdrawalId: string,
  step: Step,
): Promise<OperationResult> {
  return answering(async () => {
    const stored = await context.ledger.withdrawal(withdrawalId);
    if (stored === null) return unknownWithdrawal(context, withdrawalId);
    return take(context, lockReads(context.compiled, scopesOf(stored), withdrawalId), step);
  });
}

/** Freezes a scope. */
export const freeze = (
  context: Context,
  order: FreezeOrder<FreezeTarget>,
): Promise<OperationResult> =>
  answering(() =>
    take(context, lockReads(context.compiled, [target(order)], null), freezeStep(order)),
  );

/** Lifts the freezes of a scope or of a cause. */
export function unfreeze(
  context: Context,
  order: FreezeOrder<UnfreezeTarget>,
): Promise<OperationResult> {
  const { scope: type, id } = order;
  const scopes = type === "cause" ? [] : [{ type, id }];
  const freezes = type === "cause" ? { cause_id: id } : { scope: { type, id } };
  const reads = { ...lockReads(context.compiled, scopes, null), freezes };
  return answering(() => take(context, reads, unfreezeStep(order)));
}

/** Records that an operator takes the wall clock for right, and does so. */
export function acceptClock(
  context: Context,
  order: Readonly<{ operator: string; reason: string }>,
): Promise<OperationResult> {
  return answering(async () => {
    // [REFUSE] there is no time to accept: nothing to record
    if (!context.clock.isTelling()) return refuseOperation("clock_untrusted");
    const result = await take(context, recordOnlyReads(0), ({ now_ms }) => ({
      result: { result: { accepted: true, reason_codes: [] }, events: [] },
      writes: { record: record("clock_accepted", { ...order, at_ms: now_ms }) },
    }));
    return context.clock.accept() ? result : refuseOperation("clock_untrusted");
  });
}

/** How a wallet stands. */
export async function view(
  context: Context,
  walletId: string,
): Promise<WalletView | OperationRefusal> {
  const scope: Scope = { type: "wallet", id: walletId };
  const reads = viewReads(context.compiled, scope, context.clock.read().nowMs);
  try {
    const found = await context.ledger.transact(reads, (snapshot) => ({
      result: viewWallet(context.compiled, walletId, snapshot),
      writes: null,
    }));
    return found ?? refuseOperation("ledger_unavailable");
  } catch (error) {
    return refuseOperation(ledgerCode(error));
  }
}

async function take(context: Context, reads: LedgerReads, step: Step): Promise<OperationResult> {
  const { nowMs } = context.clock.read();
  const { result, events } = await context.ledger.transact({ ...reads, now_ms: nowMs }, step);
  emitAll(context.events, events);
  return result;
}

async function answering(call: () => Promise<OperationResult>): Promise<OperationResult> {
  try {
    return await call();
  } catch (error) {
    return refuseOperation(ledgerCode(error));
  }
}

/** Somebody settles what this guardian never saw: it cannot be counted, but it is reported. */
function unknownWithdrawal(context: Context, withdrawalId: string): OperationResult {
  const facts = { withdrawal_id: withdrawalId, at_ms: context.clock.read().nowMs };
  emitAll(context.events, [guardianEvent("unknown_withdrawal", "ledger", facts)]);
  return refuseOperation("unknown_withdrawal");
}

const target = ({ scope: type, id }: FreezeOrder<FreezeTarget>): Scope => ({ type, id });
