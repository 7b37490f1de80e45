import { type GuardianDecision, guardianDecisionSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createGuardian,
  createMemoryLedger,
  decisionOf,
  GuardianPolicyError,
  type Ledger,
} from "../src/index.js";
import {
  askAnything,
  harness,
  HOUR,
  LEAVES_MS,
  MINUTE,
  ORDER,
  OTHER_TXID,
  said,
  SIM_POLICY,
  START_MS,
  TXID,
} from "./support/guardian.js";
import { LEDGERS } from "./support/ledgers.js";

const LIMITED = { max_per_tx: "100", max_24h: "1000" } as const;

describe.each(LEDGERS)("evaluate on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof harness>[0] = LIMITED) =>
    harness(policy, createLedger());

  it("never lets 200 concurrent callers exceed a limit together", async () => {
    const { ask, ledger } = start();
    // 200 × 50 = 10,000 requested; 1,000 / 50 = 20 fit
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(`w-${n}`, "50")));
    expect(answers.filter(({ final }) => final)).toHaveLength(20);
    expect(new Set(answers.map(said))).toEqual(
      new Set(["ALLOW within_limits", "DELAY daily_limit"]),
    );
    await ledger.close();
  });

  it("holds limits of account, wallet and global over all wallets", async () => {
    const limits = {
      account: { max_24h: "10" },
      global: { windows: [{ seconds: 60, max_count: 2 }] },
    };
    const { guardian } = start({ limits });
    const ask = (withdrawal_id: string, wallet_id: string, account_id: string, amount: string) =>
      guardian.evaluate({ withdrawal_id, wallet_id, account_id, amount }, "LOW").then(said);
    expect(await ask("1", "a", "x", "6")).toBe("ALLOW within_limits");
    expect(await ask("2", "b", "x", "6")).toBe("DELAY daily_limit");
    expect(await ask("3", "b", "y", "6")).toBe("ALLOW within_limits");
    expect(await ask("4", "c", "z", "6")).toBe("DELAY window_limit");
  });

  it("refuses a withdrawal without the account that a limit needs", async () => {
    const { ask } = start({ limits: { account: { max_24h: "10" } } });
    expect(await ask("1", "1")).toMatchObject({ decision: "REJECT", path: "/account_id" });
  });

  it("lets an entry leave its window to the millisecond, and states when", async () => {
    const { ask, time } = start({ max_24h: "10" });
    await ask("1", "6");
    time.now += HOUR;
    const delayed = await ask("2", "5");
    // 24 h after the last moment at which it could be signed
    const wait = 23 * HOUR + LEAVES_MS;
    expect(delayed).toMatchObject({ retry_after_ms: wait, allowed_now: "4" });
    time.now += wait - 1;
    expect(said(await ask("2", "5"))).toBe("DELAY daily_limit");
    time.now += 1;
    expect(said(await ask("2", "5"))).toBe("ALLOW within_limits");
  });

  it("rejects an amount above a window's own maximum without a time to retry", async () => {
    const answer = await start({ max_24h: "10" }).ask("1", "10.00000001");
    expect(said(answer)).toBe("REJECT daily_limit");
    expect(answer.retry_after_ms).toBeUndefined();
    expect(answer.allowed_now).toBe("10");
  });

  it.each([
    ["LOW", "ALLOW within_limits"], // 1 allowed + 5 = 6
    ["MEDIUM", "FREEZE daily_limit"], // 1 allowed + 6 requested + 5 = 12 > 10
  ])("counts at %s what was only delayed: %s", async (risk, expected) => {
    const { ask, time } = start({ max_24h: "10", cooldown_seconds: 60 });
    await ask("first", "1");
    await ask("delayed", "6");
    time.now += MINUTE;
    expect(said(await ask("second", "5", { risk }))).toBe(expected);
  });

  it("does not count an id's own earlier requests", async () => {
    const { ask, time } = start({ max_24h: "10", cooldown_seconds: 60 });
    await ask("first", "1");
    await ask("delayed", "6");
    time.now += MINUTE;
    // 1 allowed + 6 = 7; with its own request it would be 13 > 10
    expect(said(await ask("delayed", "6", { risk: "MEDIUM" }))).toBe("ALLOW within_limits");
  });

  it("gives the same answer again while an ALLOW is valid, and then none: it may have been signed", async () => {
    const { ask, guardian, time } = start({ max_24h: "10", cooldown_seconds: 3_600 });
    const first = await ask("w", "6");
    time.now += MINUTE - 1;
    expect(first.valid_for_ms).toBe(MINUTE);
    expect(await ask("w", "6")).toEqual({ ...first, repeated: true, valid_for_ms: 1 });
    time.now += 1;
    const late = await ask("w", "6");
    expect([said(late), late.final]).toEqual(["REJECT claim_unsettled", false]);
    expect(await guardian.wallet("hot-1")).toMatchObject({
      windows: [{ spent: "6", spent_count: 1 }],
    });
  });

  it.each([
    ["a freeze", "implicit", "REJECT claim_unsettled wallet_frozen"],
    ["higher risk", "implicit", "REJECT claim_unsettled high_risk_freeze"],
    ["a freeze", "explicit", "REJECT wallet_frozen"],
    ["higher risk", "explicit", "FREEZE high_risk_freeze"],
  ] as const)("gives a valid ALLOW no more after %s (claim %s)", async (what, claim, expected) => {
    const { ask, guardian } = start({ ...LIMITED, claim });
    await ask("w", "6");
    if (what === "a freeze") await guardian.freeze("wallet", "hot-1", ORDER);
    const again = await ask("w", "6", { risk: what === "a freeze" ? "LOW" : "HIGH" });
    expect([said(again), again.final]).toEqual([expected, false]);
    // what may have been signed counts on; what could not be is given back
    const spent = claim === "implicit" ? "6" : "0";
    expect(await guardian.wallet("hot-1")).toMatchObject({ windows: [{ spent }] });
  });

  it("refuses changed content, of a committed id too", async () => {
    const { ask, guardian } = start();
    await ask("w", "6");
    expect(said(await ask("w", "7"))).toBe("REJECT content_changed");
    expect(said(await ask("w", "6", { wallet_id: "other" }))).toBe("REJECT content_changed");
    await guardian.commit("w", { txid: TXID });
    expect(await ask("w", "6")).toMatchObject({ reason_codes: ["already_committed"], txid: TXID });
    expect(said(await ask("w", "7"))).toBe("REJECT content_changed");
  });

  it("takes the same amount in another notation for the same content", async () => {
    const { guardian, ask } = start();
    await ask("w", "6");
    const again = { withdrawal_id: "w", wallet_id: "hot-1", amount: 6 };
    expect(await guardian.evaluate(again, "LOW")).toMatchObject({ final: true });
  });

  it("lifts at LOW what risk alone froze, and nothing else", async () => {
    const { ask, guardian, time } = start();
    expect(said(await ask("1", "1", { risk: "HIGH" }))).toBe("FREEZE high_risk_freeze");
    expect(said(await ask("2", "1", { risk: "MEDIUM" }))).toBe("REJECT wallet_frozen");
    time.now += 11 * MINUTE;
    const risk = { level: "LOW", low_since_ms: START_MS + MINUTE };
    expect(said(await ask("3", "99", { risk }))).toBe("ALLOW within_limits");
    for (let n = 0; n < 9; n++) await ask(`fill-${n}`, "100");
    expect(said(await ask("4", "2", { risk: "MEDIUM" }))).toBe("FREEZE daily_limit");
    time.now += HOUR;
    const calm = { level: "LOW", low_since_ms: START_MS + 12 * MINUTE };
    expect(said(await ask("5", "1", { risk: calm }))).toBe("REJECT wallet_frozen");
    expect(await guardian.unfreeze("wallet", "hot-1", ORDER)).toMatchObject({ accepted: true });
    expect(said(await ask("6", "1"))).toBe("ALLOW within_limits");
  });

  it.each([
    ["all", "ALLOW within_limits", "REJECT wallet_frozen"],
    ["none", "REJECT wallet_frozen", "REJECT wallet_frozen frozen_persistent_attempts"],
  ] as const)("with release_freeze_at_low %s never lifts an operator's", async (how, low, held) => {
    const { ask, guardian, time } = start({ max_24h: "100", release_freeze_at_low: how });
    expect(said(await ask("1", "101", { risk: "MEDIUM" }))).toBe("REJECT daily_limit");
    time.now += 11 * MINUTE;
    const risk = { level: "LOW", low_since_ms: START_MS + 1 };
    expect(said(await ask("2", "1", { risk }))).toBe(low);
    await guardian.freeze("wallet", "hot-1", ORDER);
    time.now += 11 * MINUTE;
    const calm = { level: "LOW", low_since_ms: time.now - 10 * MINUTE };
    expect(said(await ask("3", "1", { risk: calm }))).toBe(held);
  });

  it("lifts all freezes of one cause together", async () => {
    const { ask, guardian } = start({ ...LIMITED, release_freeze_at_low: "none" });
    const freeze = await ask("1", "1", { risk: "HIGH" });
    await ask("2", "1", { risk: "HIGH", wallet_id: "hot-2" });
    const order = { operator: "op", reason: "the fork is resolved" };
    await guardian.unfreeze("cause", freeze.freeze!.cause_id, order);
    expect(said(await ask("3", "1"))).toBe("ALLOW within_limits");
    expect(said(await ask("4", "1", { wallet_id: "hot-2" }))).toBe("ALLOW within_limits");
    expect(await guardian.unfreeze("cause", "none", order)).toMatchObject({
      reason_codes: ["not_frozen"],
    });
  });

  it("counts a breach's freeze apart from the answer: a finding freezes its own scope", async () => {
    const limits = { global: { max_24h: "50" } };
    const { guardian, ask } = start({ ...LIMITED, limits });
    await ask("0", "40");
    const answer = await ask("1", "11", { risk: "MEDIUM" });
    expect(answer.freeze?.scopes).toEqual(["global"]);
    expect(await guardian.wallet("hot-1")).toMatchObject({ frozen: false, globally_frozen: true });
    expect(said(await ask("2", "1", { wallet_id: "other" }))).toBe("REJECT wallet_frozen");
  });

  it("stores the caller's last word with the decision, and reserves only when both allow", async () => {
    const { guardian, ledger } = start();
    const ask = (id: string, allow: boolean) =>
      guardian.evaluate({ withdrawal_id: id, wallet_id: "a", amount: "1" }, "LOW", {
        finalize: ({ decision }) => ({ allow, record: { id, decision } }),
      });
    expect(await ask("no", false)).toMatchObject({ decision: "ALLOW", final: false });
    expect(await ask("yes", true)).toMatchObject({ final: true, record: { id: "yes" } });
    expect(await guardian.wallet("a")).toMatchObject({ windows: [{ spent: "1" }] });
    const decisions = (await ledger.records(0, 10)).filter(({ kind }) => kind === "decision");
    expect(decisions.map(({ record }) => record["id"])).toEqual(["no", "yes"]);
    const before = (await ledger.records(0, 10)).length;
    const malformed = await askAnything(guardian, {}, "LOW", {
      finalize: ({ reason_codes }: GuardianDecision) => ({ allow: true, record: { reason_codes } }),
    });
    expect(malformed).toMatchObject({
      final: false,
      record: { reason_codes: ["invalid_withdrawal"] },
    });
    expect(await ledger.records(before, 10)).toHaveLength(1);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["is asynchronous", async () => ({ allow: true, record: {} })],
    ["gives no boolean", () => ({ allow: 1, record: {} })],
    ["gives no record", () => ({ allow: true })],
    ["gives a record that is no JSON", () => ({ allow: true, record: { at: 1n } })],
    ["gives an array", () => ({ allow: true, record: [] })],
  ])("refuses when the last word %s", async (_what, finalize) => {
    const { guardian } = start();
    const request = { withdrawal_id: "w", wallet_id: "a", amount: "1" };
    const answer = await guardian.evaluate(request, "LOW", { finalize: finalize as never });
    expect(said(answer)).toBe("REJECT finalize_failed");
    expect(answer).not.toHaveProperty("valid_until_ms");
    expect(await guardian.wallet("a")).toMatchObject({ windows: [{ spent: "0" }] });
  });

  it("gives a reservation back, whose cooldown goes on for others", async () => {
    const policy = { max_24h: "10", cooldown_seconds: 600, claim: "explicit" } as const;
    const { ask, guardian } = start(policy);
    await ask("1", "10");
    expect(await guardian.release("1", { reason: "signing failed" })).toMatchObject({
      accepted: true,
      status: "released",
    });
    expect(said(await ask("2", "1"))).toBe("DELAY cooldown_breach");
    expect(said(await ask("1", "10"))).toBe("ALLOW within_limits");
  });

  it("records, counts and reports a late commit, even after release", async () => {
    const { ask, guardian, time, events } = start({ max_24h: "10", claim: "explicit" });
    await ask("1", "10");
    await guardian.release("1", ORDER);
    time.now += HOUR;
    expect(await guardian.commit("1", { txid: TXID })).toEqual({
      accepted: true,
      reason_codes: ["late_commit"],
      status: "committed",
      txid: TXID,
    });
    expect(events.map(({ action }) => action)).toEqual(["late_commit"]);
    // counted from the commit on: out after 24 h, not 23
    time.now += 23 * HOUR;
    expect(await ask("2", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: HOUR });
  });

  it("settles each reservation once", async () => {
    const { ask, guardian, events } = start();
    expect(await guardian.commit("?", { txid: TXID })).toMatchObject({
      reason_codes: ["unknown_withdrawal"],
    });
    await ask("1", "101");
    expect(await guardian.release("1", { reason: "r" })).toMatchObject({
      reason_codes: ["not_reserved"],
    });
    await ask("2", "1");
    const committed = { accepted: true, reason_codes: [], status: "committed", txid: TXID };
    expect(await guardian.commit("2", { txid: TXID })).toEqual(committed);
    expect(await guardian.commit("2", { txid: TXID })).toEqual({ ...committed, repeated: true });
    expect(await guardian.commit("2", { txid: OTHER_TXID })).toEqual({
      ...committed,
      reason_codes: ["double_payment"],
    });
    expect(await guardian.release("2", { reason: "r" })).toMatchObject({
      accepted: false,
      reason_codes: ["already_committed"],
    });
    expect(events.map(({ action }) => action)).toEqual([
      "unknown_withdrawal",
      "limit_breach",
      "double_payment",
    ]);
  });

  it("appends a record of every call that changes something", async () => {
    const { ask, guardian, ledger } = start({ ...LIMITED, claim: "explicit" });
    const order = ORDER;
    await ask("1", "1");
    await guardian.claim("1", { signer_id: "s", risk: "LOW" });
    await guardian.commit("1", { txid: TXID });
    await ask("2", "1");
    await guardian.release("2", { reason: "r" });
    const { cause_id = "" } = await guardian.freeze("global", "global", order);
    await guardian.unfreeze("cause", cause_id, order);
    await guardian.acceptClock(order);
    expect((await ledger.records(0, 100)).map(({ kind }) => kind)).toEqual([
      ...["policy", "decision", "claim", "commit"],
      ...["decision", "release"],
      // each freeze with the event that it emitted
      ...["freeze", "event", "unfreeze", "event"],
      "clock_accepted",
    ]);
  });
});

describe("evaluate", () => {
  const valid = { withdrawal_id: "w", wallet_id: "a", amount: "1" };
  const cyclic: Record<string, unknown> = { ...valid };
  cyclic["self"] = cyclic;
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("hostile");
      },
    },
  );

  it.each<[string, unknown, string]>([
    ["no object", null, ""],
    ["an array", [], ""],
    ["a proxy that throws", hostile, ""],
    ["a cycle", cyclic, "/self"],
    [
      "an accessor",
      {
        ...valid,
        get amount() {
          return "1";
        },
      },
      "/amount",
    ],
    ["a negative amount", { ...valid, amount: "-1" }, "/amount"],
    ["a negative number", { ...valid, amount: -1 }, "/amount"],
    ["zero", { ...valid, amount: "0" }, "/amount"],
    ["NaN", { ...valid, amount: NaN }, "/amount"],
    ["nine decimals", { ...valid, amount: "1.123456789" }, "/amount"],
    ["2^63 base units", { ...valid, amount: "92233720368.54775808" }, "/amount"],
    ["a bigint", { ...valid, amount: 1n }, "/amount"],
    ["a padded amount", { ...valid, amount: " 1" }, "/amount"],
    ["an exponent", { ...valid, amount: "1e3" }, "/amount"],
    ["no amount", { withdrawal_id: "w", wallet_id: "a" }, "/amount"],
    ["an empty id", { ...valid, withdrawal_id: "" }, "/withdrawal_id"],
    ["a padded id", { ...valid, wallet_id: "a " }, "/wallet_id"],
    ["a long id", { ...valid, wallet_id: "a".repeat(129) }, "/wallet_id"],
    ["an empty account", { ...valid, account_id: "" }, "/account_id"],
    ["an unknown key", { ...valid, amounts: "1" }, "/amounts"],
    [
      "a bad destination",
      { ...valid, destinations: [{ address: "x", amount: "0" }] },
      "/destinations/0/amount",
    ],
    [
      "more to destinations than leaves",
      { ...valid, destinations: [{ address: "x", amount: "2" }] },
      "/amount",
    ],
  ])("refuses %s, with a record and no row", async (_what, withdrawal, path) => {
    const { guardian, ledger } = harness(LIMITED);
    const answer = await askAnything(guardian, withdrawal, "LOW");
    expect(answer).toMatchObject({ reason_codes: ["invalid_withdrawal"], path, final: false });
    expect(answer.decision).toBe("REJECT");
    expect(await ledger.withdrawal("w")).toBeNull();
    expect(await ledger.records(0, 10)).toMatchObject([
      { kind: "decision", record: { decision: { reason_codes: ["invalid_withdrawal"], path } } },
    ]);
  });

  it.each([undefined, null, "low", "CRITICAL", 0, "LOW "])("refuses the risk %o", async (risk) => {
    const { guardian, ledger } = harness(LIMITED);
    expect(await askAnything(guardian, valid, risk)).toMatchObject({
      decision: "REJECT",
      reason_codes: ["invalid_risk"],
      path: "/risk",
      risk: null,
      withdrawal_id: "w",
    });
    expect(await ledger.withdrawal("w")).toBeNull();
  });

  it("answers anything at all with a valid decision that allows nothing malformed", async () => {
    const { guardian } = harness(LIMITED);
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (withdrawal, risk) => {
        const answer = await askAnything(guardian, withdrawal, risk);
        const { final } = answer;
        const decision = decisionOf(answer);
        expect(guardianDecisionSchema.safeParse(decision).success).toBe(true);
        expect([decision.decision, final]).toEqual(["REJECT", false]);
      }),
    );
  });

  it("never lets any order of requests exceed a limit", async () => {
    const asks = fc.array(
      fc.record({ id: fc.nat(12), units: fc.integer({ min: 1, max: 6 }), wait: fc.nat(30) }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(asks, async (steps) => {
        const { ask, time } = harness({ windows: [{ seconds: 60, max_amount: "10" }] });
        const spent = new Map<string, { at: number; units: number }>();
        for (const { id, units, wait } of steps) {
          time.now += wait * 1_000;
          const key = `${id}-${units}`;
          const { final, decided_at_ms } = await ask(key, String(units));
          if (final) spent.set(key, { at: decided_at_ms, units });
          // it may have been signed at the last moment of its validity
          const inWindow = [...spent.values()].filter(
            ({ at }) => time.now - at < 60_000 + LEAVES_MS,
          );
          expect(inWindow.reduce((sum, entry) => sum + entry.units, 0)).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it.each([
    ["denied", ["dgb1qbad"], true],
    ["denied in upper case", ["DGB1QBAD"], true],
    ["unlisted", ["dgb1qother"], true],
    ["listed and unlisted", ["dgb1qgood", "dgb1qother"], true],
    ["listed", ["dgb1qgood"], false],
    ["none: only the fee leaves", [], false],
  ])("takes destinations that are %s", async (_what, to, denied) => {
    const { guardian } = harness({
      ...LIMITED,
      allow_destinations: ["dgb1qgood", "dgb1qbad"],
      deny_destinations: ["dgb1qbad"],
    });
    const destinations = to.map((address) => ({ address, amount: "1" }));
    const max_fee = String(5 - to.length);
    const answer = await guardian.evaluate({ ...valid, amount: "5", max_fee, destinations }, "LOW");
    expect(said(answer)).toBe(denied ? "REJECT destination_denied" : "ALLOW within_limits");
  });

  it("does not freeze at HIGH where the policy has it so", async () => {
    const { ask } = harness({ ...SIM_POLICY, high_risk_freeze: false });
    expect(said(await ask("1", "1", { risk: "HIGH" }))).toBe("ALLOW within_limits");
    const breach = await ask("2", "1", { risk: "HIGH" });
    expect(said(breach)).toBe("REJECT cooldown_breach");
    expect(breach.retry_after_ms).toBe(10 * MINUTE);
  });

  it("follows a replaced table", async () => {
    const table = { daily_limit: { LOW: "REJECT", MEDIUM: "REJECT", HIGH: "REJECT" } } as const;
    const { ask } = harness({ max_24h: "10", table });
    await ask("1", "10");
    expect(said(await ask("2", "1"))).toBe("REJECT daily_limit");
  });

  it("keeps its counters over a change of policy", async () => {
    const { ask, ledger } = harness({ max_24h: "10" });
    const before = await ask("1", "8");
    const changed = harness({ limits: { global: { max_24h: "9" } } }, ledger);
    const after = await changed.ask("2", "2", { wallet_id: "other" });
    expect(said(after)).toBe("DELAY daily_limit");
    expect(after.policy_version).not.toBe(before.policy_version);
  });

  it("ignores a sink that throws", async () => {
    const guardian = createGuardian({
      policy: LIMITED,
      ledger: createMemoryLedger(),
      clock: () => START_MS,
      events: {
        emit: () => {
          throw new Error("sink");
        },
      },
    });
    expect(said(await guardian.evaluate({ ...valid, amount: "101" }, "LOW"))).toBe(
      "REJECT per_tx_limit",
    );
  });

  it("refuses when the ledger fails in any way", async () => {
    const broken: Ledger = {
      transact: () => Promise.reject(new Error("disk")),
      withdrawal: () => {
        throw new Error("disk");
      },
      records: () => Promise.reject(new Error("disk")),
      frozen: () => Promise.reject(new Error("disk")),
      unsettled: () => Promise.reject(new Error("disk")),
      identity: () => Promise.reject(new Error("disk")),
      prune: () => Promise.reject(new Error("disk")),
      acceptClock: () => Promise.reject(new Error("disk")),
      close: () => Promise.resolve(),
    };
    const { guardian } = harness(LIMITED, broken);
    const unavailable = { accepted: false, reason_codes: ["ledger_unavailable"] };
    expect(said(await guardian.evaluate(valid, "LOW"))).toBe("REJECT ledger_unavailable");
    expect(await guardian.commit("w", { txid: TXID })).toEqual(unavailable);
    expect(await guardian.wallet("a")).toEqual(unavailable);
    expect(await guardian.release("w", { reason: "r" })).toEqual(unavailable);
    expect(await guardian.frozen()).toEqual(unavailable);
    expect(await guardian.payments()).toEqual(unavailable);
    expect(await guardian.registerDestination({ wallet_id: "a", address: "x" })).toEqual(
      unavailable,
    );
    const claimed = await guardian.claim("w", { signer_id: "s", risk: "LOW" });
    expect([said(claimed), claimed.retry_after_ms]).toEqual(["REJECT ledger_unavailable", 5_000]);
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("operations", () => {
  const order = { operator: "op", reason: "r" };
  const { guardian } = harness(LIMITED, createMemoryLedger());

  it.each<[string, () => Promise<unknown>, string]>([
    ["commit without a txid", () => guardian.commit("w", {} as never), "/txid"],
    ["commit of a short txid", () => guardian.commit("w", { txid: "ab" }), "/txid"],
    ["commit of an empty id", () => guardian.commit("", { txid: TXID }), "/withdrawal_id"],
    ["commit with no options", () => guardian.commit("w", null as never), ""],
    ["release without a reason", () => guardian.release("w", {} as never), "/reason"],
    ["freeze of an unknown scope", () => guardian.freeze("node" as never, "a", order), "/scope"],
    ["freeze of a cause", () => guardian.freeze("cause" as never, "a", order), "/scope"],
    ["freeze of another global scope", () => guardian.freeze("global", "a", order), "/id"],
    [
      "freeze without an operator",
      () => guardian.freeze("wallet", "a", { reason: "r" } as never),
      "/operator",
    ],
    [
      "unfreeze with an unknown key",
      () => guardian.unfreeze("wallet", "a", { ...order, x: 1 } as never),
      "/x",
    ],
    [
      "commit with two unknown keys, the first in UTF-16 order",
      () => guardian.commit("w", { txid: TXID, zz: 1, aa: 1 } as never),
      "/aa",
    ],
    [
      "commit with unknown keys in another order",
      () => guardian.commit("w", { "": 1, b: 1, B: 1, txid: TXID } as never),
      "/",
    ],
    [
      "freeze with unknown keys beyond the basic plane",
      () => guardian.freeze("wallet", "a", { ...order, "\ue000": 1, "\u{1f600}": 1 } as never),
      "/\u{1f600}",
    ],
    [
      "commit with an accessor",
      () =>
        guardian.commit("w", {
          get txid(): string {
            throw new Error("never run");
          },
        }),
      "/txid",
    ],
    [
      "freeze for a reason with a lone surrogate",
      () => guardian.freeze("wallet", "a", { ...order, reason: "x\ud800y" }),
      "/reason",
    ],
    [
      "acceptClock for a reason with a noncharacter",
      () => guardian.acceptClock({ ...order, reason: "x\ufffey" }),
      "/reason",
    ],
    [
      "release by an operator with a lone surrogate",
      () => guardian.release("w", { operator: "\udfff", reason: "r" }),
      "/operator",
    ],
    ["commit with a list", () => guardian.commit("w", [] as never), ""],
    ["commit with a revoked proxy", () => guardian.commit("w", revokedProxy() as never), ""],
    ["a wallet without a name", () => guardian.wallet(""), "/wallet_id"],
    ["acceptClock without an operator", () => guardian.acceptClock({} as never), "/operator"],
  ])("refuse %s", async (_what, call, path) => {
    expect(await call()).toEqual({
      accepted: false,
      reason_codes: ["invalid_operation"],
      path,
      detail: expect.stringMatching(/^(the options|\/[^:]*): .+; .+$/) as string,
    });
  });
});

describe("createGuardian", () => {
  it("throws every fault of a policy at once", () => {
    const policy = {
      max_per_tx: "-1",
      windows: [{ seconds: 0, max_count: 1 }, { seconds: 60 }],
      allow_valid_seconds: "60",
      limit: 1,
    };
    const faults = () => harness(policy as never);
    expect(faults).toThrow(GuardianPolicyError);
    try {
      faults();
    } catch (error) {
      const paths = (error as GuardianPolicyError).issues.map(({ path }) => path);
      expect(paths.sort()).toEqual([
        // no number, and its default is longer than the shortest window
        "/allow_valid_seconds",
        "/allow_valid_seconds",
        "/limit",
        "/max_per_tx",
        "/windows/0/seconds",
        "/windows/1",
      ]);
    }
  });

  it.each<[string, object, string]>([
    ["limits nothing", { cooldown_seconds: 60 }, ""],
    [
      "gives a limit twice",
      { max_24h: "1", limits: { wallet: { max_24h: "2" } } },
      "/limits/wallet/max_24h",
    ],
    [
      "allows from a frozen wallet",
      {
        max_24h: "1",
        table: { wallet_frozen: { LOW: "ALLOW", MEDIUM: "REJECT", HIGH: "REJECT" } },
      },
      "/table/wallet_frozen/LOW",
    ],
  ])("refuses a policy that %s", (_what, policy, path) => {
    try {
      harness(policy);
      expect.unreachable();
    } catch (error) {
      expect((error as GuardianPolicyError).issues).toMatchObject([{ path }]);
    }
  });

  it("names equal policies equally, however they are written", () => {
    const version = (policy: Parameters<typeof harness>[0]) =>
      harness(policy).guardian.policy_version;
    expect(version({ max_24h: "10.50" })).toBe(version({ max_24h: 10.5, allow_valid_seconds: 60 }));
    expect(version({ max_24h: "10" })).not.toBe(version({ max_24h: "11" }));
  });
});
