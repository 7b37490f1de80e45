import {
  type EventSink,
  type GuardianRisk,
  type ShieldEvent,
  shieldEventSchema,
} from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createGuardian, createMemoryLedger, type Guardian } from "../src/index.js";
import { harness, LEAVES_MS, MINUTE, SIM_POLICY, START_MS, TXID } from "./support/guardian.js";

const order = { operator: "op", reason: "r" };

describe("events", () => {
  it("report breaches, freezes, persistent attempts and what lifts them", async () => {
    const { ask, guardian, events, time } = harness({ ...SIM_POLICY, max_per_tx: "20000" });
    await ask("1", "16000"); // above what may leave in a day
    await ask("2", "16000", { risk: "MEDIUM" }); // the same, freezing
    await ask("3", "1", { risk: "MEDIUM" });
    await ask("4", "1", { risk: "MEDIUM" }); // the third rejection
    await guardian.unfreeze("wallet", "hot-1", order);
    await ask("5", "1", { risk: "HIGH" });
    time.now += 11 * MINUTE;
    const low_since_ms = time.now - 10 * MINUTE;
    await ask("6", "1", { risk: { level: "LOW", low_since_ms } }); // lasting LOW lifts what risk froze
    expect(events.map(({ action }) => action)).toEqual([
      "limit_breach",
      "limit_breach",
      "freeze",
      "frozen_persistent_attempts",
      "unfreeze",
      "freeze",
      "unfreeze",
    ]);
    for (const event of events) expect(shieldEventSchema.parse(event)).toEqual(event);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    expect(new Set(events.map(({ fingerprint }) => fingerprint))).toEqual(
      new Set(["wallet:hot-1"]),
    );
  });

  it("name a freeze's scopes and cause, and the decision that was given", async () => {
    const { ask, events } = harness({ max_24h: "10" });
    await ask("0", "6");
    const answer = await ask("1", "6", { risk: "MEDIUM" });
    expect(answer.freeze?.scopes).toEqual(["wallet:hot-1"]);
    expect(events.at(-1)).toMatchObject({
      action: "freeze",
      severity: 0.7,
      extra: { withdrawal_id: "1", decision: "FREEZE", risk: "MEDIUM", freeze: answer.freeze },
    });
  });

  it("report the decision after the caller's hook", async () => {
    const { guardian, events } = harness(SIM_POLICY);
    await guardian.evaluate({ withdrawal_id: "1", wallet_id: "a", amount: "9999" }, "LOW", {
      finalize: () => {
        throw new Error("no");
      },
    });
    expect(events).toMatchObject([
      { extra: { decision: "REJECT", reason_codes: ["per_tx_limit", "finalize_failed"] } },
    ]);
  });

  it("report a lost clock once, until it is accepted and lost again", async () => {
    const time = { wall: START_MS, steady: 0 };
    const events: ShieldEvent[] = [];
    const guardian = createGuardian({
      policy: SIM_POLICY,
      ledger: createMemoryLedger(),
      clock: () => time.wall,
      monotonic: () => time.steady,
      events: { emit: (event) => void events.push(event) },
    });
    const ask = () => guardian.evaluate({ withdrawal_id: "1", wallet_id: "a", amount: "1" }, "LOW");
    time.wall += 6_000;
    await ask();
    await ask();
    expect(events.map(({ action }) => action)).toEqual(["clock_untrusted"]);
    await guardian.acceptClock(order);
    await ask();
    time.wall -= 6_000;
    await ask();
    expect(events.map(({ action }) => action)).toEqual([
      "clock_untrusted",
      "clock_accepted",
      "clock_untrusted",
    ]);
  });
});

describe("a spike", () => {
  const policy = { ...SIM_POLICY, spike: { count: 3, seconds: 60 } };
  const spikes = (events: readonly ShieldEvent[]) =>
    events.filter(({ action }) => action === "spike").map(({ extra }) => extra["withdrawal_id"]);

  it("is the third request of a wallet within a minute, allowed or delayed, and one event", async () => {
    const { ask, events } = harness(policy);
    for (const id of ["1", "2", "3", "4", "5"]) await ask(id, "1"); // ALLOW, then DELAY
    expect(spikes(events)).toEqual(["3"]);
  });

  it("counts an id once, what was delayed a minute exactly, and each wallet for itself", async () => {
    const { ask, events, time } = harness(policy);
    await ask("first", "1"); // an ALLOW: all that follow are delayed
    time.now += LEAVES_MS + MINUTE;
    await ask("1", "1");
    await ask("1", "1");
    await ask("2", "1");
    await ask("x", "1", { wallet_id: "other" });
    time.now += MINUTE;
    await ask("3", "1");
    await ask("4", "1");
    expect(spikes(events)).toEqual([]);
    time.now += MINUTE - 1;
    await ask("5", "1");
    expect(spikes(events)).toEqual(["5"]);
  });

  it("counts what was allowed for as long as it may still be signed, and a minute more", async () => {
    const { ask, events, time } = harness({ ...policy, cooldown_seconds: 0 });
    for (const id of ["1", "2"]) await ask(id, "1");
    time.now += LEAVES_MS + MINUTE - 1;
    await ask("3", "1");
    expect(spikes(events)).toEqual(["3"]);
    time.now += 1;
    await ask("4", "1");
    expect(spikes(events)).toEqual(["3"]);
  });

  it("counts each payout of a payment", async () => {
    const { guardian, events } = harness({ ...policy, cooldown_seconds: 0 });
    const payout = (withdrawal_id: string) => ({ withdrawal_id, amount: "1" });
    const payouts = ["1", "2"].map(payout);
    await guardian.evaluate({ payment_id: "two", wallet_id: "hot-1", payouts }, "LOW");
    const further = ["3", "4", "5", "6"].map(payout);
    await guardian.evaluate({ payment_id: "four", wallet_id: "hot-1", payouts: further }, "LOW");
    expect(spikes(events)).toEqual(["four"]);
  });

  it("decides nothing", async () => {
    const [told, untold] = [harness(policy), harness(SIM_POLICY)];
    for (const id of ["1", "2", "3", "4"]) {
      const [answer, other] = [await told.ask(id, "1"), await untold.ask(id, "1")];
      expect(answer).toEqual({ ...other, policy_version: answer.policy_version });
    }
  });

  it("is not looked for by default", async () => {
    const { ask, events } = harness({ max_per_tx: "10" });
    for (let n = 0; n < 50; n++) await ask(`w-${n}`, "1");
    expect(events).toEqual([]);
  });
});

describe("a sink", () => {
  type Emit = (event: ShieldEvent, guardian: Guardian) => unknown;

  /** The answers of a short history, with a sink that does something. */
  async function play(emit: Emit | undefined): Promise<unknown[]> {
    const time = { now: START_MS };
    let told = 0;
    const events: EventSink = {
      emit: (event) => {
        told += 1;
        return emit?.(event, guardian);
      },
    };
    const guardian: Guardian = createGuardian({
      policy: { ...SIM_POLICY, spike: { count: 2, seconds: 60 } },
      ledger: createMemoryLedger(),
      clock: () => time.now,
      ...(emit === undefined ? {} : { events }),
    });
    const ask = (withdrawal_id: string, amount: string, risk: GuardianRisk) =>
      guardian.evaluate({ withdrawal_id, wallet_id: "a", amount }, risk);
    const answers = [
      await ask("1", "3000", "LOW"),
      await ask("2", "6000", "LOW"),
      await ask("3", "8000", "MEDIUM"),
      await ask("4", "1", "HIGH"),
      await guardian.commit("2", { txid: TXID }),
      await ask("5", "1", "HIGH"),
      await guardian.unfreeze("wallet", "a", order),
      await guardian.wallet("a"),
    ];
    expect(told > 5 || emit === undefined).toBe(true);
    return answers;
  }

  it.each<[string, Emit]>([
    [
      "throws",
      () => {
        throw new Error("sink");
      },
    ],
    ["fails later", async () => Promise.reject(new Error("sink"))],
    ["never ends", () => new Promise(() => undefined)],
    [
      "answers with a hostile promise",
      () => ({
        get then(): never {
          throw new Error("then");
        },
      }),
    ],
    [
      "writes into the event",
      (event) => {
        const facts = event.extra as { reason_codes?: string[]; freeze?: { scopes: string[] } };
        facts.reason_codes?.splice(0, 9, "within_limits");
        facts.freeze?.scopes.splice(0);
        Object.assign(event, { action: "nothing", extra: {} });
      },
    ],
    [
      "evaluates a withdrawal of another wallet",
      async (event, guardian) => {
        // A sink that answered the events of its own calls with further calls would never end.
        if (event.fingerprint !== "wallet:a") return;
        const request = { withdrawal_id: event.event_id, wallet_id: "b", amount: "1" };
        await guardian.evaluate(request, "LOW");
        await guardian.freeze("wallet", "b", order).then(() => guardian.wallet("a"));
      },
    ],
  ])("that %s changes nothing", async (_what, emit) => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    try {
      expect(await play(emit)).toEqual(await play(undefined));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", onUnhandled);
    }
  });

  it("that makes a request at every lost clock does not lead in circles", async () => {
    let wall = START_MS;
    let told = 0;
    const guardian: Guardian = createGuardian({
      policy: SIM_POLICY,
      ledger: createMemoryLedger(),
      clock: () => wall,
      monotonic: () => 0,
      events: {
        emit: () => {
          told += 1;
          void guardian.evaluate({ withdrawal_id: "1", wallet_id: "a", amount: "1" }, "LOW");
        },
      },
    });
    wall += 60_000;
    await guardian.evaluate({ withdrawal_id: "2", wallet_id: "a", amount: "1" }, "LOW");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(told).toBe(1);
  });
});
