/** Reports a node's state to DQSN: local causes only, so that lockdowns cannot sustain each other (design: no feedback loop). */
import { type DefenseState, idSchema, SCALE, type SignalV2 } from "@dgb-shield/contract";
import { AdnError } from "../errors.js";
import { describeExpectation } from "../internal/expectation.js";
import { ownValue } from "../internal/own-data.js";
import { readState } from "./read-state.js";

/** Options of `toSignals`. */
export type SignalOptions = Readonly<{
  /** Who runs the node; a node without an operator is its own operator. */
  operator?: string | undefined;
}>;

/**
 * Makes the v2 signals of a state: one `lockdown` signal whose severity is that of the worst local event,
 * and at least 0.25 while the node's clock is not trusted, which is local as well. Nothing that came
 * from DQSN or the network has any part in it. Without a local event its severity is 0: the node is
 * alive and has nothing to report, which is not the same as silence.
 *
 * @param state what a defense node gave
 * @throws AdnError `invalid_state` for what is no `DefenseState`, `invalid_options`
 */
export function toSignals(state: DefenseState, options: SignalOptions = {}): SignalV2[] {
  const { node_id, as_of_ms, clock, events } = readState(state);
  const local = events.filter((event) => event.local);
  const operator = operatorIn(options);
  const isTrusted = clock === "trusted";
  const causes = [...local.map((event) => event.type), ...(isTrusted ? [] : ["clock_untrusted"])];
  return [
    {
      node_id,
      source: "adn",
      type: "lockdown",
      severity: Math.max(isTrusted ? 0 : SCALE.elevated, ...local.map((event) => event.severity)),
      metadata: { causes: [...new Set(causes)].sort() },
      observed_at: as_of_ms,
      ...(operator !== undefined && { operator }),
    },
  ];
}

function operatorIn(options: unknown): string | undefined {
  const operator = ownValue(options, "operator");
  if (operator === undefined) return undefined;
  const parsed = idSchema.safeParse(operator);
  if (parsed.success) return parsed.data;
  // [THROW invalid_options] an operator that is no id
  throw new AdnError("invalid_options", "/operator", describeExpectation("/operator", options));
}
