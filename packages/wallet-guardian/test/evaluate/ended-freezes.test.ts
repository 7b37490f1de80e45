/** How freezes end: by lasting LOW, by time, by an operator; each kind by its own means (design, section 7: freezes). */
import { describe, expect, it } from "vitest";
import type { GuardianPolicyInput } from "../../src/index.js";
import { life, MEMORIES, told } from "../support/life.js";
import { HOUR, MINUTE, ORDER, said, START_MS } from "../support/guardian.js";

const POLICY = { max_24h: "10" } as const;
const LEGAL = { operator: "legal", reason: "order 17" };

describe.each(MEMORIES)("freezes on the %s ledger", (_name, createLedger) => {
  const start = (policy: GuardianPolicyInput = POLICY) => life(policy, createLedger());

  /** A wallet frozen by risk at the start. */
  async function frozenByRisk(policy: GuardianPolicyInput = POLICY) {
    const with_ = start(policy);
    expect(said(await with_.ask("high", "1", { risk: "HIGH" }))).toBe("FREEZE high_risk_freeze");
    return with_;
  }

  /** A wallet frozen by a breach of its limit at the start. */
  async function frozenByLimit(policy: GuardianPolicyInput = POLICY) {
    const with_ = start(policy);
    await with_.ask("first", "10");
    expect(said(await with_.ask("over", "1", { risk: "MEDIUM" }))).toBe("FREEZE daily_limit");
    return with_;
  }

  /** When LOW is reported, since when it has been LOW, both after the freeze; whether that ends the freeze. */
  it.each<[number, number | undefined, boolean]>([
    [1, undefined, false],
    [10 * HOUR, undefined, false],
    [10 * MINUTE, 0, false],
    [10 * HOUR, 0, false],
    [10 * HOUR, -1, false],
    [10 * MINUTE, 1, false],
    [10 * MINUTE + 1, 1, true],
    [HOUR, 50 * MINUTE, true],
    [HOUR, 50 * MINUTE + 1, false],
    [HOUR, 2 * HOUR, false],
    [HOUR, HOUR, false],
  ])("of risk, evaluated %i ms later with LOW since %s: ended %s", async (after, since, ends) => {
    const { ask, time } = await frozenByRisk();
    time.now += after;
    const low = since === undefined ? {} : { low_since_ms: START_MS + since };
    const answer = await ask("w", "1", { risk: { level: "LOW", ...low } });
    expect(said(answer)).toBe(ends ? "ALLOW within_limits" : "REJECT wallet_frozen");
    if (since === undefined) expect(said(await ask("v", "1"))).toMatch(/^REJECT wallet_frozen/);
  });

  it("of risk are renewed by each HIGH: LOW has to be newer than the latest", async () => {
    const { ask, guardian, time } = await frozenByRisk();
    time.now += HOUR;
    await ask("again", "1", { risk: "HIGH" });
    expect(await guardian.wallet("hot-1")).toMatchObject({
      freezes: [{ kind: "risk", frozen_at_ms: START_MS, last_at_ms: START_MS + HOUR, count: 2 }],
    });
    time.now += HOUR;
    const stale = { level: "LOW", low_since_ms: START_MS + HOUR };
    expect(said(await ask("w", "1", { risk: stale }))).toMatch(/^REJECT wallet_frozen/);
    const fresh = { level: "LOW", low_since_ms: START_MS + HOUR + 1 };
    expect(said(await ask("v", "1", { risk: fresh }))).toBe("ALLOW within_limits");
  });

  it.each<[number, number, boolean]>([
    [0, 0, false],
    [0, 1, true],
    [60, MINUTE, false],
    [60, MINUTE + 1, true],
  ])("of risk need LOW for %i s: after %i ms %s", async (lift_after_low_seconds, after, ends) => {
    const { ask, time } = await frozenByRisk({ ...POLICY, lift_after_low_seconds });
    time.now += after;
    const risk = { level: "LOW", low_since_ms: Math.min(START_MS + 1, time.now) };
    expect((await ask("w", "1", { risk })).final).toBe(ends);
  });

  it.each(["MEDIUM", "HIGH"])("of risk do not end at %s, whatever else is given", async (level) => {
    const { ask, time } = await frozenByRisk();
    time.now += HOUR;
    const risk = { level, low_since_ms: START_MS + 1 };
    expect((await ask("w", "1", { risk })).final).toBe(false);
  });

  it.each([
    ["risk", "REJECT wallet_frozen"],
    ["all", "ALLOW within_limits"],
    ["none", "REJECT wallet_frozen"],
  ] as const)("of limits, with release_freeze_at_low %s, are at LOW: %s", async (how, expected) => {
    const { ask, time } = await frozenByLimit({ ...POLICY, release_freeze_at_low: how });
    time.now += 25 * HOUR;
    const risk = { level: "LOW", low_since_ms: START_MS + 1 };
    expect(said(await ask("w", "1", { risk }))).toMatch(new RegExp(`^${expected}`));
  });

  it.each([
    [POLICY, HOUR, false],
    [{ ...POLICY, freeze_seconds: 3_600 }, HOUR - 1, false],
    [{ ...POLICY, freeze_seconds: 3_600 }, HOUR, true],
  ])("of risk with %o end by time after %i ms: %s", async (policy, after, ends) => {
    const { ask, time } = await frozenByRisk(policy);
    time.now += after;
    expect((await ask("w", "1", { risk: "MEDIUM" })).final).toBe(ends);
  });

  it("that an operator set end neither by LOW nor by time", async () => {
    const { ask, guardian, time } = start({
      ...POLICY,
      freeze_seconds: 60,
      release_freeze_at_low: "all",
    });
    const { cause_id = "" } = await guardian.freeze("wallet", "hot-1", LEGAL);
    time.now += 24 * HOUR;
    const risk = { level: "LOW", low_since_ms: START_MS + 1 };
    expect(said(await ask("w", "1", { risk }))).toBe("REJECT wallet_frozen");
    await guardian.unfreeze("cause", cause_id, ORDER);
    expect(said(await ask("v", "1"))).toBe("ALLOW within_limits");
  });

  it("that have ended by their time hold up neither a claim nor a repeated ALLOW", async () => {
    const policy = {
      ...POLICY,
      claim: "explicit",
      freeze_seconds: 1,
      allow_valid_seconds: 60,
    } as const;
    const { ask, claim, time } = start(policy);
    await ask("w", "1");
    await ask("x", "1", { risk: "HIGH" });
    expect(said(await claim("w"))).toBe("REJECT wallet_frozen");
    time.now += 1_000;
    expect(said(await claim("w"))).toBe("ALLOW claimed_now");
  });

  it("of an operator are not taken away with the automatic ones of their scope", async () => {
    const { ask, guardian } = await frozenByLimit();
    const { cause_id = "" } = await guardian.freeze("wallet", "hot-1", LEGAL);
    expect(told(await guardian.unfreeze("wallet", "hot-1", ORDER))).toBe("accepted");
    const { freezes } = (await guardian.wallet("hot-1")) as { freezes: readonly object[] };
    expect(freezes).toMatchObject([{ kind: "operator", operator: "legal", cause_id }]);
    const refused = await guardian.unfreeze("wallet", "hot-1", ORDER);
    expect(told(refused)).toBe("refused operator_freeze");
    expect(refused.detail).toContain(cause_id);
    expect(said(await ask("w", "1"))).toMatch(/^REJECT wallet_frozen/);
    expect(told(await guardian.unfreeze("cause", cause_id, ORDER))).toBe("accepted");
    expect(told(await guardian.unfreeze("wallet", "hot-1", ORDER))).toBe("refused not_frozen");
  });

  it("of two operators are lifted each by its own cause", async () => {
    const { ask, freeze, guardian } = start();
    const legal = await guardian.freeze("wallet", "hot-1", LEGAL);
    const ops = await freeze();
    expect(legal.cause_id).not.toBe(ops.cause_id);
    await guardian.unfreeze("cause", ops.cause_id ?? "", ORDER);
    expect(said(await ask("w", "1"))).toBe("REJECT wallet_frozen");
    await guardian.unfreeze("cause", legal.cause_id ?? "", ORDER);
    expect(said(await ask("w", "1"))).toBe("ALLOW within_limits");
  });

  it("of 1,200 breaches are one row with a count, beside which an operator's is listed", async () => {
    const { ask, guardian, time } = await frozenByLimit();
    for (let n = 0; n < 1_200; n++) {
      time.now += 1;
      await ask(`x-${n}`, "11", { risk: "MEDIUM" });
    }
    await guardian.freeze("wallet", "hot-1", LEGAL);
    const { freezes } = (await guardian.wallet("hot-1")) as { freezes: readonly object[] };
    expect(freezes).toHaveLength(2);
    expect(freezes).toMatchObject([
      { kind: "limit", count: 1_201, frozen_at_ms: START_MS, last_at_ms: START_MS + 1_200 },
      { kind: "operator", operator: "legal", count: 1 },
    ]);
    expect(told(await guardian.unfreeze("wallet", "hot-1", ORDER))).toBe("accepted");
  });

  it.each(["LOW", "MEDIUM", "HIGH"])(
    "follow from no single withdrawal that is too large at %s",
    async (risk) => {
      const { ask, guardian } = start({ ...POLICY, max_per_tx: "5", high_risk_freeze: false });
      expect(said(await ask("w", "5.00000001", { risk }))).toBe("REJECT per_tx_limit");
      expect(await guardian.wallet("hot-1")).toMatchObject({ frozen: false, freezes: [] });
    },
  );

  it.each<[unknown]>([
    [{ level: "LOW", low_since_ms: -1 }],
    [{ level: "LOW", low_since_ms: 1.5 }],
    [{ level: "LOW", low_since_ms: "0" }],
    [{ level: "LOW", low_since_ms: null }],
    [{ level: "low" }],
    [{ level: "LOW", since: 1 }],
    [{}],
    [Object.create({ level: "LOW" })],
    [["LOW"]],
    [Object.defineProperty({}, "level", { enumerable: true, get: () => "LOW" })],
  ])("are not ended by the risk %o, which is refused", async (risk) => {
    const { ask, guardian, time } = await frozenByRisk();
    time.now += HOUR;
    expect(await ask("w", "1", { risk })).toMatchObject({
      reason_codes: ["invalid_risk"],
      path: "/risk",
    });
    expect(await guardian.wallet("hot-1")).toMatchObject({ frozen: true });
  });

  it("by LOW are an event", async () => {
    const { actions, ask, time } = await frozenByRisk();
    time.now += HOUR;
    await ask("w", "1", { risk: { level: "LOW", low_since_ms: START_MS + 1 } });
    expect(actions()).toEqual(["freeze", "unfreeze"]);
  });
});
