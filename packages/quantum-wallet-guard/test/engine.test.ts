import {
  envelopeSchema,
  type EventSink,
  shieldEventSchema,
  type ShieldEvent,
} from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  approvalBinding,
  createDecisionEngine,
  evaluateTransaction,
  parsePolicy,
  POLICY_PRESETS,
  policyVersion,
  toEnvelope,
  withHash,
  withSeedDefaults,
} from "../src/index.js";
import { HEALTHY } from "./support/contexts.js";

const recorder = () => {
  const events: ShieldEvent[] = [];
  return { events, emit: (event: ShieldEvent) => void events.push(event) };
};
const rejecting: (event: ShieldEvent) => unknown = () => Promise.reject(new Error("sink down"));
const hanging: (event: ShieldEvent) => unknown = () => new Promise(() => undefined);
const hostile: (event: ShieldEvent) => unknown = () =>
  Object.create(Promise.prototype, {
    catch: {
      get: () => {
        throw new Error("no");
      },
    },
  });
const LABELLED = { ...HEALTHY, tx_id: "tx-7", wallet_fingerprint: "w-1", user_id: "u-1" };

describe("createDecisionEngine", () => {
  it("answers as evaluateTransaction and withHash do", () => {
    const policy = { required_approvals: 2 };
    const context = { ...HEALTHY, tx_amount: "700" };
    const result = createDecisionEngine({ policy }).evaluate(context);
    expect(result).toEqual(withHash(evaluateTransaction(context, policy), context, policy));
  });

  it("gives the policy's version", () => {
    expect(createDecisionEngine().policy_version).toBe(policyVersion(POLICY_PRESETS.personal));
  });

  it("emits every decision but allow, with the seed's fields where they are configured", () => {
    const sink = recorder();
    const engine = createDecisionEngine({ events: sink, personalData: "clear" });
    engine.evaluate(LABELLED);
    const result = engine.evaluate({ ...LABELLED, trusted_device: false });
    expect(sink.events).toHaveLength(1);
    expect(shieldEventSchema.parse(sink.events[0])).toMatchObject({
      layer: "quantum_wallet_guard",
      action: "warn",
      severity: 0.55,
      fingerprint: "w-1",
      user_id: "u-1",
      extra: {
        reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
        context_hash: result.context_hash,
        tx_id: "tx-7",
      },
    });
  });

  it.each([
    [{ trusted_device: false }, "warn"],
    [{ wallet_balance: "90000", tx_amount: "20000" }, "require_extra_auth"],
    [{ guardian_decision: "DELAY" }, "delay"],
    [{ adn_level: "critical" }, "block"],
    [{ adn_level: "x" }, "block"],
  ])("emits one event for %o", (change, action) => {
    const sink = recorder();
    createDecisionEngine({ events: sink }).evaluate({ ...LABELLED, ...change });
    expect(sink.events.map((event) => shieldEventSchema.parse(event).action)).toEqual([action]);
  });

  it("emits a malformed context with its hash and the highest severity", () => {
    const sink = recorder();
    const { context_hash } = createDecisionEngine({ events: sink }).evaluate({ tx_id: "tx-7" });
    const event = shieldEventSchema.parse(sink.events[0]);
    expect(event).toMatchObject({ extra: { context_hash }, action: "block", severity: 1 });
  });

  it.each<[string, EventSink]>([
    [
      "throws",
      {
        emit: () => {
          throw new Error("sink down");
        },
      },
    ],
    ["rejects", { emit: rejecting }],
    ["never answers", { emit: hanging }],
    ["answers with a hostile thenable", { emit: hostile }],
    [
      "alters the event",
      {
        emit: (event) => {
          event.action = "allow";
          event.extra["may_broadcast"] = true;
        },
      },
    ],
  ])("answers the same when the sink %s", (_title, events) => {
    const context = { ...LABELLED, trusted_device: false };
    const expected = createDecisionEngine().evaluate(context);
    expect(createDecisionEngine({ events }).evaluate(context)).toEqual(expected);
  });
});

describe("withHash", () => {
  const hashOf = (context: object, policy?: object) =>
    withHash(evaluateTransaction(context, policy), context, policy).context_hash;

  it("is the same for any order of keys and for a default spelled out", () => {
    const reversed = Object.fromEntries(Object.entries(HEALTHY).reverse());
    expect(hashOf(reversed, { required_approvals: 1 })).toBe(hashOf(HEALTHY));
  });

  it("changes with the context, the policy and the outcome", () => {
    const other = withHash(evaluateTransaction({}), HEALTHY).context_hash;
    const hashes = [
      hashOf(HEALTHY),
      hashOf({ ...HEALTHY, tx_amount: "11" }),
      hashOf(HEALTHY, { required_approvals: 2 }),
      other,
    ];
    expect(new Set(hashes).size).toBe(4);
  });

  it("hashes a decision on what cannot be hashed", () => {
    const { context_hash } = withHash(
      evaluateTransaction(() => 1),
      () => 1,
    );
    expect(context_hash).toBe(withHash(evaluateTransaction(undefined), undefined).context_hash);
  });
});

describe("toEnvelope", () => {
  it.each([
    [{}, "ALLOW", "LOW"],
    [{ trusted_device: false }, "WARN", "MEDIUM"],
    [{ wallet_balance: "90000", tx_amount: "20000" }, "BLOCK", "HIGH"],
    [{ guardian_decision: "DELAY" }, "BLOCK", "HIGH"],
    [{ adn_level: "critical" }, "BLOCK", "CRITICAL"],
    [{ adn_level: "nonsense" }, "ERROR", "CRITICAL"],
  ])("answers %o with %s", (context, decision, tier) => {
    const result = evaluateTransaction({ ...HEALTHY, ...context });
    const envelope = envelopeSchema.parse(toEnvelope(result, "r-1"));
    expect(envelope).toMatchObject({
      component: "quantum_wallet_guard",
      decision,
      risk: { tier },
      reason_codes: [result.reason_id],
    });
  });
});

describe("approvalBinding", () => {
  const bound = {
    withdrawal_id: "w-1",
    amount: "5",
    destinations: [{ address: "dgb1q", amount: "5" }],
  };

  it("is the same for one amount written in two ways", () => {
    const written = { ...bound, amount: 5, destinations: [{ address: "dgb1q", amount: "5.0" }] };
    expect(approvalBinding(written)).toBe(approvalBinding(bound));
  });

  it.each([
    ["id", { withdrawal_id: "w-2" }],
    ["amount", { amount: "5.00000001" }],
    ["destination", { destinations: [{ address: "dgb1x", amount: "5" }] }],
    ["destination's amount", { destinations: [{ address: "dgb1q", amount: "4" }] }],
    ["lack of destinations", { destinations: [] }],
  ])("is another for another %s", (_what, change) => {
    expect(approvalBinding({ ...bound, ...change })).not.toBe(approvalBinding(bound));
  });

  it.each([
    ["/withdrawal_id", { withdrawal_id: "" }],
    ["/amount", { amount: "-5" }],
    ["/destinations/0/address", { destinations: [{ address: "", amount: "5" }] }],
    ["/destinations/0/amount", { destinations: [{ address: "dgb1q", amount: NaN }] }],
  ])("throws for a malformed %s", (path, change) => {
    expect(() => approvalBinding({ ...bound, ...change })).toThrow(
      expect.objectContaining({ code: "invalid_binding", path }),
    );
  });
});

describe("withSeedDefaults", () => {
  it("fills what is absent and still needs an amount", () => {
    const filled = withSeedDefaults({ wallet_balance: "100", tx_amount: "1" });
    expect(evaluateTransaction(filled).decision).toBe("allow");
    expect(evaluateTransaction(withSeedDefaults({})).path).toBe("/tx_amount");
  });

  it("does not hide a malformed field", () => {
    expect(evaluateTransaction(withSeedDefaults({ adn_level: "x" as "normal" })).path).toBe(
      "/adn_level",
    );
  });
});

describe("parsePolicy", () => {
  it("freezes the policy, and no later change of the input reaches it", () => {
    const input = { max_allowed_risk: "normal" as const };
    const policy = parsePolicy(input);
    Object.assign(input, { max_allowed_risk: "critical" });
    expect(Object.isFrozen(policy)).toBe(true);
    expect(policy.max_allowed_risk).toBe("normal");
  });

  it("offers a hot-wallet preset that needs two people for 50,000 coins", () => {
    const context = { ...HEALTHY, wallet_balance: "10000000", tx_amount: "50000" };
    const { reason_id } = evaluateTransaction(context, POLICY_PRESETS.exchange_hot_wallet);
    expect(reason_id).toBe("QWG_EXTRA_AUTH_THRESHOLD");
  });
});
