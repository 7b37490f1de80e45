/** The node, operator and sources that a sender may report for (design section 4.2: exporters). */
import type { SignalV2 } from "@dgb-shield/contract";

/** The identities that one sender, for instance the holder of a key, may report for. */
export type Speaker = Readonly<{
  /** The only operator that it may name, and must: a signal without one would be an operator of its own. */
  operator: string;
  /** Its nodes. */
  node_ids: readonly string[];
  /** Its sources. */
  sources: readonly SignalV2["source"][];
}>;

/**
 * Makes the check of one sender, for `maySpeakFor` and `authorize`. All of a signal's names are checked:
 * with its node alone, one company's nodes would count as many operators.
 *
 * @returns whether a signal names exactly this operator, one of its nodes and one of its sources
 * @example
 * const speaks = speaksAs({ operator: "acme", node_ids: ["acme-1", "acme-2"], sources: ["sentinel"] });
 */
export function speaksAs(speaker: Speaker): (signal: SignalV2) => boolean {
  const { operator } = speaker;
  const nodes = new Set(speaker.node_ids);
  const sources = new Set<string>(speaker.sources);
  return (signal) =>
    typeof operator === "string" &&
    Object.hasOwn(signal, "operator") &&
    signal.operator === operator &&
    nodes.has(signal.node_id) &&
    sources.has(signal.source);
}
