import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../fuzz/generate.js";
import { createRandom } from "../fuzz/random.js";
import {
  createDecisionEngine,
  createPolicySimulation,
  evaluateTransaction,
  parsePolicy,
  simulatePolicy,
} from "../src/index.js";
import { HEALTHY } from "./helpers.js";
import { STRANGE_VALUES } from "./wrong-values.js";

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

  it("counts what it cannot read, and says why", () => {
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
    expect(summary).toMatchObject({ records: 9, unchanged: 1, unreadable: 8 });
    expect(summary.unreadable_examples).toEqual([
      { index: 0, code: "invalid_json", path: "" },
      { index: 1, code: "invalid_json", path: "/context" },
      { index: 2, code: "invalid_record", path: "/extra" },
      { index: 3, code: "invalid_record", path: "/result" },
      { index: 4, code: "invalid_record", path: "/context" },
      { index: 5, code: "invalid_record", path: "/result/may_broadcast" },
      { index: 6, code: "invalid_record", path: "/policy_version" },
      { index: 7, code: "hash_mismatch", path: "/result/context_hash" },
    ]);
  });

  it("never throws on a record, whatever it is", () => {
    const summary = simulatePolicy(STRANGE_VALUES, {}, { examples: 0 });
    expect(summary).toMatchObject({ unreadable: STRANGE_VALUES.length, unreadable_examples: [] });
  });

  it("agrees with the engine record by record, and adds up, on 2,000 random records", () => {
    const random = createRandom(9);
    const policy = parsePolicy(randomPolicy(random));
    const simulation = createPolicySimulation(policy, { examples: 3 });
    let changed = 0;
    for (let i = 0; i < 2_000; i++) {
      const recorded = createDecisionEngine({ policy: randomPolicy(random) });
      const context = randomContext(random, policy);
      const result = recorded.evaluate(context);
      const differs = evaluateTransaction(context, policy).reason_id !== result.reason_id;
      const line = { context, policy_version: recorded.policy_version, result };
      expect(simulation.add(line)).toBe(differs ? "changed" : "unchanged");
      if (differs) changed++;
    }
    const summary = simulation.summary();
    expect(summary).toMatchObject({ records: 2_000, changed, unchanged: 2_000 - changed });
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
