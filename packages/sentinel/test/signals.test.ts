import { signalV2Schema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { createSentinel, toSignals } from "../src/index.js";
import { GROESTL, header, NODE, observation } from "./support/chain.js";

const retired = header(2_001, { version: GROESTL });
const create = () => createSentinel({ node_id: NODE, chain: digibyteRegtest });
const severities = (signals: ReturnType<typeof toSignals>) =>
  signals.map(({ type, severity }) => [type, severity]);

describe("toSignals", () => {
  it("reports of each detector what it found, or that it found nothing", () => {
    const signals = toSignals(create().observe(observation([retired])), { operator: "exchange" });
    expect(severities(signals)).toEqual([
      ["block_cadence", 0],
      ["block_stall", 0],
      ["clock_trust", 0],
      ["node_overloaded", 0],
      ["node_unreachable", 0],
      ["reorg", 0],
      ["retired_algorithm", 0.99],
      ["rival_chain", 0],
      ["sync_stuck", 0],
      ["node_status", 0],
    ]);
    for (const signal of signals) {
      expect(signalV2Schema.parse(signal)).toEqual(signal);
      expect(signal).toMatchObject({
        node_id: NODE,
        source: "sentinel",
        observed_at: retired.time_s * 1_000,
        operator: "exchange",
      });
    }
  });

  it("reports that a node cannot be watched, and what was active before", () => {
    const sentinel = create();
    sentinel.observe(observation([retired]));
    const silent = { ...observation([retired]), reachable: false };
    expect(severities(toSignals(sentinel.observe(silent)))).toEqual([
      ["node_unreachable", 0.25],
      ["retired_algorithm", 0.99],
      ["node_status", 0.25],
    ]);
  });

  it("leaves out the operator where there is none", () => {
    expect(toSignals(create().observe(observation([header(1)])))[0]).not.toHaveProperty("operator");
  });
});
