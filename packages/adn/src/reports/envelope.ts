/** Expresses a defense state as a signal envelope (contract v3, section 4). */
import {
  createEnvelope,
  DECISION_OF_LEVEL,
  type DefenseState,
  type Envelope,
  type EnvelopeDecision,
  type Lockdown,
  worstDecision,
} from "@dgb-shield/contract";
import { readState } from "./read-state.js";

const DECISION_OF_LOCKDOWN: Readonly<Record<Lockdown, EnvelopeDecision>> = Object.freeze({
  NONE: "ALLOW",
  PARTIAL: "WARN",
  FULL: "BLOCK",
});
const MAX_EVENTS_SHOWN = 16;

/**
 * Expresses a state as an envelope of component `adn`. Its evidence is the state with its worst 16 events.
 * It covers everything that bears on the node, DQSN's own answers included: a DQSN whose answers
 * this node applies gets `toSignals` instead.
 *
 * @param state what a defense node gave
 * @param request_id 1–128 characters, of the caller's choosing
 * @throws AdnError `invalid_state` for what is no `DefenseState`
 */
export function toEnvelope(state: DefenseState, request_id: string): Envelope {
  const { level, lockdown, score, events, actions, clock, ...rest } = readState(state);
  const shown = events.slice(0, MAX_EVENTS_SHOWN).map((event) => ({ ...event }));
  const types = [...new Set(events.map((event) => event.type))].sort();
  return createEnvelope({
    component: "adn",
    request_id,
    decision: worstDecision([DECISION_OF_LEVEL[level], DECISION_OF_LOCKDOWN[lockdown]]),
    score,
    reason_codes: [
      `ADN_LOCKDOWN_${lockdown}`,
      ...(clock === "trusted" ? [] : [`ADN_CLOCK_${clock.toUpperCase()}`]),
      ...types.map((type) => `ADN_${type.toUpperCase()}`),
    ],
    evidence: {
      ...rest,
      clock,
      level,
      lockdown,
      actions: actions.map((action) => ({ ...action })),
      events: shown,
      events_total: events.length,
    },
  });
}
