/** Row G20: an error names the field, the rule, the kind of the value, and what to do. */
import { describe, expect, it } from "vitest";
import { AdnError, createDefenseNode } from "../src/index.js";
import { event, node, T, without } from "./support/events.js";

const messageOf = (config: unknown): string => {
  try {
    createDefenseNode(config as { node_id: string });
    return "none";
  } catch (error) {
    return error instanceof AdnError ? error.message : "of another kind";
  }
};

describe("a refused configuration", () => {
  it.each<[config: unknown, message: string]>([
    [null, "invalid_config at /: a plain object expected, null given"],
    [
      {},
      "invalid_config at /node_id: 1–128 characters without control characters or white space at either end expected, nothing given",
    ],
    [
      { node_id: "n", hold_ms: "5" },
      "invalid_config at /hold_ms: whole milliseconds, at most 30 days expected, a text given",
    ],
    [
      { node_id: "n", thresholds: { partial: 0.9, full: 0.5 } },
      "invalid_config at /thresholds/full: a number above 0 and at most 1, partial no greater than full expected, 0.5 given",
    ],
    [{ node_id: "n", hold: 5 }, "invalid_config at /hold: no such field"],
    [
      { node_id: "n", snapshot: [] },
      "invalid_config at /snapshot: what snapshot() gave, unchanged expected, an object or an array given",
    ],
  ])("%o", (config, message) => {
    expect(messageOf(config)).toBe(message);
  });

  it("distinguishes a damaged snapshot from a foreign one", () => {
    const snapshot = node().snapshot();
    expect(messageOf({ node_id: "node-1", snapshot: { ...snapshot, since_ms: T } })).toBe(
      "invalid_config at /snapshot/since_ms: later than time_ms (snapshot version 2); restore an unchanged snapshot",
    );
    expect(messageOf({ node_id: "node-2", snapshot })).toContain("another node's snapshot");
  });
});

describe("a refused order", () => {
  const order = {
    kind: "lockdown",
    lockdown: "FULL",
    until_ms: T + 1,
    operator: "ann",
    reason: "r",
  };
  it.each<[order: object, refusal: string]>([
    [
      { ...order, kind: "freeze" },
      "invalid_order at /kind: release, lockdown or cancel expected, a text given",
    ],
    [
      { ...order, until_ms: "now" },
      "invalid_order at /until_ms: whole milliseconds since 1970, at most max_override_ms from now expected, a text given",
    ],
    [
      { ...order, until_ms: T },
      `until_out_of_range at /until_ms: later than now and at most 86400000 ms from now expected, ${T} given`,
    ],
    [
      without(order, "reason"),
      "invalid_order at /reason: a text of 1–256 characters expected, nothing given",
    ],
  ])("%o", (given, refusal) => {
    const { actions } = node().override(given, T);
    expect(actions).toEqual([{ action: "refuse_order", reason: refusal }]);
  });
});

describe("a malformed event", () => {
  it("names field, rule and kind, and no text of it", () => {
    const [found] = node().apply([{ ...event(), severity: "secret" }], T).events;
    expect(found?.summary).toBe(
      "malformed_event at /severity: a number from 0 to 1 expected, a text given",
    );
  });
});
