/** What watches the own nodes of a site, and takes an operator's orders on layers 1 to 3 (design, section 10). */
import type { Telemetry } from "@dgb-shield/adn";
import type { SignalV2 } from "@dgb-shield/contract";
import type { Observation } from "@dgb-shield/sentinel";
import type { OperatorOrder } from "@dgb-shield/wallet-guardian";
import { type ClockAcceptance, isOperatorOrder, type Release } from "./orders.js";
import type { ForeignNetwork, LayerStatus, Site } from "./site.js";
import type { LastTip } from "./sources.js";

/** Layers 1 to 3 of a site in this process. */
export type Watch = Readonly<{
  /**
   * Layers 1 to 3 on what an own node reports. What the status shows is durable when this returns, with a
   * store that saves synchronously.
   *
   * @throws RangeError for an observation of no own node
   */
  observe(observation: Observation): LayerStatus;
  /** Takes a sample of the node's telemetry, such as the gateway's counts of calls, into the defense; one that cannot be read locks it down. */
  noteTelemetry(sample: Telemetry): void;
  /** Takes in signals of other sites; a rejected one is counted and changes nothing. */
  receive(signals: readonly SignalV2[]): void;
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
  /** Names of own nodes whose list of chain tips would show more: those that are on different branches. */
  needsTips(): readonly string[];
  /** Time of the newest observation of any own node, also of a process before; 0 before the first. */
  lastObservedMs(): number;
  /** The tip that each own node showed last, also to a process before. */
  lastTips(): readonly LastTip[];
}>;

/**
 * Makes the watch of a site.
 *
 * @param acceptLedgerClock the ledger's part of an acceptance
 */
export const watchOf = (
  site: Site,
  acceptLedgerClock: (order: OperatorOrder) => Promise<boolean>,
): Watch =>
  Object.freeze({
    observe: site.observe,
    receive: site.receive,
    noteTelemetry: site.noteTelemetry,
    refusedSignals: site.refusedSignals,
    foreign: site.foreign,
    release: site.release,
    needsTips: site.needsTips,
    lastObservedMs: site.lastObservedMs,
    lastTips: site.lastTips,
    async acceptClock(order) {
      // An order that one layer would accept and another reject changes none.
      if (!isOperatorOrder(order)) return { accepted: false, refused_by: ["pipeline"] };
      await site.checked();
      const refused = site.acceptClock(order);
      const refused_by = (await acceptLedgerClock(order))
        ? refused
        : [...refused, "wallet_guardian"];
      return { accepted: refused_by.length === 0, refused_by };
    },
  } satisfies Watch);
