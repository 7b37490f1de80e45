/**
 * Composes the five layers to one pipeline; the only place that does.
 *
 * An observation goes Sentinel → DQSN → ADN. A withdrawal goes to the Guardian, whose `finalize`
 * reads the evidence again, runs QWG and builds the record inside the Guardian's transaction: only a
 * final allow reserves.
 */
import { createDecisionEngine } from "@dgb-shield/quantum-wallet-guard";
import type { Observation } from "@dgb-shield/sentinel";
import type { SignalV2 } from "@dgb-shield/contract";
import {
  type ClaimAnswer,
  createGuardian,
  type OperationResult,
  type OperatorOrder,
  type ReleaseOptions,
} from "@dgb-shield/wallet-guardian";
import { ownFields, parseConfig, type PipelineConfig } from "./config.js";
import { heldLedger } from "./held-ledger.js";
import { type ClockAcceptance, isOperatorOrder, type Release } from "./orders.js";
import { createSite, type LayerStatus } from "./site.js";
import { type Claim, claimWith, type Decided, decideWith } from "./withdrawal.js";

export { PipelineError, type PipelineConfig } from "./config.js";
export type { ClockAcceptance, Release } from "./orders.js";
export type { LayerStatus } from "./site.js";
export type { StateStore } from "./state/saved-state.js";
export { createStateFile } from "./state/state-file.js";
export type { Claim, Decided } from "./withdrawal.js";

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
  decideWithdrawal(request: unknown): Promise<Decided>;
  /**
   * Permits one signer to sign a withdrawal that was allowed, where the Guardian's policy has claims: the evidence of
   * this moment is read again. Never rejects; only ALLOW permits signing.
   */
  claim(withdrawalId: string, claim: Claim): Promise<ClaimAnswer>;
  /** Records the transaction that paid a withdrawal. Ask again where the answer is not accepted. */
  commit(withdrawalId: string, txid: string): Promise<OperationResult>;
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
  const guardian = createGuardian({
    policy: given.guardian_policy,
    ledger: heldLedger(ledger, () => site.isChecked()),
    events,
    clock,
    ...(monotonic === undefined ? {} : { monotonic }),
  });
  const qwg = createDecisionEngine({ policy: given.qwg_policy });
  const site = createSite(given, settings);
  let attempts = 0;
  return Object.freeze({
    observe: site.observe,
    receive: site.receive,
    refusedSignals: site.refusedSignals,
    release: site.release,
    async decideWithdrawal(request) {
      await site.prepared();
      const { evidence } = site;
      const nextAttempt = () => ++attempts;
      return decideWith(request, { guardian, qwg, settings, evidence, events, nextAttempt });
    },
    async claim(withdrawalId, claim) {
      await site.prepared();
      const { evidence } = site;
      return claimWith(withdrawalId, claim, { guardian, settings, evidence });
    },
    async commit(withdrawalId, txid) {
      await site.checked();
      return guardian.commit(withdrawalId, { txid });
    },
    async releaseWithdrawal(withdrawalId, order) {
      await site.checked();
      return guardian.release(withdrawalId, order);
    },
    async acceptClock(order) {
      // An order that one layer would accept and another reject changes none.
      if (!isOperatorOrder(order)) return { accepted: false, refused_by: ["pipeline"] };
      await site.checked();
      const refused = site.acceptClock(order);
      const { accepted } = await guardian.acceptClock(order);
      const refused_by = accepted ? refused : [...refused, "wallet_guardian"];
      return { accepted: refused_by.length === 0, refused_by };
    },
  } satisfies Pipeline);
}
