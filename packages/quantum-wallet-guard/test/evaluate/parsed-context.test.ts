/** What `parseContext` and `parsePolicy` made cannot be changed, copied or forged (design, section 8). */
import { describe, expect, it } from "vitest";
import {
  decide,
  evaluateTransaction,
  parseContext,
  type ParsedContext,
  parsePolicy,
} from "../../src/index.js";
import { HEALTHY } from "../support/contexts.js";
import { FULL } from "../support/wrong-values.js";

const BAD = {
  ...FULL,
  sentinel_level: "critical",
  adn_level: "critical",
  dqs_network_score: 0.99,
  behaviour_score: 99,
  trusted_device: false,
  guardian_decision: "REJECT",
};
const GOOD = { ...HEALTHY, guardian_decision: "ALLOW", tx_amount: "1" };

function parsed(context: unknown): ParsedContext {
  const read = parseContext(context);
  if (!read.ok) throw new Error(read.result.path);
  return read.context;
}

type Attack = (parsed: ParsedContext) => unknown;
const attempt = (attack: () => unknown): void => {
  try {
    attack();
  } catch {
    return;
  }
};
/** Every object that can be reached from a value, by properties and prototypes. */
function reachable(value: unknown, found = new Set<object>()): Set<object> {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  if (!isObject || found.has(value)) return found;
  found.add(value);
  for (const key of Reflect.ownKeys(value)) {
    reachable(Object.getOwnPropertyDescriptor(value, key)?.value, found);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Array.prototype && prototype !== null) reachable(prototype, found);
  return found;
}

describe("a parsed context", () => {
  const CHANGES: readonly [string, Attack][] = [
    ["its context", (p) => Object.assign(p.context, GOOD)],
    ["a copy of its evidence", (p) => Object.assign((p as never)["evidence"], GOOD)],
    [
      "itself",
      (p) => Object.assign(p, { context: GOOD, evidence: GOOD, amount: 1, balance: 1e15 }),
    ],
    ["its property by definition", (p) => Object.defineProperty(p, "context", { value: GOOD })],
    ["its prototype", (p) => Object.setPrototypeOf(p, { context: GOOD, evidence: GOOD })],
    ["its prototype's members", (p) => Object.assign(Object.getPrototypeOf(p), { evidence: GOOD })],
    ["its approvals", (p) => Object.assign(p.context.approvals![0]!, { method: "operator" })],
    ["its list of approvals", (p) => p.context.approvals!.push(p.context.approvals![0]!)],
    ["its context's prototype", (p) => Object.setPrototypeOf(p.context, GOOD)],
  ];

  it.each(CHANGES)("decides the same after an attempt to change %s", (_what, attack) => {
    const context = parsed(BAD);
    const before = decide(context);
    attempt(() => attack(context));
    expect(decide(context)).toEqual(before);
    expect(before.reason_id).toBe("QWG_CRITICAL_CHAIN_OR_NODE_RISK");
    expect(context.context).toEqual(BAD);
  });

  it("leads to no object that is not frozen, and to no function", () => {
    for (const found of reachable(parsed(FULL))) {
      expect(typeof found).toBe("object");
      expect(Object.isFrozen(found)).toBe(true);
    }
  });

  it("has no constructor to make another with", () => {
    const context = parsed(BAD) as unknown as Record<string, unknown>;
    expect(context["constructor"]).toBeUndefined();
    expect(Object.getPrototypeOf(Object.getPrototypeOf(context))).toBeNull();
  });

  const FORGERIES: readonly [string, (parsed: ParsedContext) => unknown][] = [
    ["an object of its shape", () => ({ context: GOOD })],
    [
      "an object of the rules' shape",
      () => ({ fields: GOOD, evidence: GOOD, amount: 1, balance: 9 }),
    ],
    ["a shallow copy", (p) => ({ ...p })],
    ["a structured clone", (p) => structuredClone({ ...p })],
    ["a proxy", (p) => new Proxy(p, {})],
    ["an heir", (p) => Object.create(p)],
    [
      "an object with its prototype",
      (p) => Object.create(Object.getPrototypeOf(p), { context: { value: GOOD } }),
    ],
    [
      "a copy with all descriptors",
      (p) => Object.defineProperties({}, Object.getOwnPropertyDescriptors(p)),
    ],
    ["its context", (p) => p.context],
  ];
  it.each(FORGERIES)("is not %s", (_what, forge) => {
    const forged = forge(parsed(GOOD)) as ParsedContext;
    const refusal = { decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT", path: "" };
    expect(decide(forged)).toMatchObject(refusal);
  });

  it("shares nothing with what was parsed", () => {
    const given = structuredClone(BAD);
    const context = parsed(given);
    Object.assign(given, GOOD);
    Object.assign(given.approvals[0]!, { method: "confirmation" });
    expect(context.context).toEqual(BAD);
    expect(decide(context).decision).toBe("block");
  });
});

describe("a parsed policy", () => {
  const STRICT = { max_allowed_risk: "normal", require_trusted_device: true } as const;
  const WEAK = { max_allowed_risk: "critical", require_trusted_device: false };
  const elevated = { ...HEALTHY, adn_level: "elevated" };

  it.each<[string, (policy: object) => unknown]>([
    ["its fields", (policy) => Object.assign(policy, WEAK)],
    ["its prototype", (policy) => Object.setPrototypeOf(policy, WEAK)],
    [
      "a field by definition",
      (policy) => Object.defineProperty(policy, "max_allowed_risk", { value: "critical" }),
    ],
  ])("decides the same after an attempt to change %s", (_what, attack) => {
    const policy = parsePolicy(STRICT);
    attempt(() => attack(policy));
    expect(evaluateTransaction(elevated, policy).reason_id).toBe("QWG_POLICY_MAX_RISK_EXCEEDED");
    expect(policy.max_allowed_risk).toBe("normal");
  });

  it("is read again when it is a copy with other values", () => {
    const copy = { ...parsePolicy(STRICT), ...WEAK };
    expect(evaluateTransaction(elevated, copy).decision).toBe("allow");
    expect(evaluateTransaction(elevated, Object.create(parsePolicy(WEAK)))).toMatchObject({
      reason_id: "QWG_ERROR_INVALID_POLICY",
    });
  });
});
