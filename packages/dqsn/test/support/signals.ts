/** v2 signals and arbitraries that the tests share. */
import { SIGNAL_SOURCES, type SignalV2 } from "@dgb-shield/contract";
import fc from "fast-check";

/** A v2 signal of node-a; `over` replaces fields. */
export const report = (over: Partial<SignalV2> = {}): SignalV2 => ({
  node_id: "node-a",
  source: "sentinel",
  type: "block_stall",
  severity: 0.1,
  ...over,
});

/** Signals of a few nodes about a few things at a few moments, so that they replace each other. */
export const reportArbitrary: fc.Arbitrary<SignalV2> = fc.record(
  {
    node_id: fc.constantFrom("node-a", "node-b", "node-c", "\ue000", "😀"),
    source: fc.constantFrom(...SIGNAL_SOURCES),
    type: fc.constantFrom("block_stall", "mempool_surge"),
    severity: fc.double({ min: 0, max: 1, noNaN: true }),
    observed_at: fc.constantFrom(1_782_664_801_000, 1_782_664_801_001),
    operator: fc.constantFrom("op-1", "op-2"),
  },
  { requiredKeys: ["node_id", "source", "type", "severity"] },
);
