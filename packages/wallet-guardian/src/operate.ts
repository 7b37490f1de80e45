/** Calls that change what was decided: each a step in the ledger's transaction (design: layer 4). */
import { timeFault } from "./clock.js";
import { type Context, ledgerCode, transact } from "./context.js";
import { LedgerError } from "./errors.js";
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
import { lockReads, viewReads } from "./reads.js";
import { type Scope, scopesOf } from "./scopes.js";
import { record, type Step } from "./settle.js";
import { viewWallet, type WalletView } from "./view.js";

/** Takes a step on one withdrawal, under the locks of its scopes. */
export async function settleWithdrawal(
  context: Context,
  withdrawalId: string,
  step: Step,
): Promise<OperationResult> {
  return answering(context, async () => {
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
  answering(context, () =>
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
  return answering(context, () => take(context, reads, unfreezeStep(order)));
}

/**
 * Takes the clock for right, for every process on the ledger, and records it: what lies in the future of
 * it is dated now.
 */
export function acceptClock(
  context: Context,
  order: Readonly<{ operator: string; reason: string }>,
): Promise<OperationResult> {
  const { clock, events, ledger } = context;
  return answering(context, async () => {
    const { local, time } = clock.begin();
    // [REFUSE] there is no time to accept: nothing to record
    if (time.status === "invalid") return clockRefusal(time.detail);
    const accepted = await ledger.acceptClock(Number(local.wall), (now_ms) => {
      const fault = timeFault(now_ms);
      if (fault !== undefined) throw new NoTime(`the ledger's clock: ${fault}`);
      return record("clock_accepted", { ...order, at_ms: now_ms });
    });
    clock.accept(accepted);
    const facts = { ...order, at_ms: accepted.at_ms, count: accepted.count };
    emitAll(events, [guardianEvent("clock_accepted", "clock", facts)]);
    return { accepted: true, reason_codes: [] };
  });
}

/** How a wallet stands; nothing is stored, not even by the clock. */
export async function view(
  context: Context,
  walletId: string,
): Promise<WalletView | OperationRefusal> {
  const { compiled } = context;
  const scope: Scope = { type: "wallet", id: walletId };
  try {
    const found = await transact(
      context,
      (nowMs) => viewReads(compiled, scope, nowMs),
      (snapshot, { status, detail }) => ({
        result:
          status === "invalid"
            ? clockRefusal(detail)
            : viewWallet(compiled, walletId, { snapshot, clock: status }),
        writes: null,
      }),
      { keep: false },
    );
    return found ?? refuseOperation("ledger_unavailable");
  } catch (error) {
    return refuseOperation(ledgerCode(context, error));
  }
}

/** Thrown inside the ledger's transaction where its clock gives no time. */
class NoTime extends Error {}

const clockRefusal = (detail: string | undefined): OperationRefusal => ({
  ...refuseOperation("clock_untrusted"),
  ...(detail === undefined ? {} : { detail }),
});

/** Takes a step; what changes is recorded even while no clock is trusted, at a time that makes nothing milder. */
async function take(context: Context, reads: LedgerReads, step: Step): Promise<OperationResult> {
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

async function answering(
  context: Context,
  call: () => Promise<OperationResult>,
): Promise<OperationResult> {
  try {
    return await call();
  } catch (error) {
    const cause: unknown = error instanceof LedgerError ? error.cause : error;
    if (cause instanceof NoTime) return clockRefusal(cause.message);
    return refuseOperation(ledgerCode(context, error));
  }
}

/** Reports a settlement of an id that no guardian of this ledger saw: it cannot be counted. */
function unknownWithdrawal(context: Context, withdrawalId: string): OperationResult {
  const facts = { withdrawal_id: withdrawalId, at_ms: context.clock.begin().time.nowMs };
  emitAll(context.events, [guardianEvent("unknown_withdrawal", "ledger", facts)]);
  return refuseOperation("unknown_withdrawal");
}

const target = ({ scope: type, id }: FreezeOrder<FreezeTarget>): Scope => ({ type, id });
