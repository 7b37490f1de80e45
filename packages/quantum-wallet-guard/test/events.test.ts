/** Events: made from records after their commit, one id for each attempt, no personal data unless it is configured. */
import { runInNewContext } from "node:vm";
import { type EventSink, shieldEventSchema, type ShieldEvent } from "@dgb-shield/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDecisionEngine, eventOf, simulatePolicy } from "../src/index.js";
import { HEALTHY, without } from "./support/contexts.js";

const PERSONAL = {
  tx_id: "withdrawal-4711",
  user_id: "alice@example.org",
  device_id: "dev-1",
  wallet_fingerprint: "hot-wallet-1",
  wallet_balance: "1234.5",
  tx_amount: "789.25",
};
const CONTEXT = { ...HEALTHY, ...PERSONAL, created_at: 1_780_000_000_000 };

function recorder() {
  const events: ShieldEvent[] = [];
  return { events, emit: (event: ShieldEvent) => void events.push(event) };
}
const ids = (events: readonly ShieldEvent[]) => new Set(events.map(({ event_id }) => event_id));

describe("a decision inside a transaction", () => {
  it("is made by `decide` without any event, even where a sink is configured", () => {
    const sink = recorder();
    const engine = createDecisionEngine({ events: sink });
    const record = engine.decide(CONTEXT);
    expect(record.result.decision).toBe("warn");
    expect(sink.events).toEqual([]);
    expect(engine.evaluate(CONTEXT)).toEqual(record.result);
    expect(sink.events).toHaveLength(1);
  });

  it("is a record that eventOf and simulatePolicy read, stored and parsed again", () => {
    const record = createDecisionEngine().decide(CONTEXT);
    const stored = JSON.parse(JSON.stringify(record)) as unknown;
    expect(eventOf(stored)).toEqual(eventOf(record));
    expect(shieldEventSchema.safeParse(eventOf(stored)).success).toBe(true);
    expect(simulatePolicy([stored], {})).toMatchObject({ unchanged: 1, unverified: 0 });
  });

  it.each([null, { nope: 1 }, [1], { ...HEALTHY, dqs_network_score: NaN }, () => 1, new Map()])(
    "is a record that can be read again for a malformed context (%#)",
    (context) => {
      const record = createDecisionEngine().decide(context);
      const stored = JSON.parse(JSON.stringify(record)) as unknown;
      expect(simulatePolicy([stored], {})).toMatchObject({ unchanged: 1, unreadable: 0 });
      expect(eventOf(stored)).toMatchObject({ action: "block", severity: 1 });
    },
  );

  it("is deeply frozen, and shares nothing with the request", () => {
    const approvals = [
      { approver: "ann", method: "operator", approved_at_ms: 0, binds: "ab".repeat(32) },
    ];
    const record = createDecisionEngine().decide({ ...CONTEXT, approvals });
    approvals.pop();
    expect(record.context).toMatchObject({ approvals: [{ approver: "ann" }] });
    for (const part of [record, record.context, record.result])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it("is evaluated anew with the same id: nothing of an earlier allow is kept", () => {
    const engine = createDecisionEngine();
    const calm = { ...CONTEXT, tx_amount: "1" };
    expect(engine.decide(calm).result.decision).toBe("allow");
    expect(engine.decide({ ...calm, trusted_device: false }).result.decision).toBe("warn");
    expect(engine.decide({ ...calm, sentinel_level: "critical" }).result.decision).toBe("block");
    expect(engine.decide(calm).result.decision).toBe("allow");
  });

  it("has no event when it is an allow", () => {
    const record = createDecisionEngine().decide({ ...CONTEXT, tx_amount: "1" });
    expect(eventOf(record)).toBeUndefined();
  });

  const record = createDecisionEngine().decide(CONTEXT);
  it.each<[string, unknown, string]>([
    [
      "without its hash",
      { ...record, result: without(record.result, "context_hash") },
      "/result/context_hash",
    ],
    [
      "with another context",
      { ...record, context: { ...CONTEXT, tx_amount: "9" } },
      "/result/context_hash",
    ],
    [
      "with another result",
      { ...record, result: { ...record.result, decision: "delay" } },
      "/result/reason_id",
    ],
    ["that is none", null, ""],
  ])("gives no event for a record %s: it throws", (_what, altered, path) => {
    expect(() => eventOf(altered)).toThrow(
      expect.objectContaining({ name: "QwgError", code: "invalid_record", path }),
    );
  });
});

describe("the id of an event", () => {
  it("differs for each of 1,000 equal attempts on one engine", () => {
    const sink = recorder();
    const engine = createDecisionEngine({ events: sink });
    for (let i = 0; i < 1_000; i++) engine.evaluate(CONTEXT);
    expect(ids(sink.events).size).toBe(1_000);
  });

  it("differs for malformed contexts that cannot be read", () => {
    const sink = recorder();
    const engine = createDecisionEngine({ events: sink });
    const accessor = Object.defineProperty({ ...CONTEXT }, "tx_amount", {
      get: () => "1",
      enumerable: true,
    });
    [accessor, accessor, null, () => 1, new Map(), null].forEach((context) =>
      engine.evaluate(context),
    );
    expect(ids(sink.events).size).toBe(6);
  });

  it("is the same for one record, and another for another record of the same content", () => {
    const record = createDecisionEngine().decide(CONTEXT);
    const id = (attempt?: number | string) => eventOf(record, { attempt })?.event_id;
    expect(id(7)).toBe(id(7));
    expect(new Set([id(), id(7), id("7"), id(8)]).size).toBe(4);
  });

  it("differs by policy, by decision and by time", () => {
    const id = (context: object, policy = {}) =>
      eventOf(createDecisionEngine({ policy }).decide(context))?.event_id;
    const later = { ...CONTEXT, created_at: CONTEXT.created_at + 1 };
    const all = [
      id(CONTEXT),
      id(later),
      id({ ...CONTEXT, adn_level: "critical" }),
      id(CONTEXT, { required_approvals: 2 }),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it.each([NaN, -1, 0.5, 2 ** 53, "", "x".repeat(129), null, {}])(
    "refuses the attempt %o",
    (attempt) => {
      const record = createDecisionEngine().decide(CONTEXT);
      expect(() => eventOf(record, { attempt: attempt as number })).toThrow(
        expect.objectContaining({ code: "invalid_options", path: "/attempt" }),
      );
    },
  );
});

describe("what an event carries", () => {
  it("has no name, no address, no amount and no free text by default", () => {
    const sink = recorder();
    createDecisionEngine({ events: sink }).evaluate(CONTEXT);
    const [event] = sink.events;
    const written = JSON.stringify(event);
    // The suggested limit is half of the balance.
    for (const value of [...Object.values(PERSONAL), "617.25", "coins"])
      expect(written).not.toContain(value);
    expect(event).toEqual({
      event_id: event?.event_id,
      layer: "quantum_wallet_guard",
      action: "warn",
      severity: 0.55,
      fingerprint: "",
      extra: {
        decision: "warn",
        reason_id: "QWG_RATIO_NORMAL",
        may_broadcast: false,
        require_confirmation: false,
        require_second_factor: false,
        cooldown_seconds: 60,
        context_hash: createDecisionEngine().evaluate(CONTEXT).context_hash,
        policy_version: createDecisionEngine().policy_version,
        sentinel_level: "normal",
        adn_level: "normal",
        dqs_network_score: 0,
        behaviour_score: 1,
        trusted_device: true,
      },
    });
  });

  it("names of a malformed context no more than a field of the schema", () => {
    const path = (context: object) =>
      eventOf(createDecisionEngine().decide(context))?.extra["path"];
    expect(path({ ...CONTEXT, tx_amount: 0 })).toBe("/tx_amount");
    expect(path({ ...CONTEXT, approvals: [{ "alice@example.org": 1 }] })).toBe("/approvals");
    expect(path({ ...CONTEXT, "alice@example.org": 1 })).toBe("");
    expect(path([])).toBe("");
  });

  it("has the specification's fields where clear personal data is configured", () => {
    const sink = recorder();
    createDecisionEngine({ events: sink, personalData: "clear" }).evaluate(CONTEXT);
    const [event] = sink.events;
    const { tx_id, tx_amount, wallet_balance, user_id } = PERSONAL;
    expect(event).toMatchObject({
      fingerprint: "hot-wallet-1",
      user_id,
      extra: { tx_id, tx_amount, wallet_balance, suggested_limit: "617.25" },
    });
    expect(event?.extra).not.toHaveProperty("reason");
    expect(event?.event_id).not.toContain(tx_id);
    expect(
      eventOf(createDecisionEngine().decide(CONTEXT), { personalData: "clear" })?.extra,
    ).toEqual(event?.extra);
  });
});

describe("a sink", () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  beforeEach(() => {
    unhandled.length = 0;
    process.on("unhandledRejection", listen);
  });
  afterEach(() => void process.off("unhandledRejection", listen));

  const throwing = {
    get: () => {
      throw new Error("no");
    },
  };
  it.each<[string, () => unknown]>([
    ["a rejected promise", () => Promise.reject(new Error("down"))],
    [
      "a rejected promise of another realm",
      () => runInNewContext("Promise.reject(new Error('down'))"),
    ],
    ["an async function of another realm", () => runInNewContext("(async () => { throw 1; })()")],
    [
      "a rejected promise with its own then",
      () => Object.assign(Promise.reject(new Error("down")), { then: () => undefined }),
    ],
    [
      "a rejected promise with its own catch",
      () => Object.assign(Promise.reject(new Error("down")), { catch: () => undefined }),
    ],
    [
      "a rejected promise of a subclass",
      () => class Sub extends Promise<never> {}.reject(new Error("down")),
    ],
    [
      "a thenable that rejects",
      () => ({ then: (_: unknown, reject: (e: unknown) => void) => reject(new Error("down")) }),
    ],
    [
      "a thenable that throws",
      () => ({
        then: () => {
          throw new Error("down");
        },
      }),
    ],
    ["a thenable whose then cannot be read", () => Object.defineProperty({}, "then", throwing)],
    [
      "a revoked proxy",
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
  ])("that answers with %s ends no process", async (_what, answer) => {
    const events: EventSink = { emit: answer };
    const expected = createDecisionEngine().evaluate(CONTEXT);
    expect(createDecisionEngine({ events }).evaluate(CONTEXT)).toEqual(expected);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  });
});
