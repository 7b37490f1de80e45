/** Exports and answers of this package cannot be changed, and two answers share nothing that can. */
import { describe, expect, it } from "vitest";
import { QWG_SUITES } from "../src/adapters/vectors/index.js";
import * as api from "../src/index.js";
import { approval, BINDS, HEALTHY } from "./support/contexts.js";

function mutableIn(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Reflect.ownKeys(value).flatMap((key) =>
    mutableIn(Object.getOwnPropertyDescriptor(value, key)?.value, `${path}/${String(key)}`),
  );
  return Object.isFrozen(value) ? inside : [path, ...inside];
}

const SCHEMAS = ["riskContextSchema", "walletPolicySchema"];
const TABLES = Object.entries(api).filter(
  ([name, value]) => typeof value === "object" && !SCHEMAS.includes(name),
);

const WARNED = { ...HEALTHY, tx_amount: "600", created_at: 5_000 };
const LARGE = {
  ...HEALTHY,
  wallet_balance: "100000",
  tx_amount: "20000",
  binds: BINDS,
  approvals: [approval("ann", "operator")],
};
const record = api.createDecisionEngine().decide(WARNED);
const ANSWERS: Record<string, () => unknown> = {
  evaluateTransaction: () =>
    [HEALTHY, WARNED, LARGE, {}].map((context) => api.evaluateTransaction(context)),
  "engine.evaluate": () => api.createDecisionEngine().evaluate(WARNED),
  "engine.decide": () => api.createDecisionEngine().decide(LARGE),
  parsePolicy: () => api.parsePolicy({}),
  parseContext: () => api.parseContext(LARGE),
  "parseContext of a malformed one": () => api.parseContext({}),
  explain: () => [WARNED, LARGE, {}].map((context) => api.explain(context)),
  counterfactual: () =>
    [WARNED, LARGE, {}].map((context) => api.counterfactual(context, { required_approvals: 3 })),
  checkPolicy: () => [{}, { nope: 1 }, { required_approvals: 0 }].map(api.checkPolicy),
  simulatePolicy: () => api.simulatePolicy([record, "{"], { max_tx_ratio_normal: 1 }),
  withHash: () => api.withHash(api.evaluateTransaction(WARNED), WARNED),
};

describe("exports", () => {
  it.each(TABLES)("%s is deeply frozen", (_name, value) => {
    expect(mutableIn(value)).toEqual([]);
  });

  it("include the vectors' suites", () => {
    expect(mutableIn(QWG_SUITES)).toEqual([]);
    expect(TABLES.map(([name]) => name)).toEqual(
      expect.arrayContaining(["APPROVAL_METHODS", "REASON_IDS", "POLICY_PRESETS", "SEED_DEFAULTS"]),
    );
  });

  it("decide nothing by a schema that a caller changed", () => {
    const safeParse: unknown = Reflect.get(api.riskContextSchema, "safeParse");
    Object.assign(api.riskContextSchema, { safeParse: () => ({ success: true, data: HEALTHY }) });
    expect(api.evaluateTransaction({}).decision).toBe("block");
    Object.assign(api.riskContextSchema, { safeParse });
  });
});

describe.each(Object.keys(ANSWERS))("the answer of %s", (name) => {
  it("is deeply frozen", () => {
    const answer = ANSWERS[name]!();
    const members = Array.isArray(answer) ? answer : [answer];
    expect(members.flatMap((member) => mutableIn(member))).toEqual([]);
  });
});

describe("a summary of a simulation", () => {
  it("is not changed by records that come later", () => {
    const simulation = api.createPolicySimulation({ max_tx_ratio_normal: 1 });
    simulation.add(record);
    const before = simulation.summary();
    const written = JSON.stringify(before);
    simulation.add(record);
    expect(JSON.stringify(before)).toBe(written);
    expect(simulation.summary().changes[0]).toMatchObject({ count: 2 });
  });
});

describe("an envelope", () => {
  it("shares nothing with the result", () => {
    const result = api.evaluateTransaction(WARNED);
    const envelope = api.toEnvelope(result, "r-1");
    Object.assign(envelope.evidence["result"] as object, { decision: "allow" });
    expect(result.decision).toBe("warn");
    expect(api.toEnvelope(result, "r-1").evidence["result"]).toMatchObject({ decision: "warn" });
  });

  it.each<[string, object, string]>([
    ["an unknown decision", { decision: "ALLOW" }, "/decision"],
    ["a decision of a prototype", { decision: "toString" }, "/decision"],
    [
      "a decision that its reason does not give",
      { decision: "allow", may_broadcast: true },
      "/reason_id",
    ],
    [
      "an allow that may not be broadcast",
      { decision: "allow", reason_id: "QWG_ALLOW" },
      "/may_broadcast",
    ],
    ["an unknown reason", { reason_id: "FINE" }, "/reason_id"],
  ])("is not made of %s", (_what, change, path) => {
    const forged = { ...api.evaluateTransaction(WARNED), ...change } as api.DecisionResult;
    expect(() => api.toEnvelope(forged, "r-1")).toThrow(
      expect.objectContaining({ name: "QwgError", code: "invalid_result", path }),
    );
  });
});
