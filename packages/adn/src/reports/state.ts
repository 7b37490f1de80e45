/** Derives the public state of a node (design, section 6). */
import {
  type DefenseAction,
  type DefenseEvent,
  type DefenseState,
  levelOfScore,
  SCALE,
} from "@dgb-shield/contract";
import { actionsOf } from "./actions.js";
import { describeCause } from "../clock/advance.js";
import { activeUntil } from "../causes/cause.js";
import { type Effective, effectiveOf, lockdownOf, stricter } from "../causes/effective.js";
import { boundedReason, type Memory } from "../memory/model.js";
import { clockFault, type Now } from "../clock/now.js";
import type { Call } from "../causes/record-event.js";

/**
 * Derives the state of a memory whose time is now. A clock that is not trusted is at least elevated, and a
 * reading that gives no time is critical.
 *
 * @param further actions that concern this answer alone
 */
export function stateOf(
  memory: Memory,
  { config, now }: Call,
  further: readonly DefenseAction[] = [],
): DefenseState {
  const effective = effectiveOf(memory, config.thresholds, now.status === "trusted");
  const least = leastSeverity(now);
  const score = Math.max(effective.score, least);
  const lockdown = stricter(effective.lockdown, lockdownOf(least, config.thresholds));
  const fault = clockFault(now);
  const held = memory.fall_reason ?? reasonOf(effective);
  const isFaultWorst = fault !== undefined && effective.score <= least;
  const reason = boundedReason(isFaultWorst ? fault : held);
  return {
    node_id: memory.node_id,
    as_of_ms: now.as_of_ms,
    clock: now.status,
    level: levelOfScore(score),
    score,
    lockdown,
    since_ms: Math.min(memory.since_ms, now.as_of_ms),
    reason,
    actions: [...actionsOf(lockdown, reason), ...clockActions(fault), ...further],
    events: activeEvents(memory),
  };
}

function leastSeverity({ status, invalid }: Now): number {
  if (invalid !== undefined) return 1;
  return status === "trusted" ? 0 : SCALE.elevated;
}

const clockActions = (fault: string | undefined): DefenseAction[] =>
  fault === undefined ? [] : [{ action: "check_clock", reason: boundedReason(fault) }];

function reasonOf({ lockdown, worst, order }: Effective): string {
  if (lockdown === "NONE") return "No event calls for a lockdown.";
  if (worst !== undefined) return describeCause(worst);
  return order === undefined ? "Locked down." : `Ordered by ${order.operator}: ${order.reason}`;
}

function activeEvents({ causes, settled_ms }: Memory): DefenseEvent[] {
  return causes
    .filter((cause) => cause.current && settled_ms < activeUntil(cause))
    .map(({ event }) => ({ ...event }))
    .sort((a, b) => b.severity - a.severity || (a.event_id < b.event_id ? -1 : 1));
}
