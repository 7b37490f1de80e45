import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { createSentinel, type Observation } from "../../src/index.js";
import { header, NODE, observation } from "../support/chain.js";

const tip = header(1);
const silent = (seconds: number): Observation => ({
  ...observation([], { tip }),
  at_ms: (tip.time_s + seconds) * 1_000,
  reachable: false,
  tip: null,
});

/** The finding after a silence. */
function after(seconds: number) {
  const sentinel = createSentinel({ node_id: NODE, chain: digibyte });
  sentinel.observe(observation([tip]));
  sentinel.observe(silent(0));
  return sentinel.observe(silent(seconds)).findings[0];
}

describe("nodeUnreachable", () => {
  // 24·exp(−t/300) a year: log10(years) = t/690.776 − 1.38021; 3 at 3,026 s, 6 at 5,098 s
  it.each([
    [0, 0.25],
    [900, 0.25],
    [1_000, 0.25786],
    [3_026, 0.600038],
    [5_098, 0.899992],
    [86_400, 0.99],
  ])("rates a silence of %d s at %d", (seconds, severity) => {
    expect(after(seconds)?.severity).toBeCloseTo(severity, 3);
  });

  it("is one finding at the last height, until the node answers", () => {
    expect(after(900)).toMatchObject({
      finding_id: `node_unreachable:${tip.time_s * 1_000}`,
      detector: "node_unreachable",
      height: 1,
      latched: false,
    });
    const sentinel = createSentinel({ node_id: NODE, chain: digibyte });
    sentinel.observe(silent(0));
    expect(sentinel.observe(observation([header(5)])).findings).toEqual([]);
  });
});
