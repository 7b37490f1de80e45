import { describe, expect, it } from "vitest";
import { createDecisionEngine, evaluateTransaction } from "../src/index.js";
import { BINDS, HEALTHY, without } from "./helpers.js";

const FULL = {
  ...HEALTHY,
  address_age_days: 10,
  device_id: "phone",
  tx_id: "tx-1",
  wallet_fingerprint: "w",
  user_id: "u",
  created_at: 0,
  dqs_advisory: "NORMAL",
  guardian_decision: "ALLOW",
  guardian_reason_codes: ["within_limits"],
  approvals: [{ approver: "ann", method: "operator", approved_at_ms: 0, binds: BINDS }],
  binds: BINDS,
};

const NEVER_VALID = [
  undefined,
  Symbol("x"),
  () => 1,
  5n,
  new Date(0),
  {},
  [[]],
  "\ud800",
  " x ",
  NaN,
];
const WRONG: Record<keyof typeof FULL, readonly unknown[]> = {
  sentinel_level: ["NORMAL", "", 0, null, true],
  dqs_network_score: [-0.1, 1.0000001, Infinity, "0.5", null, true],
  adn_level: ["bad", 1, null],
  wallet_balance: [
    -1,
    "-1",
    "1e3",
    "1.000000001",
    "01",
    Infinity,
    "92233720368.54775808",
    90071992.54740993,
    null,
  ],
  tx_amount: [0, -0, "0", "0.0", "0.000000001", -5, "5 ", "92233720368.54775808", null, true],
  behaviour_score: [-1, Infinity, 2 ** 53, "1", null],
  trusted_device: ["true", 1, 0, null],
  address_age_days: [-1, 1.5, "3", true],
  device_id: ["", 1, "x".repeat(129), "a\nb"],
  tx_id: ["", 1, true],
  wallet_fingerprint: ["", 1],
  user_id: ["", 1],
  created_at: [-1, 0.5, "2026-06-28", null],
  dqs_advisory: ["normal", null, 3],
  guardian_decision: ["allow", null, 0],
  guardian_reason_codes: ["x", ["X"], [1], null],
  approvals: ["x", null, [null], [{}], [{ ...FULL.approvals[0], extra: 1 }]],
  binds: ["AB".repeat(32), "ab", null],
};
const CASES = Object.entries(WRONG).flatMap(([field, values]) =>
  [...values, ...NEVER_VALID].map((value) => [field, value] as const),
);

describe("evaluateTransaction on a malformed context", () => {
  it("allows the context that the cases are made from", () => {
    expect(evaluateTransaction(FULL).decision).toBe("allow");
  });

  it.each(CASES)("blocks a wrong %s (%o)", (field, value) => {
    const result = evaluateTransaction({ ...FULL, [field]: value });
    expect(result).toMatchObject({ decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT" });
    expect(result.path).toMatch(new RegExp(`^/${field}(/|$)`));
  });

  it.each(Object.keys(HEALTHY))("blocks when the evidence field %s is missing", (field) => {
    const context = without(FULL, field);
    const path = `/${field}`;
    expect(evaluateTransaction(context)).toMatchObject({ decision: "block", path });
  });

  it("blocks when Guardian's decision is missing but its codes are there", () => {
    expect(evaluateTransaction(without(FULL, "guardian_decision")).path).toBe("/guardian_decision");
  });

  it.each([undefined, null, 1, "x", true, [], [FULL], () => FULL, new Map(), 5n, Symbol("x")])(
    "blocks what is not a context at all (%o)",
    (context) => {
      expect(evaluateTransaction(context)).toMatchObject({ decision: "block", path: "" });
    },
  );

  it("names an unknown field", () => {
    expect(evaluateTransaction({ ...FULL, "a/b": 1 }).path).toBe("/a~1b");
  });

  it("blocks inherited evidence", () => {
    expect(evaluateTransaction(Object.create(FULL)).decision).toBe("block");
  });

  it("takes a context without a prototype, as parsers make them", () => {
    expect(evaluateTransaction(Object.assign(Object.create(null), FULL)).decision).toBe("allow");
  });

  it("blocks __proto__ as a key", () => {
    const context = JSON.parse(`{"__proto__":{"x":1},${JSON.stringify(FULL).slice(1)}`);
    expect(evaluateTransaction(context)).toMatchObject({ decision: "block", path: "/__proto__" });
  });
});

describe("evaluateTransaction on a hostile context", () => {
  const explode = (): never => {
    throw new Proxy(new Error(), { get: explode, getPrototypeOf: explode });
  };
  const TRAPS = ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"] as const;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cyclic: Record<string, unknown> = { ...FULL };
  cyclic["self"] = cyclic;
  const sparse = [FULL.approvals[0]];
  sparse.length = 3;

  it.each([
    ["a revoked proxy", revoked.proxy],
    ["a cycle", cyclic],
    ["a sparse array", { ...FULL, approvals: sparse }],
    ["an array with a name in it", { ...FULL, approvals: Object.assign([], { x: 1 }) }],
    ["a symbol as key", { ...FULL, [Symbol("x")]: 1 }],
    ["a hidden property", Object.defineProperty({ ...FULL }, "tx_amount", { enumerable: false })],
    ["very many fields", Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [i, 1]))],
    ["a very long key", { ...FULL, ["x".repeat(1e6)]: 1 }],
    ["a lone surrogate as key", { ...FULL, "\ud800": 1 }],
    ["a nested proxy", { ...FULL, approvals: [revoked.proxy] }],
  ])("blocks %s", (_title, context) => {
    const result = createDecisionEngine().evaluate(context);
    expect(result).toMatchObject({ decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT" });
    expect(result.path!.length).toBeLessThanOrEqual(256);
    expect(result.context_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(TRAPS)("never throws on a proxy whose %s trap throws something hostile", (trap) => {
    const context = new Proxy({ ...FULL }, { [trap]: explode });
    const { decision, reason_id } = evaluateTransaction(context);
    const isUntouched = trap === "get" || trap === "has";
    expect([decision, reason_id]).toEqual(
      isUntouched ? ["allow", "QWG_ALLOW"] : ["block", "QWG_ERROR_INVALID_CONTEXT"],
    );
  });

  it("refuses a getter with its path, and never runs it", () => {
    let runs = 0;
    const context = Object.defineProperty({ ...FULL }, "tx_amount", {
      enumerable: true,
      get: () => {
        runs += 1;
        return "1";
      },
    });
    expect(evaluateTransaction(context).path).toBe("/tx_amount");
    expect(runs).toBe(0);
  });

  it("judges and hashes one and the same copy of a context that changes while it is read", () => {
    let reads = 0;
    const shifty = new Proxy(
      { ...FULL },
      {
        getOwnPropertyDescriptor: (target, key) => {
          const property = Reflect.getOwnPropertyDescriptor(target, key);
          if (key === "tx_amount") reads += 1;
          return property;
        },
      },
    );
    const engine = createDecisionEngine();
    expect(engine.evaluate(shifty)).toEqual(engine.evaluate(FULL));
    expect(reads).toBe(1);
  });
});

describe("evaluateTransaction on a malformed policy", () => {
  it.each<[path: string, policy: unknown]>([
    ["", null],
    ["", "personal"],
    ["", []],
    ["/nope", { nope: 1 }],
    ["/block_full_balance_tx", { block_full_balance_tx: 1 }],
    ["/max_tx_ratio_normal", { max_tx_ratio_normal: 1.1 }],
    ["/max_tx_ratio_normal", { max_tx_ratio_normal: -0.1 }],
    ["/max_tx_ratio_high", { max_tx_ratio_high: NaN }],
    ["/max_tx_ratio_high", { max_tx_ratio_high: "1e-1" }],
    ["/max_allowed_risk", { max_allowed_risk: "HIGH" }],
    ["/cooldown_seconds_warn", { cooldown_seconds_warn: -1 }],
    ["/cooldown_seconds_delay", { cooldown_seconds_delay: 1.5 }],
    ["/threshold_extra_auth", { threshold_extra_auth: -1 }],
    ["/max_behaviour_score", { max_behaviour_score: Infinity }],
    ["/max_behaviour_score", { max_behaviour_score: "1.4999999999999999" }],
    ["/require_trusted_device", { require_trusted_device: null }],
    ["/min_address_age_days", { min_address_age_days: 0.5 }],
    ["/network_score_elevated", { network_score_elevated: -0.25 }],
    ["/network_score_high", { network_score_high: 0.2 }],
    ["/network_score_critical", { network_score_critical: 0.5 }],
    ["/required_approvals", { required_approvals: 0 }],
    ["/required_approvals", { required_approvals: undefined }],
  ])("blocks with path %o", (path, policy) => {
    const result = evaluateTransaction(HEALTHY, policy);
    expect(result).toMatchObject({
      decision: "block",
      reason_id: "QWG_ERROR_INVALID_POLICY",
      path,
    });
    expect(() => createDecisionEngine({ policy: policy as object })).toThrow(
      expect.objectContaining({ name: "QwgError", code: "invalid_policy", path }),
    );
  });
});
