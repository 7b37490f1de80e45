/** Counts what Guardian's events show of unusual withdrawals (design, section 6; Wallet Guardian v2, sections 3.5 and 4.7). */
import { type ShieldEvent, sha256Hex } from "@dgb-shield/contract";
import { ownValue } from "../internal/own-data.js";
import type { Counter, InputsMemory } from "./model.js";
import { counted, firstSight, type Window } from "./window.js";

/** What each of Guardian's actions counts as; every other action counts as nothing. */
const COUNTER_OF_ACTION: ReadonlyMap<string, Counter> = new Map([
  ["limit_breach", "refused_payments"],
  ["spike", "spikes"],
  ["freeze", "freezes"],
  ["frozen_persistent_attempts", "freezes"],
]);

/**
 * Counts one event of Guardian, each payment once for each action.
 *
 * Only what was decided at risk LOW counts: at a higher risk Guardian freezes and refuses because of that risk, and
 * counting it would keep the risk up by itself.
 */
export function withWithdrawal(
  inputs: InputsMemory,
  event: ShieldEvent,
  window: Window,
): InputsMemory {
  const { layer, action, event_id, extra } = event;
  const counter = COUNTER_OF_ACTION.get(action);
  if (layer !== "wallet_guardian" || counter === undefined) return inputs;
  if (ownValue(extra, "risk") !== "LOW") return inputs;
  const payment = ownValue(extra, "withdrawal_id");
  const about = typeof payment === "string" ? payment : event_id;
  const key = sha256Hex(JSON.stringify([action, event.fingerprint, about])).slice(0, 32);
  const noted = firstSight(inputs, key, window);
  return noted === undefined ? inputs : counted(noted, { [counter]: 1 }, window);
}
