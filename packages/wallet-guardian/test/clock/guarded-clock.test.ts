/** Clocks on every ledger: validity by the true clock, steps back, jumps, acceptance (design, section 7: clocks). */
import type { ShieldEvent } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  createGuardian,
  createMemoryLedger,
  type Guardian,
  type GuardianPolicyInput,
  type Ledger,
} from "../../src/index.js";
import { HOUR, LEAVES_MS, MINUTE, said, START_MS, TXID } from "../support/guardian.js";
import { LEDGERS } from "../support/ledgers.js";
import { newPostgresLedger } from "../support/postgres.js";

const DAY = 24 * HOUR;
const ORDER = { operator: "ann", reason: "NTP has corrected it" };

/** A process: clocks that are moved by hand, and a guardian. */
function start(policy: GuardianPolicyInput, ledger: Ledger, now = START_MS, hasSteady = true) {
  const time = { now, steady: 0 };
  const events: ShieldEvent[] = [];
  const guardian = createGuardian({
    policy,
    ledger,
    clock: () => time.now,
    ...(hasSteady ? { monotonic: () => time.steady } : {}),
    events: { emit: (event) => void events.push(event) },
  });
  const pass = (ms: number) => {
    time.now += ms;
    time.steady += ms;
  };
  const ask = (withdrawal_id: string, amount = "1", wallet_id = "hot") =>
    guardian.evaluate({ withdrawal_id, wallet_id, amount }, "LOW");
  const actions = () => events.map(({ action }) => action);
  return { guardian, time, events, actions, pass, ask };
}

const ALL: typeof LEDGERS = [...LEDGERS, ["postgres, caller's clock", () => newPostgresLedger()]];

describe.each(ALL)("clocks on the %s ledger", (_name, createLedger) => {
  const policy = { max_per_tx: "100", max_24h: "1000", cooldown_seconds: 60 };

  it("refuses with clock_untrusted, to be retried, while the ledger's time is ahead", async () => {
    const ledger = createLedger();
    const boot = start(policy, ledger, START_MS + 8 * HOUR);
    const allowed = await boot.ask("w1", "100");
    expect([said(allowed), allowed.valid_for_ms]).toEqual(["ALLOW within_limits", MINUTE]);
    // corrected, and restarted
    const right = start(policy, ledger, START_MS);
    for (const minutes of [0, 60, 240, 470]) {
      right.time.now = START_MS + minutes * MINUTE;
      right.time.steady = minutes * MINUTE;
      for (const id of ["w1", "w2"]) {
        const answer = await right.ask(id, "100");
        expect(said(answer)).toBe("REJECT clock_untrusted");
        expect(answer).toMatchObject({ final: false, retry_after_ms: 5_000 });
        expect(answer.detail).toMatch(/^the ledger's time is \d+ ms ahead of the clock: /);
      }
    }
    expect(right.actions()).toEqual(["clock_untrusted"]);
    expect(await right.guardian.wallet("hot")).toMatchObject({ clock: "behind" });
    await ledger.close();
  });

  it("works again after acceptClock, on this process, another one, and a later one", async () => {
    const ledger = createLedger();
    const boot = start(policy, ledger, START_MS + 8 * HOUR);
    await boot.ask("w1", "100");
    const [right, other] = [start(policy, ledger), start(policy, ledger)];
    await right.ask("w2");
    expect(said(await other.ask("w2"))).toBe("REJECT clock_untrusted");
    expect(await right.guardian.acceptClock(ORDER)).toEqual({ accepted: true, reason_codes: [] });
    expect(right.actions()).toEqual(["clock_untrusted", "clock_accepted"]);
    // dated now: a cooldown of 60 s from now, and no ALLOW that holds for 8 h
    for (const side of [right, other, start(policy, ledger)]) {
      const delayed = await side.ask("w2");
      expect([said(delayed), delayed.retry_after_ms]).toEqual(["DELAY cooldown_breach", MINUTE]);
      expect(await side.guardian.wallet("hot")).toMatchObject({
        clock: "trusted",
        as_of_ms: START_MS,
        last_allow_ms: START_MS,
        windows: [{ spent: "100" }],
      });
    }
    right.pass(MINUTE);
    expect(said(await right.ask("w2"))).toBe("ALLOW within_limits");
    const [record] = (await ledger.records(0, 10)).filter(({ kind }) => kind === "clock_accepted");
    expect(record).toMatchObject({
      at_ms: START_MS,
      record: { ...ORDER, at_ms: START_MS },
    });
    await ledger.close();
  });

  it("counts what is dated now for its whole window, and lets it leave then", async () => {
    const ledger = createLedger();
    const boot = start({ max_24h: "10" }, ledger, START_MS + 400 * DAY);
    for (const id of ["a", "b", "c"]) await boot.ask(id, "3");
    boot.pass(LEAVES_MS);
    const proof = { ...ORDER, not_executed: true } as const;
    expect(await boot.guardian.release("b", proof)).toMatchObject({ accepted: true });
    const right = start({ max_24h: "10" }, ledger);
    await right.guardian.acceptClock(ORDER);
    // 3 + 3 of 10
    const full = await right.ask("d", "5");
    // dated at the last moment at which a claim of any policy could be signed: a day, and the skew
    const longest = DAY + DAY + 5_000;
    expect(full).toMatchObject({ allowed_now: "4", retry_after_ms: longest });
    right.pass(longest - 1);
    expect(said(await right.ask("d", "5"))).toBe("DELAY daily_limit");
    right.pass(1);
    expect(said(await right.ask("d", "10"))).toBe("REJECT content_changed");
    expect(said(await right.ask("e", "10"))).toBe("ALLOW within_limits");
    await ledger.close();
  });

  it("takes no ALLOW of the future for one in force: it was claimed, and is not allowed again", async () => {
    const ledger = createLedger();
    await start({ max_24h: "10" }, ledger, START_MS + 8 * HOUR).ask("w", "10");
    const right = start({ max_24h: "10" }, ledger);
    await right.guardian.acceptClock(ORDER);
    expect(said(await right.ask("w", "10"))).toBe("REJECT claim_unsettled");
    right.pass(7 * HOUR);
    expect(await right.guardian.commit("w", { txid: TXID })).toMatchObject({
      accepted: true,
      reason_codes: [],
    });
    // it counts until the time that the answer gave, 8 hours from then
    right.pass(17 * HOUR + LEAVES_MS - 1);
    expect(await right.ask("x")).toMatchObject({ decision: "DELAY", retry_after_ms: 8 * HOUR + 1 });
    await ledger.close();
  });

  it("takes no reservation of the future for one in force: its commit is late and counts from then", async () => {
    const ledger = createLedger();
    const policy = { max_24h: "10", claim: "explicit" } as const;
    await start(policy, ledger, START_MS + 8 * HOUR).ask("w", "10");
    const right = start(policy, ledger);
    await right.guardian.acceptClock(ORDER);
    const claim = await right.guardian.claim("w", { signer_id: "s", risk: "LOW" });
    expect(said(claim)).toBe("REJECT allow_not_in_force");
    right.pass(7 * HOUR);
    expect(await right.guardian.commit("w", { txid: TXID })).toMatchObject({
      accepted: true,
      reason_codes: ["late_commit"],
    });
    right.pass(23 * HOUR);
    expect(await right.ask("x")).toMatchObject({ decision: "DELAY", retry_after_ms: HOUR });
    await ledger.close();
  });

  it("keeps freezes and attempts, dated now", async () => {
    const ledger = createLedger();
    const boot = start({ max_per_tx: "10" }, ledger, START_MS + 8 * HOUR);
    await boot.guardian.freeze("wallet", "hot", ORDER);
    for (const id of ["1", "2"]) await boot.ask(id);
    const right = start({ max_per_tx: "10" }, ledger);
    expect(said(await right.ask("3"))).toBe("REJECT clock_untrusted");
    await right.guardian.acceptClock(ORDER);
    expect(said(await right.ask("3"))).toBe("REJECT wallet_frozen frozen_persistent_attempts");
    expect(await right.guardian.wallet("hot")).toMatchObject({
      freezes: [{ kind: "operator", frozen_at_ms: START_MS }],
    });
    right.pass(30 * MINUTE);
    expect(said(await right.ask("4"))).toBe("REJECT wallet_frozen");
    await ledger.close();
  });

  it("lets an operator settle, freeze and look while the clock is behind", async () => {
    const ledger = createLedger();
    await start(policy, ledger, START_MS + 8 * HOUR).ask("w", "10");
    const right = start(policy, ledger);
    const { guardian } = right;
    expect(await guardian.commit("w", { txid: TXID })).toMatchObject({ accepted: true });
    expect(await guardian.freeze("wallet", "hot", ORDER)).toMatchObject({ accepted: true });
    expect(await guardian.acceptClock(ORDER)).toMatchObject({ accepted: true });
    expect(said(await right.ask("x"))).toBe("REJECT wallet_frozen cooldown_breach");
    await ledger.close();
  });

  it("ends a forward jump too, for every process on the ledger", async () => {
    const ledger = createLedger();
    const sides = [start({ max_24h: "10" }, ledger), start({ max_24h: "10" }, ledger)];
    await sides[0]!.ask("1", "10");
    for (const { time } of sides) {
      time.now += DAY + LEAVES_MS;
      time.steady += 1_000;
    }
    expect(said(await sides[0]!.ask("2"))).toBe("REJECT clock_untrusted");
    expect(said(await sides[0]!.ask("2", "1", "cold"))).toBe("REJECT clock_untrusted");
    expect(await sides[0]!.guardian.acceptClock(ORDER)).toMatchObject({ accepted: true });
    expect(said(await sides[0]!.ask("2"))).toBe("ALLOW within_limits");
    // the first call of this process since
    expect(said(await sides[1]!.ask("3"))).toBe("ALLOW within_limits");
    await ledger.close();
  });

  it("stores nothing for a look at a wrong time", async () => {
    const ledger = createLedger();
    for (const hasSteady of [true, false]) {
      const { ask, guardian, time } = start({ max_24h: "10" }, ledger, START_MS, hasSteady);
      await ask(`before-${hasSteady}`);
      time.now += 365 * DAY;
      expect(await guardian.wallet("hot")).toMatchObject({
        clock: hasSteady ? "ahead" : "trusted",
      });
      time.now -= 365 * DAY;
      expect(said(await ask(`after-${hasSteady}`))).toBe("ALLOW within_limits");
    }
    await ledger.close();
  });

  it("dates the acceptance of one wallet's future for all wallets, and sums stay exact", async () => {
    const ledger = createLedger();
    const wide = {
      max_24h: "100",
      limits: { account: { max_24h: "50" }, global: { max_24h: "60" } },
    };
    const evaluate = (guardian: Guardian, id: string, wallet_id: string, amount: string) =>
      guardian
        .evaluate({ withdrawal_id: id, wallet_id, account_id: "acc", amount }, "LOW")
        .then(said);
    const before = start(wide, ledger);
    expect(await evaluate(before.guardian, "1", "a", "10")).toBe("ALLOW within_limits");
    const boot = start(wide, ledger, START_MS + 3 * HOUR);
    expect(await evaluate(boot.guardian, "2", "b", "10")).toBe("ALLOW within_limits");
    expect(await evaluate(boot.guardian, "3", "b", "10")).toBe("ALLOW within_limits");
    boot.pass(HOUR);
    await boot.guardian.release("2", { ...ORDER, not_executed: true });
    const right = start(wide, ledger, START_MS + MINUTE);
    expect(await evaluate(right.guardian, "4", "c", "1")).toBe("REJECT clock_untrusted");
    await right.guardian.acceptClock(ORDER);
    // account 10 + 10 of 50: 30 fit, 31 do not
    expect(await evaluate(right.guardian, "5", "c", "31")).toBe("DELAY daily_limit");
    expect(await evaluate(right.guardian, "4", "c", "30")).toBe("ALLOW within_limits");
    right.pass(DAY - MINUTE + LEAVES_MS);
    // what counted at the start has left, what was dated at minute 1 has not
    expect(await evaluate(right.guardian, "6", "d", "11")).toBe("DELAY daily_limit");
    expect(await evaluate(right.guardian, "7", "d", "10")).toBe("ALLOW within_limits");
    right.pass(MINUTE);
    // what was valid until 3 hours later counts until then: 10 and 10 of 50
    expect(await evaluate(right.guardian, "8", "d", "31")).toBe("DELAY daily_limit");
    expect(await evaluate(right.guardian, "9", "d", "30")).toBe("ALLOW within_limits");
    await ledger.close();
  });
});

describe("a guardian's own clock", () => {
  const memory = (hasSteady = true, now = START_MS) => ({
    ...start({ max_24h: "1000" }, createMemoryLedger(), now, hasSteady),
  });

  it("follows a drift of 0.2 s an hour for ever, read hourly or after two days", async () => {
    const { ask, time } = memory();
    for (let hour = 1; hour <= 100; hour++) {
      time.now += HOUR;
      time.steady += HOUR - 200;
      expect(said(await ask(`h${hour}`))).toBe("ALLOW within_limits");
    }
    time.now += 2 * DAY;
    time.steady += 2 * DAY - 48 * 200;
    expect(said(await ask("later"))).toBe("ALLOW within_limits");
  });

  it.each([
    [5_000, "ALLOW within_limits"],
    [5_001, "REJECT clock_untrusted"],
    [-5_000, "ALLOW within_limits"],
    [-5_001, "REJECT clock_untrusted"],
    [6_000, "REJECT clock_untrusted"],
    [25 * HOUR, "REJECT clock_untrusted"],
    [-48 * HOUR, "REJECT clock_untrusted"],
  ])("answers to a step of %i ms: %s", async (step, expected) => {
    const { ask, time } = memory();
    time.now += step;
    expect(said(await ask("w"))).toBe(expected);
  });

  it("recovers by itself when the wall clock comes back", async () => {
    const { ask, pass, time } = memory();
    time.now += HOUR;
    expect(said(await ask("w"))).toBe("REJECT clock_untrusted");
    time.now -= HOUR;
    pass(1_000);
    expect(said(await ask("w"))).toBe("ALLOW within_limits");
  });

  it("opens nothing when the clock steps back and no monotonic clock is there", async () => {
    const { ask, time, actions } = memory(false);
    await ask("1", "1000");
    time.now -= 2 * DAY;
    expect(said(await ask("2"))).toBe("REJECT clock_untrusted");
    expect(said(await ask("2", "1", "another"))).toBe("REJECT clock_untrusted");
    time.now += 2 * DAY;
    expect(said(await ask("2"))).toBe("DELAY daily_limit");
    expect(actions()).toEqual(["clock_untrusted", "limit_breach"]);
  });

  it.each([
    [1_782_664_805, /^clock: 1782664805 is before 2009: seconds were given where milliseconds/],
    [1_782_664_805_000_000, /is after 2100: microseconds were given where milliseconds/],
    [9_000_000_000_000, /is after 2100: milliseconds since 1970 are expected$/],
    [NaN, /^clock: NaN is not a whole number of milliseconds/],
    [-1, /is before 2009/],
    [START_MS + 0.5, /is not a whole number of milliseconds/],
    [Infinity, /is not a whole number of milliseconds/],
    ["1782664805000", /^clock: string is not a reading of a clock/],
    [undefined, /^clock: undefined is not a reading of a clock/],
  ])("refuses everything at the time %s, with the reason", async (now, detail) => {
    const ledger = createMemoryLedger();
    const guardian = createGuardian({
      policy: { max_24h: "10" },
      ledger,
      clock: () => now as number,
    });
    const answer = await guardian.evaluate(
      { withdrawal_id: "w", wallet_id: "hot", amount: "1" },
      "LOW",
    );
    expect([said(answer), answer.final]).toEqual(["REJECT clock_untrusted", false]);
    expect(answer.detail).toMatch(detail);
    for (const refused of [await guardian.acceptClock(ORDER), await guardian.wallet("hot")]) {
      expect(refused).toMatchObject({ accepted: false, reason_codes: ["clock_untrusted"] });
      expect(refused).toHaveProperty("detail", expect.stringMatching(detail));
    }
    // the rejection alone is recorded, at no time
    expect(await ledger.records(0, 10)).toMatchObject([
      { at_ms: 0, kind: "decision", record: { decision: { reason_codes: ["clock_untrusted"] } } },
    ]);
    expect(await ledger.withdrawal("w")).toBeNull();
  });

  it.each<[string, () => number]>([
    [
      "throws",
      () => {
        throw new Error("no clock");
      },
    ],
    ["gives NaN", () => NaN],
    ["gives a bigint", () => 1n as never],
  ])("refuses everything while the monotonic clock %s", async (_what, monotonic) => {
    const clock = () => START_MS;
    const guardian = createGuardian({
      policy: { max_24h: "10" },
      ledger: createMemoryLedger(),
      clock,
      monotonic,
    });
    const request = { withdrawal_id: "w", wallet_id: "hot", amount: "1" };
    expect(said(await guardian.evaluate(request, "LOW"))).toBe("REJECT clock_untrusted");
  });

  it("gives a validity by the true clock where the ledger's time is ahead within the skew", async () => {
    const { ask, time } = memory(false);
    await ask("first");
    time.now -= 4_000;
    const answer = await ask("w");
    expect(answer).toMatchObject({
      decided_at_ms: START_MS,
      valid_until_ms: START_MS - 4_000 + MINUTE,
      valid_for_ms: MINUTE,
    });
    time.now += MINUTE - 1;
    expect(await ask("w")).toMatchObject({ repeated: true, valid_for_ms: 1 });
  });

  it("names no cooldown where there is none, though the last ALLOW lies ahead", async () => {
    const ledger = createMemoryLedger();
    const before = start({ max_24h: "100" }, ledger, START_MS, false);
    const after = start(
      { max_24h: "100", limits: { account: { max_24h: "100" } } },
      ledger,
      START_MS - 4_000,
      false,
    );
    const request = { account_id: "ann", amount: "1" };
    await before.guardian.evaluate({ withdrawal_id: "a", wallet_id: "hot-1", ...request }, "LOW");
    const near = { withdrawal_id: "b", wallet_id: "hot-2", ...request };
    expect(said(await after.guardian.evaluate(near, "LOW"))).toBe("ALLOW within_limits");
    // further back, what is stored for the account is ahead of the clock, though it never had a limit
    const far = start(
      { max_24h: "100", limits: { account: { max_24h: "100" } } },
      ledger,
      START_MS - HOUR,
      false,
    );
    const third = { withdrawal_id: "c", wallet_id: "hot-3", ...request };
    expect(said(await far.guardian.evaluate(third, "LOW"))).toBe("REJECT clock_untrusted");
  });
});
