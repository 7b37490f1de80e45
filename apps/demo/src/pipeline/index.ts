/**
 * Composes the five layers to one pipeline; the only place that does.
 *
 * An observation goes Sentinel → DQSN → ADN. A withdrawal goes to the Guardian, whose `finalize`
 * reads the evidence again, runs QWG and builds the record inside the Guardian's transaction: only a
 * final allow reserves.
 */
import { createDecisionEngine } from "@dgb-shield/quantum-wallet-guard";
import type { FleetReport, Observation } from "@dgb-shield/sentinel";
import type { DefenseState, NetworkView, SentinelReport, SignalV2 } from "@dgb-shield/contract";
import {
  type ClaimAnswer,
  type CommitOptions,
  type Guardian,
  type OperationResult,
  type OperatorOrder,
  type ReleaseOptions,
} from "@dgb-shield/wallet-guardian";
import { ownFields, parseConfig, type PipelineConfig } from "./config.js";
import { createGuardians, type Guardians } from "./guardians.js";
import { heldLedger } from "./held-ledger.js";
import { type ClockAcceptance, isOperatorOrder, type Release } from "./orders.js";
import { createSite, type ForeignNetwork, type LayerStatus } from "./site.js";
import type { LastTip } from "./sources.js";
import { type Inputs, type Veto, vetoOf } from "./evidence.js";
import { dryLedger } from "./dry-ledger.js";
import { readRequest } from "./request.js";
import {
  type Claim,
  claimWith,
  type Decided,
  type DecideOptions,
  decideWith,
} from "./withdrawal.js";

export { PipelineError, type PipelineConfig } from "./config.js";
export type { ClockAcceptance, Release } from "./orders.js";
export type { ForeignNetwork, LayerStatus } from "./site.js";
export type { LastTip } from "./sources.js";
export type { StateStore } from "./state/saved-state.js";
export { createStateFile } from "./state/state-file.js";
export { type Claim, type Decided, type DecideOptions, bindingOf } from "./withdrawal.js";
export { createGuardians, type Guardians } from "./guardians.js";
export { readRequest } from "./request.js";
export type { Inputs, Veto } from "./evidence.js";

/** Everything that is known now, as the next decision would read it. */
export type Overview = Readonly<{
  inputs: Inputs;
  /** Why every withdrawal would be rejected now; null where nothing forbids it. */
  veto: Veto;
  at_ms: number;
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

/** The pipeline of one site. */
export type Pipeline = Readonly<{
  /**
   * Layers 1 to 3 on what an own node reports. What the status shows is durable when this returns, with a
   * store that saves synchronously.
   *
   * @throws RangeError for an observation of no own node
   */
  observe(observation: Observation): LayerStatus;
  /** Takes in signals of other sites; a rejected one is counted and changes nothing. */
  receive(signals: readonly SignalV2[]): void;
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
  /**
   * Releases the active findings of a detector, and what they caused in ADN; with the detector
   * `state_missing`, the lockdown of a start without stored state. Returns the ids of what was released.
   */
  release(order: Release): string[];
  /** Accepts the wall clock in every layer, after it was found to be wrong. */
  acceptClock(order: OperatorOrder): Promise<ClockAcceptance>;
  refusedSignals(): number;
  /** What a consumer of a stream of other sites' signals takes them into; own names are rejected. */
  foreign: ForeignNetwork;
  guardian: GuardianAccess;
  /** Reads everything that is known now, from memory, once the stored state was compared with the ledger. */
  overview(): Promise<Overview>;
  /** Names of own nodes whose list of chain tips would show more: those that are on different branches. */
  needsTips(): readonly string[];
  /** Time of the newest observation of any own node, also of a process before; 0 before the first. */
  lastObservedMs(): number;
  /** The tip that each own node showed last, also to a process before. */
  lastTips(): readonly LastTip[];
}>;

/**
 * Wires the layers together.
 *
 * @throws PipelineError `invalid_config`, `state_of_another_site`; the errors of the layers' own configuration
 */
export function createPipeline(config: PipelineConfig): Pipeline {
  const settings = parseConfig(config);
  const given = ownFields(config);
  const { ledger, events, clock, monotonic } = given;
  const held = heldLedger(ledger, () => site.isChecked());
  const common = {
    policy: given.guardian_policy,
    clock,
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(given.script_of === undefined ? {} : { scriptOf: given.script_of }),
    ...(given.log === undefined ? {} : { log: given.log }),
  };
  const { wallet_policies } = given;
  const guardians = createGuardians({ ...common, ledger: held, events }, wallet_policies);
  const simulators = createGuardians({ ...common, ledger: dryLedger(held) }, wallet_policies);
  const qwg = createDecisionEngine({ policy: given.qwg_policy });
  const site = createSite(given, settings);
  let attempts = 0;
  return Object.freeze({
    observe: site.observe,
    receive: site.receive,
    refusedSignals: site.refusedSignals,
    foreign: site.foreign,
    release: site.release,
    async decideWithdrawal(request, options) {
      await site.prepared();
      const { evidence } = site;
      const nextAttempt = () => ++attempts;
      const guardian = guardians.of(walletOf(request));
      const parts = { guardian, qwg, settings, evidence, events, nextAttempt };
      return decideWith(request, parts, options);
    },
    async simulateWithdrawal(request, options) {
      await site.prepared();
      const { evidence } = site;
      const guardian = simulators.of(walletOf(request));
      const parts = { guardian, qwg, settings, evidence, events: SILENT };
      return decideWith(request, { ...parts, nextAttempt: () => 0 }, options);
    },
    async claim(withdrawalId, claim) {
      await site.prepared();
      const { evidence } = site;
      const guardian = await guardians.ofPayment(withdrawalId);
      return claimWith(withdrawalId, claim, { guardian, settings, evidence });
    },
    async commit(withdrawalId, options) {
      await site.checked();
      return (await guardians.ofPayment(withdrawalId)).commit(withdrawalId, options);
    },
    async releaseWithdrawal(withdrawalId, order) {
      await site.checked();
      return (await guardians.ofPayment(withdrawalId)).release(withdrawalId, order);
    },
    guardian: accessOf(guardians, site.checked),
    async overview() {
      await site.checked();
      const { evidence, view, defense } = site.everything();
      const { inputs, at_ms } = evidence;
      const veto = vetoOf(evidence, settings);
      return {
        inputs,
        veto,
        at_ms,
        view,
        defense,
        reports: site.reports(),
        together: site.together(),
      };
    },
    needsTips: site.needsTips,
    lastObservedMs: site.lastObservedMs,
    lastTips: site.lastTips,
    async acceptClock(order) {
      // An order that one layer would accept and another reject changes none.
      if (!isOperatorOrder(order)) return { accepted: false, refused_by: ["pipeline"] };
      await site.checked();
      const refused = site.acceptClock(order);
      const { accepted } = await guardians.main.acceptClock(order);
      const refused_by = accepted ? refused : [...refused, "wallet_guardian"];
      return { accepted: refused_by.length === 0, refused_by };
    },
  } satisfies Pipeline);
}

/** The wallet that a request names; what is no request is the main guardian's to refuse. */
function walletOf(request: unknown): unknown {
  return readRequest(request).withdrawal["wallet_id"];
}

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
