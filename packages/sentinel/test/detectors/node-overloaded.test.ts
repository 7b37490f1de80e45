import { digibyteRegtest } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { createSentinel, type Observation } from "../../src/index.js";
import { header, NODE, observation, START_S } from "../support/chain.js";

const START_MS = START_S * 1_000;
const busy = (seconds: number, failure: Observation["failure"]): Observation => ({
  ...{ node_id: NODE, at_ms: START_MS + seconds * 1_000, syncing: false, reachable: true },
  ...{ tip: null, blocks: [], tips: [], mempool: null, ...(failure && { failure }) },
});
const FULL = { kind: "overloaded", code: 503 } as const;
const seen = (seconds: number) => ({
  ...observation([header(1)]),
  at_ms: START_MS + seconds * 1_000,
});

function reports(...observations: Observation[]) {
  const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
  return observations.map((one) => sentinel.observe(one));
}
const found = (...observations: Observation[]) =>
  reports(...observations)
    .at(-1)!
    .findings.map(({ detector, severity }) => [detector, severity]);

describe("node_overloaded", () => {
  it("is raised at once, in place of a silence, and ends with the first answer", () => {
    const all = reports(seen(0), busy(10, FULL), busy(20, FULL), seen(30));
    expect(all.map(({ findings }) => findings.map(({ detector }) => detector))).toEqual([
      [],
      ["node_overloaded"],
      ["node_overloaded"],
      [],
    ]);
    expect(all.map(({ status }) => status)).toEqual(["WATCHING", "SYNCING", "SYNCING", "WATCHING"]);
    expect(all[2]).toMatchObject({
      level: "elevated",
      findings: [{ severity: 0.25, evidence: { code: 503, busy_since_ms: START_MS + 10_000 } }],
    });
  });

  it("gets worse as a silence does: high after 50 minutes", () => {
    const lasting = (seconds: number) => found(seen(0), busy(0, FULL), busy(seconds, FULL));
    // 24·exp(−3,026/300) a year is once in 1,000 years.
    expect(lasting(3_000)[0]![1]).toBeLessThan(0.6);
    expect(lasting(3_060)[0]![1]).toBeGreaterThan(0.6);
  });

  it("gives way to a silence, which begins then", () => {
    const silent = { ...busy(20, { kind: "connection", code: null }), reachable: false };
    expect(found(seen(0), busy(10, FULL), silent)).toEqual([["node_unreachable", 0.25]]);
  });

  it("excuses a missing tip for no other failure", () => {
    expect(found(seen(0), busy(10, { kind: "timeout", code: null }))).toEqual([
      ["observation_invalid", 0.25],
    ]);
  });
});
