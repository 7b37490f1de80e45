/** What a node reports to DQSN: local causes only, so that lockdowns cannot sustain each other (design: no echo). */
import type { DefenseState, SignalV2 } from "@dgb-shield/contract";

/** Options of `toSignals`. */
export type SignalOptions = Readonly<{
  /** Who runs the node; a node without an operator is its own operator. */
  operator?: string | undefined;
}>;

/**
 * The v2 signals of a state: one `lockdown` signal whose severity is that of the worst local event.
 * Nothing that came from DQSN or the network has any part in it. Without a local event its severity
 * is 0: the node is alive and has nothing to report, which is not the same as silence.
 */
export function toSignals(state: DefenseState, options: SignalOptions = {}): SignalV2[] {
  const local = state.events.filter((event) => event.local);
  const { operator } = options;
  return [
    {
      node_id: state.node_id,
      source: "adn",
      type: "lockdown",
      severity: Math.max(0, ...local.map((event) => event.severity)),
      metadata: { causes: [...new Set(local.map((event) => event.type))].sort() },
      observed_at: state.as_of_ms,
      ...(operator !== undefined && { operator }),
    },
  ];
}
