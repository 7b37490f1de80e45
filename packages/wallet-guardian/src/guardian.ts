/** Wallet Guardian: a withdrawal firewall over a durable ledger (Wallet Guardian v2; design: layer 4). */
import type { EventSink, GuardianRisk } from "@dgb-shield/contract";
import type { GuardianAnswer } from "./answer.js";
import type { Context, LogEntry } from "./context.js";
import { evaluate } from "./evaluate.js";
import { type Finalize, readFinalize } from "./finalize.js";
import { acceptClock, freeze, settleWithdrawal, unfreeze, view } from "./operate.js";
import {
  commitSchema,
  freezeSchema,
  type FreezeTarget,
  operatorSchema,
  type OperationRefusal,
  type OperationResult,
  readArguments,
  releaseSchema,
  unfreezeSchema,
  type UnfreezeTarget,
  walletSchema,
} from "./operation.js";
import { createContext } from "./options.js";
import type { GuardianPolicyInput } from "./policy.js";
import type { Ledger } from "./ports.js";
import { commitStep, releaseStep, replaceStep } from "./settle.js";
import type { WalletView } from "./view.js";
import type { WithdrawalRequest } from "./withdrawal.js";
import { has } from "./internal/own.js";

/** What a guardian is made of. */
export type GuardianOptions = Readonly<{
  policy: GuardianPolicyInput;
  ledger: Ledger;
  events?: EventSink;
  /** Takes why the ledger failed: code, path, errno, SQLSTATE; never a secret. Whatever it does changes nothing. */
  log?: (entry: LogEntry) => void;
  /** Wall clock: milliseconds since 1970-01-01T00:00:00Z. */
  clock: () => number;
  /**
   * Monotonic clock in milliseconds (`performance.now`); without it a clock that jumps ahead, the process's or
   * the ledger's, goes unnoticed.
   */
  monotonic?: () => number;
}>;

/** An operator's name and reason. */
export type OperatorOrder = Readonly<{ operator: string; reason: string }>;

/** Wallet Guardian. No method throws or rejects: whatever goes wrong is a refusal with a code. */
export type Guardian = Readonly<{
  /** Hash of the policy with its defaults, as every decision names it. */
  policy_version: string;
  /**
   * Decides on a withdrawal and records it, in one transaction.
   *
   * @param withdrawal checked again at run time; nothing is coerced
   * @param risk `LOW`, `MEDIUM` or `HIGH`
   * @param options `finalize`: the caller's own check, called inside the transaction for every decision, a
   * repeated ALLOW included
   * @returns a decision; only where `final` is true may the withdrawal be signed, for `valid_for_ms`
   */
  evaluate(
    withdrawal: WithdrawalRequest,
    risk: GuardianRisk,
    options?: Readonly<{ finalize?: Finalize }>,
  ): Promise<GuardianAnswer>;
  /** Records the transaction that paid a withdrawal; see `commitStep`. */
  commit(withdrawalId: string, options: Readonly<{ txid: string }>): Promise<OperationResult>;
  /** Records that another transaction took the place of the committed one. */
  replace(withdrawalId: string, options: Readonly<{ txid: string }>): Promise<OperationResult>;
  /** Gives a reservation back that will never be signed; refused after `commit`. */
  release(
    withdrawalId: string,
    options: Readonly<{ operator?: string; reason: string }>,
  ): Promise<OperationResult>;
  /** Freezes a scope until an operator lifts it; the global scope has the id `"global"`. */
  freeze(scope: FreezeTarget, id: string, order: OperatorOrder): Promise<OperationResult>;
  /** Lifts all freezes of a scope, or with `"cause"` all of one `cause_id`. */
  unfreeze(scope: UnfreezeTarget, id: string, order: OperatorOrder): Promise<OperationResult>;
  /** How a wallet stands. */
  wallet(walletId: string): Promise<WalletView | OperationRefusal>;
  /**
   * Takes the clock that counts (the process's, with PostgreSQL the server's) for right, after a step back or
   * forward, for every process on the ledger. What the ledger holds of the future is dated now: it counts from
   * now for its whole time, and an ALLOW from the future is no longer in force. Recorded, and an event.
   *
   * @returns refused with `clock_untrusted` where the clock gives no time
   */
  acceptClock(order: OperatorOrder): Promise<OperationResult>;
}>;

/**
 * Makes a guardian.
 *
 * @throws GuardianPolicyError for a policy that cannot be used, with every fault
 * @throws GuardianOptionsError for a missing or unusable `ledger`, `clock` or other option
 */
export function createGuardian(options: GuardianOptions): Guardian {
  const context = createContext(options);
  return Object.freeze({
    policy_version: context.compiled.version,
    evaluate: (withdrawal, risk, options) =>
      evaluate(context, { withdrawal, risk, finalize: readFinalize(options) }),
    ...settlements(context),
    ...orders(context),
  } satisfies Guardian);
}

function settlements(
  context: Context,
): Pick<Guardian, "commit" | "replace" | "release" | "wallet"> {
  return {
    async commit(withdrawal_id, options) {
      const read = readArguments(commitSchema, { withdrawal_id }, options);
      if (has(read, "refusal")) return read.refusal;
      return settleWithdrawal(context, read.value.withdrawal_id, commitStep(read.value.txid));
    },
    async replace(withdrawal_id, options) {
      const read = readArguments(commitSchema, { withdrawal_id }, options);
      if (has(read, "refusal")) return read.refusal;
      return settleWithdrawal(context, read.value.withdrawal_id, replaceStep(read.value.txid));
    },
    async release(withdrawal_id, options) {
      const read = readArguments(releaseSchema, { withdrawal_id }, options);
      if (has(read, "refusal")) return read.refusal;
      return settleWithdrawal(context, read.value.withdrawal_id, releaseStep(read.value));
    },
    async wallet(wallet_id) {
      const read = readArguments(walletSchema, { wallet_id });
      return has(read, "refusal") ? read.refusal : view(context, read.value.wallet_id);
    },
  };
}

function orders(context: Context): Pick<Guardian, "freeze" | "unfreeze" | "acceptClock"> {
  return {
    async freeze(scope, id, order) {
      const read = readArguments(freezeSchema, { scope, id }, order);
      return has(read, "refusal") ? read.refusal : freeze(context, read.value);
    },
    async unfreeze(scope, id, order) {
      const read = readArguments(unfreezeSchema, { scope, id }, order);
      return has(read, "refusal") ? read.refusal : unfreeze(context, read.value);
    },
    async acceptClock(order) {
      const read = readArguments(operatorSchema, {}, order);
      return has(read, "refusal") ? read.refusal : acceptClock(context, read.value);
    },
  };
}
