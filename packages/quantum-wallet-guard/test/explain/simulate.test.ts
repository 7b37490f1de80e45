import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom } from "@dgb-shield/testkit/random";
import {
  createDecisionEngine,
  createPolicySimulation,
  evaluateTransaction,
  parsePolicy,
  simulatePolicy,
} from "../../src/index.js";
import { HEALTHY, without } from "../support/contexts.js";
import { STRANGE_VALUES } from "../support/wrong-values.js";

const engine = createDecisionEngine();
const { policy_version } = engine;
const record = (change: object) => {
  const context = { ...HEALTHY, ...change };
  return { context, policy_version, result: engine.evaluate(context) };
};
const RECORDS = [
  record({ tx_id: "a", tx_amount: "100" }),
  record({ tx_id: "b", tx_amount: "300" }),
  record({ tx_id: "c", tx_amount: "400.5" }),
  record({ tx_id: "d", tx_amount: "600" }),
  record({ tx_id: "e", sentinel_level: "critical" }),
  record({ tx_id: "f", adn_level: "nonsense" }),
];

describe("simulatePolicy", () => {
  it("counts what would change, with examples", () => {
    expect(simulatePolicy(RECORDS, { max_tx_ratio_normal: "0.2" })).toEqual({
      policy_version: createDecisionEngine({ policy: { max_tx_ratio_normal: "0.2" } })
        .policy_version,
      recorded_versions: [policy_version],
      records: 6,
      unchanged: 4,
      changed: 2,
      milder: 0,
      stricter: 2,
      unreadable: 0,
      unverified: 0,
      newly_allowed: "0",
      no_longer_allowed: "700.5",
      changes: [
        {
          from: { decision: "allow", reason_id: "QWG_ALLOW" },
          to: { decision: "warn", reason_id: "QWG_RATIO_NORMAL" },
          count: 2,
          examples: [
            { index: 1, tx_id: "b" },
            { index: 2, tx_id: "c" },
          ],
        },
      ],
      unreadable_examples: [],
      unverified_examples: [],
    });
  });

  it("finds nothing to change under the policy that made the records, as lines of JSON too", () => {
    const lines = RECORDS.map((one) => JSON.stringify(one));
    expect(simulatePolicy(lines, {})).toMatchObject({ unchanged: 6, changed: 0 });
  });

  it("sums what is newly allowed", () => {
    const summary = simulatePolicy(RECORDS, { max_tx_ratio_normal: 1 });
    expect(summary).toMatchObject({ milder: 1, newly_allowed: "600", no_longer_allowed: "0" });
  });

  it("counts what it cannot read, with the reason", () => {
    const [good] = RECORDS;
    const tampered = { ...good, context: { ...good!.context, tx_amount: "1" } };
    const records = [
      "{",
      '{"context":1,"context":2}',
      { ...good, extra: 1 },
      { context: good!.context, policy_version },
      { policy_version, result: good!.result },
      { ...good, result: { ...good!.result, may_broadcast: false } },
      { ...good, policy_version: "v1" },
      tampered,
      good,
    ];
    const summary = simulatePolicy(records, {});
    expect(summary).toMatchObject({ records: 9, unchanged: 1, unreadable: 7, unverified: 1 });
    expect(summary.unreadable_examples).toEqual([
      { index: 0, code: "invalid_json", path: "" },
      { index: 1, code: "invalid_json", path: "/context" },
      { index: 2, code: "invalid_record", path: "/extra" },
      { index: 3, code: "invalid_record", path: "/result" },
      { index: 4, code: "invalid_record", path: "/context" },
      { index: 5, code: "invalid_record", path: "/result/may_broadcast" },
      { index: 6, code: "invalid_record", path: "/policy_version" },
    ]);
    expect(summary.unverified_examples).toEqual([
      { index: 7, code: "hash_mismatch", path: "/result/context_hash" },
    ]);
  });

  const [, , , warned] = RECORDS;
  const lie = { decision: "allow", reason_id: "QWG_ALLOW", may_broadcast: true } as const;
  const bare = without(warned!.result, "context_hash");
  it.each<[string, unknown, string]>([
    ["an honest verdict without its hash", { ...warned, result: bare }, "hash_missing"],
    [
      "another verdict without its hash",
      { ...warned, result: { ...bare, ...lie } },
      "hash_missing",
    ],
    [
      "another verdict under the old hash",
      { ...warned, result: { ...warned!.result, ...lie } },
      "hash_mismatch",
    ],
    [
      "another hash",
      { ...warned, result: { ...warned!.result, context_hash: "0".repeat(64) } },
      "hash_mismatch",
    ],
    [
      "another reason text",
      { ...warned, result: { ...warned!.result, reason: "fine" } },
      "hash_mismatch",
    ],
    [
      "another context",
      { ...warned, context: { ...warned!.context, tx_amount: "1" } },
      "hash_mismatch",
    ],
    ["another policy", { ...warned, policy_version: "0".repeat(64) }, "hash_mismatch"],
  ])("counts a record with %s as unverified, and never as a good one", (_what, altered, code) => {
    for (const given of [altered, JSON.stringify(altered)]) {
      const simulation = createPolicySimulation({ max_tx_ratio_normal: 0 });
      expect(simulation.add(given)).toBe("unverified");
      expect(simulation.summary()).toMatchObject({
        records: 1,
        unchanged: 0,
        changed: 0,
        milder: 0,
        stricter: 0,
        unreadable: 0,
        unverified: 1,
        newly_allowed: "0",
        no_longer_allowed: "0",
        recorded_versions: [],
        unverified_examples: [{ index: 0, code, path: "/result/context_hash" }],
      });
    }
  });

  it.each<[string, object, string]>([
    [
      "a reason that its decision cannot have",
      { decision: "delay", reason_id: "QWG_ALLOW" },
      "/result/reason_id",
    ],
    ["an allow for another reason", { ...lie, reason_id: "QWG_RATIO_NORMAL" }, "/result/reason_id"],
    [
      "an allow that may not be broadcast",
      { ...lie, may_broadcast: false },
      "/result/may_broadcast",
    ],
    ["an empty hash", { context_hash: "" }, "/result/context_hash"],
    ["a null for a hash", { context_hash: null }, "/result/context_hash"],
  ])("counts a record with %s as unreadable", (_what, change, path) => {
    const altered = { ...warned, result: { ...warned!.result, ...change } };
    expect(simulatePolicy([altered], {})).toMatchObject({
      unreadable: 1,
      unverified: 0,
      unreadable_examples: [{ index: 0, code: "invalid_record", path }],
    });
  });

  it("counts a verdict under no policy as unreadable, but of malformed input", () => {
    const unknown = { ...warned, policy_version: null };
    expect(simulatePolicy([unknown], {}).unreadable_examples).toMatchObject([
      { path: "/policy_version" },
    ]);
  });

  it("never throws on a record, whatever it is", () => {
    const summary = simulatePolicy(STRANGE_VALUES, {}, { examples: 0 });
    expect(summary).toMatchObject({ unreadable: STRANGE_VALUES.length, unreadable_examples: [] });
  });

  it("agrees with the engine record by record, and adds up, on random records", () => {
    const random = createRandom(9);
    const policy = parsePolicy(randomPolicy(random));
    const simulation = createPolicySimulation(policy, { examples: 3 });
    const records = runs(500, 2_000);
    let changed = 0;
    for (let i = 0; i < records; i++) {
      const recorded = createDecisionEngine({ policy: randomPolicy(random) });
      const context = randomContext(random, policy);
      const result = recorded.evaluate(context);
      const differs = evaluateTransaction(context, policy).reason_id !== result.reason_id;
      const line = { context, policy_version: recorded.policy_version, result };
      expect(simulation.add(line)).toBe(differs ? "changed" : "unchanged");
      if (differs) changed++;
    }
    const summary = simulation.summary();
    expect(summary).toMatchObject({ records, changed, unchanged: records - changed });
    expect(summary.changes.reduce((sum, { count }) => sum + count, 0)).toBe(changed);
    for (const { examples, count } of summary.changes) {
      expect(examples).toHaveLength(Math.min(3, count));
    }
  });

  it.each([
    [{ nope: 1 }, {}, "invalid_policy", "/nope"],
    [{}, { examples: -1 }, "invalid_options", "/examples"],
    [{}, { examples: NaN }, "invalid_options", "/examples"],
  ])("throws for a mistake of the program (%#)", (policy, options, code, path) => {
    expect(() => simulatePolicy([], policy, options)).toThrow(
      expect.objectContaining({ name: "QwgError", code, path }),
    );
  });
});
