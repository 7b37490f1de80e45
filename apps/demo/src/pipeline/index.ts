/**
 * Composes the five layers to one pipeline; the only place that does.
 *
 * An observation goes Sentinel → DQSN → ADN. A withdrawal goes to the Guardian, whose `finalize`
 * reads the evidence again, runs QWG and builds the record inside the Guardian's transaction: only a
 * final allow reserves.
 */
import { ownFields, parseConfig, type PipelineConfig } from "./config.js";
import { createDecider, type Decider } from "./decider.js";
import { withCountedEvents } from "./counted-events.js";
import { createSite } from "./site.js";
import { type Watch, watchOf } from "./watch.js";

export { type AskedBalance, type Balances, MAX_BALANCE_AGE_MS } from "./balances.js";
export { PipelineError, type PipelineConfig } from "./config.js";
export type { Decider, GuardianAccess, Overview } from "./decider.js";
export type { ClockAcceptance, Release } from "./orders.js";
export {
  createSharedPipeline,
  type EvidenceFeed,
  type Leadership,
  type LeadOptions,
  type SharedEvidence,
  type SharedPipeline,
} from "./shared.js";
export type { ForeignNetwork, LayerStatus } from "./site.js";
export type { LastTip } from "./sources.js";
export type { StateStore } from "./state/saved-state.js";
export { createStateFile } from "./state/state-file.js";
export type { Watch } from "./watch.js";
export { type Claim, type Decided, type DecideOptions, bindingOf } from "./withdrawal.js";
export { createGuardians, type Guardians } from "./guardians.js";
export { readRequest, type WithdrawalParts } from "./request.js";
export type { Inputs, Veto } from "./evidence.js";

/** The pipeline of one site. */
export type Pipeline = Decider & Watch;

/**
 * Wires the layers together.
 *
 * @throws PipelineError `invalid_config`, `state_of_another_site`; the errors of the layers' own configuration
 */
export function createPipeline(config: PipelineConfig): Pipeline {
  const settings = parseConfig(config);
  const given = ownFields(config);
  // The decider's configuration is checked first, as a state that cannot be used is no matter of it.
  const counted = withCountedEvents(given, settings, (event) => site.noteWithdrawal(event));
  const parts = { given: counted, settings, view: () => site };
  const { decider, acceptLedgerClock } = createDecider(parts);
  const site = createSite(given, settings);
  return Object.freeze({ ...decider, ...watchOf(site, acceptLedgerClock) } satisfies Pipeline);
}
