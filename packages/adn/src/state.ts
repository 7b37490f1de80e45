/** The state that a node shows to others (design: layer 3). */
import {
  type DefenseAction,
  type DefenseEvent,
  type DefenseState,
  levelOfScore,
} from "@dgb-shield/contract";
import { actionsOf } from "./actions.js";
import { describeCause } from "./advance.js";
import type { DefenseNodeConfig } from "./config.js";
import { type Effective, effectiveAt } from "./effective.js";
import { boundedReason, type DefenseSnapshot } from "./model.js";

/**
 * The state of a memory whose time is now.
 *
 * @param further actions that concern this answer alone
 */
export function stateOf(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  further: readonly DefenseAction[] = [],
): DefenseState {
  const effective = effectiveAt(model, config, model.time_ms);
  const reason = boundedReason(model.fall_reason ?? reasonOf(effective));
  return {
    node_id: model.node_id,
    as_of_ms: model.time_ms,
    level: levelOfScore(effective.score),
    score: effective.score,
    lockdown: effective.lockdown,
    since_ms: model.since_ms,
    reason,
    actions: [...actionsOf(effective.lockdown, reason), ...further],
    events: activeEvents(model),
  };
}

function reasonOf({ lockdown, worst, order }: Effective): string {
  if (lockdown === "NONE") return "No event calls for a lockdown.";
  if (worst !== undefined) return describeCause(worst);
  return order === undefined ? "Locked down." : `Ordered by ${order.operator}: ${order.reason}`;
}

function activeEvents({ causes, time_ms }: DefenseSnapshot): DefenseEvent[] {
  return causes
    .filter(({ current }) => current)
    .map(({ event }) => ({ ...event }))
    .filter(({ expires_at_ms }) => expires_at_ms === null || time_ms < expires_at_ms)
    .sort((a, b) => b.severity - a.severity || (a.event_id < b.event_id ? -1 : 1));
}
