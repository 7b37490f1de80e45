import { describe, expect, it } from "vitest";
import {
  checkPolicy,
  counterfactual,
  createDecisionEngine,
  decide,
  evaluateTransaction,
  parseContext,
  walletPolicySchema,
  withHash,
} from "../../src/index.js";
import { HEALTHY, without } from "../support/contexts.js";
import { FULL, STRANGE_VALUES, WRONG } from "../support/wrong-values.js";

const CASES = Object.entries(WRONG).flatMap(([field, values]) =>
  [...values, ...STRANGE_VALUES].map((value) => [field, value] as const),
);

describe("evaluateTransaction on a malformed context", () => {
  it("allows the context that the cases are made from", () => {
    expect(evaluateTransaction(FULL).decision).toBe("allow");
  });

  it.each(CASES)("blocks a wrong %s (%#)", (field, value) => {
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
    ["/max_behaviour_score", { max_behaviour_score: 1e29 }],
    ["/max_behaviour_score", { max_behaviour_score: 2 ** 53 }],
    ["/max_behaviour_score", { max_behaviour_score: "9007199254740992" }],
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

  it.each(Object.keys(walletPolicySchema.shape))("blocks every strange value of %s", (field) => {
    for (const value of STRANGE_VALUES) {
      const { decision, reason_id, path } = evaluateTransaction(HEALTHY, { [field]: value });
      expect([decision, reason_id]).toEqual(["block", "QWG_ERROR_INVALID_POLICY"]);
      expect(path).toMatch(new RegExp(`^/${field}(/|$)`));
    }
  });

  it("blocks a policy that is not one at all", () => {
    const isEmpty = (value: unknown) =>
      typeof value === "object" && value !== null && checkPolicy(value).ok;
    for (const value of STRANGE_VALUES.filter((one) => one !== undefined && !isEmpty(one))) {
      expect(evaluateTransaction(HEALTHY, value).reason_id).toBe("QWG_ERROR_INVALID_POLICY");
    }
  });
});

describe("a policy that is accepted", () => {
  it.each([
    { max_behaviour_score: Number.MAX_SAFE_INTEGER },
    { max_behaviour_score: "9007199254740991" },
    { max_behaviour_score: -0 },
    { threshold_extra_auth: "92233720368.54775807" },
    { max_tx_ratio_normal: "0.333333333333333333", max_tx_ratio_high: 1e-18 },
  ])("has a version and a hash: %o", (policy) => {
    const checked = checkPolicy(policy);
    const engine = createDecisionEngine({ policy });
    expect(checked.ok && checked.policy_version).toBe(engine.policy_version);
    const result = evaluateTransaction(HEALTHY, policy);
    expect(engine.evaluate(HEALTHY)).toEqual(withHash(result, HEALTHY, policy));
  });
});

describe("a context that is too large", () => {
  const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
  const crowd = (size: number) => Array.from({ length: size }, () => FULL.approvals[0]);
  it.each<[string, object, string]>([
    ["10,000 unknown fields", unknown, ""],
    ["an id of 1 MB", { tx_id: "x".repeat(1_000_000) }, "/tx_id"],
    ["an id of 1 MB of another alphabet", { device_id: "é".repeat(1_000_000) }, "/device_id"],
    ["an amount of 1 MB", { tx_amount: `0.${"1".repeat(1_000_000)}` }, "/tx_amount"],
    ["65 approvals", { approvals: crowd(65) }, "/approvals"],
    ["100,000 approvals", { approvals: crowd(100_000) }, "/approvals"],
    [
      "a list whose length is endless",
      { approvals: Object.assign([], { length: 2 ** 32 - 1 }) },
      "/approvals",
    ],
  ])("is blocked: %s", (_what, change, path) => {
    const context = { ...FULL, ...change };
    const expected = { decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT", path };
    expect(evaluateTransaction(context)).toMatchObject(expected);
    expect(createDecisionEngine().evaluate(context)).toMatchObject(expected);
    expect(counterfactual(context).largest_amount).toBeNull();
  });
});

describe("decide", () => {
  it("answers as evaluateTransaction does, for a context that was parsed", () => {
    const read = parseContext(FULL);
    expect(read.ok && decide(read.context)).toEqual(evaluateTransaction(FULL));
    expect(read.ok && Object.isFrozen(read.context.context.approvals)).toBe(true);
  });

  it.each([FULL, { context: FULL, amount: 1, balance: 1000 }, null, undefined, 1, []])(
    "blocks what parseContext did not make (%#)",
    (forged) => {
      expect(decide(forged as never)).toMatchObject({
        decision: "block",
        reason_id: "QWG_ERROR_INVALID_CONTEXT",
        path: "",
      });
    },
  );

  it("blocks a copy and a proxy of a parsed context", () => {
    const read = parseContext(FULL);
    const context = read.ok ? read.context : undefined;
    for (const forged of [{ ...context }, new Proxy(context!, {}), Object.create(context!)]) {
      expect(decide(forged as never).decision).toBe("block");
    }
  });

  it("blocks under a malformed policy", () => {
    const read = parseContext(FULL);
    expect(read.ok && decide(read.context, { nope: 1 } as never).path).toBe("/nope");
  });

  it("hands back the refusal of a malformed context", () => {
    expect(parseContext({})).toEqual({ ok: false, result: evaluateTransaction({}) });
  });
});
