/** Wallet Guardian: a withdrawal firewall over a durable ledger (Wallet Guardian v2; design, section 7). */
import type { EventSink } from "@dgb-shield/contract";
import type { GuardianAnswer } from "./evaluate/answer.js";
import { claim } from "./claim/index.js";
import type { ClaimAnswer, ClaimOptions } from "./claim/arguments.js";
import type { Context, LogEntry } from "./context.js";
import { type DestinationTarget, nameDestination } from "./operations/destinations.js";
import type { ScriptOf } from "./policy/destination-rules.js";
import { evaluate } from "./evaluate/index.js";
import { type Finalize, readFinalize } from "./evaluate/finalize.js";
import { importPayments, type ImportOptions, type ImportResult } from "./import/index.js";
import type { OutsidePayment } from "./import/payments.js";
import { has } from "./internal/own.js";
import {
  type FreezeList,
  listFreezes,
  listPayments,
  type PageOptions,
  type PaymentList,
  type PaymentStatus,
} from "./operations/listing.js";
import { acceptClock, freeze, settlePayment, settleWhole, unfreeze } from "./operations/index.js";
import {
  commitSchema,
  destinationSchema,
  freezeSchema,
  type FreezeTarget,
  operatorSchema,
  type OperationRejection,
  type OperationResult,
  pageSchema,
  paymentsSchema,
  readArguments,
  releaseSchema,
  scopeSchema,
  unfreezeSchema,
  type UnfreezeTarget,
} from "./operations/arguments.js";
import { createContext } from "./options.js";
import type { GuardianPolicyInput } from "./policy/policy.js";
import type { Ledger } from "./ports.js";
import type { RiskInput } from "./request/read-request.js";
import { GLOBAL_SCOPE, type ScopeType } from "./scopes.js";
import { commitStep, releaseStep } from "./operations/commit-release.js";
import { type ScopeView, view } from "./operations/view.js";
import type { PaymentRequest, WithdrawalRequest } from "./request/withdrawal.js";

/** The options of `createGuardian`. */
export type GuardianOptions = Readonly<{
  policy: GuardianPolicyInput;
  ledger: Ledger;
  events?: EventSink;
  /** Receives why the ledger failed: code, path, errno, SQLSTATE; never a secret. Its exceptions are ignored. */
  log?: (entry: LogEntry) => void;
  /** Wall clock: milliseconds since 1970-01-01T00:00:00Z. */
  clock: () => number;
  /**
   * Monotonic clock in milliseconds (`performance.now`); without it a clock that jumps ahead, the process's or
   * the ledger's, goes unnoticed.
   */
  monotonic?: () => number;
  /**
   * Turns an address into its script (hexadecimal), null where it is no address of the chain. With it two spellings
   * of one destination are one, and what cannot be read is rejected; without it addresses are compared as texts.
   */
  scriptOf?: ScriptOf;
  /** Keeps which account named which destination, and since when, although no rule of the policy needs it; `finalize` receives the age. */
  trackDestinations?: boolean;
  /** Compares each payment with what left its accounts in the half year before; `finalize` receives the score. */
  judgeBehaviour?: boolean;
}>;

/** An operator's name and reason. */
export type OperatorOrder = Readonly<{ operator: string; reason: string }>;

/** The transaction that paid. */
export type CommitOptions = Readonly<{
  txid: string;
  /** The network fee that was paid, coins. */
  fee?: string;
  /** What the transaction spends, `txid:vout`: shows that a later one replaces it. */
  inputs?: readonly string[];
}>;

/** Why a payment is given back. */
export type ReleaseOptions = Readonly<{
  reason: string;
  operator?: string;
  /** The signer that holds the claim. */
  signer_id?: string;
  /** States that nothing of a claimed payment was signed and sent. */
  not_executed?: true;
}>;

/** Wallet Guardian. No method throws, and no promise rejects: every failure is an answer with a code. */
export type Guardian = Readonly<{
  /** Hash of the policy with its defaults, as every decision names it. */
  policy_version: string;
  /**
   * Decides on a withdrawal, or on a payment of several payouts, and records it, in one transaction.
   *
   * @param request checked again at run time; nothing is coerced
   * @param risk `LOW`, `MEDIUM` or `HIGH`, or `{ level, low_since_ms }`
   * @param options `finalize`: the caller's own check, called inside the transaction for every decision, a
   * repeated ALLOW included
   * @returns a decision; where `final` is true the payment is reserved for `valid_for_ms`, and may be signed or,
   * with the policy's `claim: "explicit"`, claimed
   */
  evaluate(
    request: WithdrawalRequest | PaymentRequest,
    risk: RiskInput,
    options?: Readonly<{ finalize?: Finalize }>,
  ): Promise<GuardianAnswer>;
  /**
   * Permits one signer to sign a reserved payment, after freezes, risk and evidence were checked again. A later
   * claim (fee bump, other coins) names a transaction that shares an input with every earlier one.
   *
   * @returns ALLOW with `valid_for_ms`; any other decision does not permit signing
   */
  claim(withdrawalId: string, options: ClaimOptions): Promise<ClaimAnswer>;
  /** Records the transaction that paid a payment, whenever that becomes known; a payout's id stands for its payment. See `commitStep`. */
  commit(withdrawalId: string, options: CommitOptions): Promise<OperationResult>;
  /** Gives a payment back that will never be signed; what was claimed only with proof; see `releaseStep`. */
  release(withdrawalId: string, options: ReleaseOptions): Promise<OperationResult>;
  /** Freezes a scope until an operator lifts it by its cause; the global scope has the id `"global"`. */
  freeze(scope: FreezeTarget, id: string, order: OperatorOrder): Promise<OperationResult>;
  /** Lifts the automatic freezes of a scope, or with `"cause"` every freeze of one `cause_id`. */
  unfreeze(scope: UnfreezeTarget, id: string, order: OperatorOrder): Promise<OperationResult>;
  /** Registers a destination ahead of its first payment: its waiting time begins now. */
  registerDestination(target: DestinationTarget): Promise<OperationResult>;
  /** Approves a destination: it neither waits nor counts as a look-alike. */
  approveDestination(target: DestinationTarget, order: OperatorOrder): Promise<OperationResult>;
  /**
   * Counts payments that were paid without the guardian: each from its own time on, in every window and the cooldown, and
   * its id never pays again. All or nothing; what the ledger has already counts once. Lists of more than 500 freeze
   * everything while they are counted, so that nothing is paid on the half of one. Recorded.
   *
   * @param payments at most 200,000, each of one payout
   */
  importPayments(
    payments: readonly OutsidePayment[],
    order: OperatorOrder,
    options?: ImportOptions,
  ): Promise<ImportResult>;
  /** Reads the state of a wallet. */
  wallet(walletId: string): Promise<ScopeView | OperationRejection>;
  /** Reads the state of an account. */
  account(accountId: string): Promise<ScopeView | OperationRejection>;
  /** Reads the state of the whole site. */
  global(): Promise<ScopeView | OperationRejection>;
  /** Lists the freezes of all scopes. */
  frozen(page?: PageOptions): Promise<FreezeList | OperationRejection>;
  /** Lists payments that are reserved, lapsed, claimed, or claimed and unsettled. */
  payments(
    page?: PageOptions & Readonly<{ status?: PaymentStatus }>,
  ): Promise<PaymentList | OperationRejection>;
  /**
   * Accepts the clock that counts (the process's, with PostgreSQL the server's) as right, after a step back or
   * forward, for every process on the ledger. Later times in the ledger are set to now: they count from
   * now for their whole time, and an ALLOW from the future is no longer in force. Recorded, and an event.
   *
   * @returns rejected with `clock_untrusted` where the clock gives no time
   */
  acceptClock(order: OperatorOrder): Promise<OperationResult>;
}>;

/**
 * Makes a guardian.
 *
 * @throws GuardianPolicyError for a policy that cannot be used, with every issue
 * @throws GuardianOptionsError for a missing or unusable `ledger`, `clock` or other option
 */
export function createGuardian(options: GuardianOptions): Guardian {
  const context = createContext(options);
  return Object.freeze({
    policy_version: context.compiled.version,
    evaluate: (payment, risk, options) =>
      evaluate(context, { payment, risk, finalize: readFinalize(options) }),
    claim: (withdrawalId, options) => claim(context, withdrawalId, options),
    ...settlements(context),
    ...orders(context),
    ...destinations(context),
    importPayments: (payments, order, options) => importPayments(context, payments, order, options),
    ...views(context),
  } satisfies Guardian);
}

function settlements(context: Context): Pick<Guardian, "commit" | "release"> {
  return {
    async commit(withdrawal_id, options) {
      const read = readArguments(commitSchema, { withdrawal_id }, options);
      if (has(read, "rejection")) return read.rejection;
      return settleWhole(context, read.value.withdrawal_id, commitStep(read.value));
    },
    async release(withdrawal_id, options) {
      const read = readArguments(releaseSchema, { withdrawal_id }, options);
      if (has(read, "rejection")) return read.rejection;
      return settlePayment(context, read.value.withdrawal_id, releaseStep(read.value));
    },
  };
}

function orders(context: Context): Pick<Guardian, "freeze" | "unfreeze" | "acceptClock"> {
  return {
    async freeze(scope, id, order) {
      const read = readArguments(freezeSchema, { scope, id }, order);
      return has(read, "rejection") ? read.rejection : freeze(context, read.value);
    },
    async unfreeze(scope, id, order) {
      const read = readArguments(unfreezeSchema, { scope, id }, order);
      return has(read, "rejection") ? read.rejection : unfreeze(context, read.value);
    },
    async acceptClock(order) {
      const read = readArguments(operatorSchema, {}, order);
      return has(read, "rejection") ? read.rejection : acceptClock(context, read.value);
    },
  };
}

function destinations(
  context: Context,
): Pick<Guardian, "registerDestination" | "approveDestination"> {
  return {
    async registerDestination(target) {
      const read = readArguments(destinationSchema, {}, target);
      return has(read, "rejection") ? read.rejection : nameDestination(context, read.value, null);
    },
    async approveDestination(target, order) {
      const named = readArguments(destinationSchema, {}, target);
      if (has(named, "rejection")) return named.rejection;
      const read = readArguments(operatorSchema, {}, order);
      return has(read, "rejection")
        ? read.rejection
        : nameDestination(context, named.value, read.value);
    },
  };
}

function views(
  context: Context,
): Pick<Guardian, "wallet" | "account" | "global" | "frozen" | "payments"> {
  const viewOf = async (type: ScopeType, key: string, id: unknown) => {
    const read = readArguments(scopeSchema, { id });
    return has(read, "rejection")
      ? { ...read.rejection, path: `/${key}` }
      : view(context, { type, id: read.value.id });
  };
  return {
    wallet: (id) => viewOf("wallet", "wallet_id", id),
    account: (id) => viewOf("account", "account_id", id),
    global: () => view(context, GLOBAL_SCOPE),
    async frozen(page) {
      const read = readArguments(pageSchema, {}, page);
      return has(read, "rejection") ? read.rejection : listFreezes(context, read.value);
    },
    async payments(page) {
      const read = readArguments(paymentsSchema, {}, page);
      return has(read, "rejection") ? read.rejection : listPayments(context, read.value);
    },
  };
}
