/** Runs layers 4 and 5 on the evidence of layers 1 to 3, whichever process runs those (design, section 10). */
import type { DefenseState, NetworkView, SentinelReport } from "@dgb-shield/contract";
import type { DecisionEngine } from "@dgb-shield/quantum-wallet-guard";
import type { FleetReport } from "@dgb-shield/sentinel";
import type {
  ClaimAnswer,
  CommitOptions,
  Guardian,
  OperationResult,
  OperatorOrder,
  ReleaseOptions,
} from "@dgb-shield/wallet-guardian";
import { askBalance } from "./balances.js";
import type { PipelineConfig, Settings } from "./config.js";
import { dryLedger } from "./dry-ledger.js";
import { type Inputs, type Veto, vetoOf } from "./evidence.js";
import { createGuardEngines } from "./guard-engines.js";
import { createGuardians, type Guardians } from "./guardians.js";
import { heldLedger } from "./held-ledger.js";
import { readRequest, type WithdrawalParts } from "./request.js";
import type { SiteView } from "./site.js";
import {
  type Claim,
  claimWith,
  type Decided,
  type DecideOptions,
  decideWith,
} from "./withdrawal.js";

/** Everything that is known now, as the next decision would read it. */
export type Overview = Readonly<{
  inputs: Inputs;
  /** Why every withdrawal would be rejected now; null where nothing forbids it. */
  veto: Veto;
  at_ms: number;
  /** How far this process's clock is ahead of the time that has passed, in milliseconds; below 0: behind; 0 while it is trusted. */
  clock_step_ms: number;
  view: NetworkView;
  defense: DefenseState;
  /** The last report of each own node. */
  reports: readonly SentinelReport[];
  /** The own nodes compared with each other; null before the first observation. */
  together: FleetReport | null;
}>;

/** The Guardian's views and orders, which need no evidence. */
export type GuardianAccess = Pick<
  Guardian,
  | "wallet"
  | "account"
  | "global"
  | "frozen"
  | "payments"
  | "freeze"
  | "unfreeze"
  | "registerDestination"
  | "approveDestination"
>;

/** What decides. */
export type Decider = Readonly<{
  /**
   * Layers 4 and 5 on a request, with the evidence of the moment of its record; anything but a sound
   * request gives REJECT. The promise never rejects.
   */
  decideWithdrawal(request: unknown, options?: DecideOptions): Promise<Decided>;
  /** As `decideWithdrawal`, on the state of this moment, without a record, a reservation or a count. */
  simulateWithdrawal(request: unknown, options?: DecideOptions): Promise<Decided>;
  /**
   * Permits one signer to sign a withdrawal that was allowed, where the Guardian's policy has claims: the evidence of
   * this moment is read again. Never rejects; only ALLOW permits signing.
   */
  claim(withdrawalId: string, claim: Claim): Promise<ClaimAnswer>;
  /** Records the transaction that paid a withdrawal. Ask again where the answer is not accepted. */
  commit(withdrawalId: string, options: CommitOptions): Promise<OperationResult>;
  /** Gives a withdrawal back that will never be signed; what was claimed only with proof. */
  releaseWithdrawal(withdrawalId: string, order: ReleaseOptions): Promise<OperationResult>;
  guardian: GuardianAccess;
  /** Reads everything that is known now, from memory, once the stored state was compared with the ledger. */
  overview(): Promise<Overview>;
}>;

/** What a decider is made of. */
export type DeciderParts = Readonly<{
  given: PipelineConfig;
  settings: Settings;
  /** What is known of layers 1 to 3; read anew by each call. */
  view: () => SiteView;
}>;

/** A decider, and the ledger's part of an acceptance of the clock. */
export type OwnDecider = Readonly<{
  decider: Decider;
  acceptLedgerClock(order: OperatorOrder): Promise<boolean>;
}>;

/** Creates a decider; one a process, since its guardians hold what the process knows of policies and the clock. */
export function createDecider({ given, settings, view }: DeciderParts): OwnDecider {
  const { ledger, events, clock, monotonic, wallet_policies, balances } = given;
  const held = heldLedger(ledger, () => view().isChecked());
  const common = {
    policy: given.guardian_policy,
    clock,
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(given.script_of === undefined ? {} : { scriptOf: given.script_of }),
    ...(given.log === undefined ? {} : { log: given.log }),
    // The guard's rule on new addresses takes the ledger's word.
    trackDestinations: isAgeNeeded(given.qwg_policy),
    judgeBehaviour: given.behaviour === "ledger",
  };
  const guardians = createGuardians({ ...common, ledger: held, events }, wallet_policies);
  const simulators = createGuardians({ ...common, ledger: dryLedger(held) }, wallet_policies);
  const engines = createGuardEngines(given.qwg_policy);
  const engineFor = ({ withdrawal }: WithdrawalParts, options?: DecideOptions): DecisionEngine =>
    engines.of(withdrawal, options?.approvers);
  const evidence = () => view().evidence();
  let attempts = 0;
  const decider = Object.freeze({
    async decideWithdrawal(request, options) {
      const requested = readRequest(request);
      // First: the evidence must not age meanwhile.
      const balance = await askBalance(balances, walletOf(requested));
      await view().prepared();
      const nextAttempt = () => ++attempts;
      const guardian = guardians.of(walletOf(requested));
      const qwg = engineFor(requested, options);
      const parts = { guardian, qwg, settings, evidence, events, balance, nextAttempt };
      return decideWith(requested, parts, options);
    },
    async simulateWithdrawal(request, options) {
      const requested = readRequest(request);
      const balance = await askBalance(balances, walletOf(requested));
      await view().prepared();
      const guardian = simulators.of(walletOf(requested));
      const qwg = engineFor(requested, options);
      const parts = { guardian, qwg, settings, evidence, events: SILENT, balance };
      return decideWith(requested, { ...parts, nextAttempt: () => 0 }, options);
    },
    async claim(withdrawalId, claim) {
      await view().prepared();
      const guardian = await guardians.ofPayment(withdrawalId);
      return claimWith(withdrawalId, claim, { guardian, settings, evidence });
    },
    async commit(withdrawalId, options) {
      await view().checked();
      return (await guardians.ofPayment(withdrawalId)).commit(withdrawalId, options);
    },
    async releaseWithdrawal(withdrawalId, order) {
      await view().checked();
      return (await guardians.ofPayment(withdrawalId)).release(withdrawalId, order);
    },
    guardian: accessOf(guardians, () => view().checked()),
    async overview() {
      await view().checked();
      const { evidence: found, ...layers } = view().everything();
      const { inputs, at_ms, clock_step_ms } = found;
      const [reports, together] = [view().reports(), view().together()];
      const veto = vetoOf(found, settings);
      return { inputs, veto, at_ms, clock_step_ms, ...layers, reports, together };
    },
  } satisfies Decider);
  return {
    decider,
    acceptLedgerClock: async (order) => (await guardians.main.acceptClock(order)).accepted,
  };
}

/** Whether the guard has a rule on the age of destinations; what is no policy is refused by the guard itself. */
const isAgeNeeded = ({ min_address_age_days: days }: PipelineConfig["qwg_policy"]): boolean =>
  typeof days === "number" && days > 0;

/** The wallet that a request names; what is no request is the main guardian's to refuse. */
const walletOf = ({ withdrawal }: WithdrawalParts): unknown => withdrawal["wallet_id"];

const SILENT = { emit: () => undefined };

/** The Guardian's views and orders, none before the stored state was compared with the ledger. */
function accessOf(guardians: Guardians, checked: () => Promise<void>): GuardianAccess {
  const guardian = guardians.main;
  const after =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await checked();
      return call(...args);
    };
  return Object.freeze({
    wallet: after((id: string) => guardians.of(id).wallet(id)),
    account: after(guardian.account),
    global: after(guardian.global),
    frozen: after(guardian.frozen),
    payments: after(guardian.payments),
    freeze: after(guardian.freeze),
    unfreeze: after(guardian.unfreeze),
    registerDestination: after(guardian.registerDestination),
    approveDestination: after(guardian.approveDestination),
  } satisfies GuardianAccess);
}
