/** Fields of a policy: their bounds, what contradicts them, and the presets (Wallet Guardian v2, section 4.5). */
import { describe, expect, it } from "vitest";
import {
  DEFAULT_TABLE,
  GuardianPolicyError,
  type GuardianPolicyInput,
  parsePolicy,
  policyFromEnv,
  policyFromJson,
  PRESETS,
  RULES_VERSION,
} from "../../src/index.js";
import { life } from "../support/life.js";
import { said } from "../support/guardian.js";

/** `code path` of each fault; empty where there is none. */
function issues(policy: unknown): string[] {
  try {
    parsePolicy(policy);
    return [];
  } catch (error) {
    if (!(error instanceof GuardianPolicyError)) throw error;
    return error.issues.map(({ code, path }) => `${code} ${path}`).sort();
  }
}

const EXCEEDS = "claim_exceeds_window /allow_valid_seconds";

describe("a policy", () => {
  it.each<[number | undefined, GuardianPolicyInput, string[]]>([
    [60, { windows: [{ seconds: 60, max_amount: "1" }] }, []],
    [61, { windows: [{ seconds: 60, max_amount: "1" }] }, [EXCEEDS]],
    [undefined, { windows: [{ seconds: 59, max_count: 1 }] }, [EXCEEDS]],
    [undefined, { windows: [{ seconds: 60, max_count: 1 }] }, []],
    [86_400, { max_24h: "1" }, []],
    [86_400, { max_per_tx: "1" }, []],
    [
      100,
      { max_24h: "1", limits: { account: { windows: [{ seconds: 99, max_count: 1 }] } } },
      [EXCEEDS],
    ],
    [
      100,
      { max_24h: "1", limits: { global: { windows: [{ seconds: 99, max_count: 1 }] } } },
      [EXCEEDS],
    ],
    [
      100,
      { max_24h: "1", limits: { wallet: { windows: [{ seconds: 99, max_count: 1 }] } } },
      [EXCEEDS],
    ],
    [
      100,
      {
        windows: [
          { seconds: 1_000, max_count: 1 },
          { seconds: 99, max_count: 1 },
        ],
      },
      [EXCEEDS],
    ],
    [100, { windows: [{ seconds: 100, max_count: 1 }] }, []],
  ])(
    "with a validity of %s s and %o has the issues %o",
    (allow_valid_seconds, limits, expected) => {
      const validity = allow_valid_seconds === undefined ? {} : { allow_valid_seconds };
      expect(issues({ ...limits, ...validity })).toEqual(expected);
    },
  );

  it.each<[object, string[]]>([
    [{ claim: "both" }, ["invalid_value /claim"]],
    [{ freeze_scope: "global" }, ["invalid_value /freeze_scope"]],
    [{ accounts_frozen: { count: 0 } }, ["out_of_range /accounts_frozen/count"]],
    [{ accounts_frozen: { count: 1, minutes: 1 } }, ["unknown_field /accounts_frozen/minutes"]],
    [{ max_fee: "-1" }, ["invalid_value /max_fee"]],
    [{ max_fee_ratio: "1.00000001" }, ["invalid_value /max_fee_ratio"]],
    [{ max_fee_ratio: "0.000000001" }, ["invalid_value /max_fee_ratio"]],
    [{ max_fee_ratio: 1 }, []],
    [{ max_fee_ratio: "0" }, []],
    [{ new_destination_seconds: 0 }, ["out_of_range /new_destination_seconds"]],
    [{ new_destination_free: null }, ["invalid_value /new_destination_free"]],
    [{ destination_lookalikes: 1 }, ["invalid_type /destination_lookalikes"]],
    [{ lift_after_low_seconds: -1 }, ["out_of_range /lift_after_low_seconds"]],
    [{ lift_after_low_seconds: 0 }, []],
    [{ freeze_seconds: 0 }, ["out_of_range /freeze_seconds"]],
    [{ freeze_seconds: null }, []],
    [{ name: "" }, ["invalid_value /name"]],
    [{ name: " x" }, ["invalid_value /name"]],
    [{ name: "hot" }, []],
  ])("with %o has the issues %o", (more, expected) => {
    expect(issues({ max_24h: "1", ...more })).toEqual(expected);
  });

  it("has defaults that are those of a treasury", () => {
    const defaults = parsePolicy({ max_24h: "1" });
    expect(defaults).toMatchObject({
      name: "default",
      ...PRESETS.treasury,
      accounts_frozen: { count: 5, seconds: 3_600 },
      freeze_seconds: null,
      max_fee: null,
      max_fee_ratio: null,
      new_destination_seconds: null,
      new_destination_free: "0",
      destination_lookalikes: false,
    });
    expect(RULES_VERSION).toBe("2.0.0");
    expect(DEFAULT_TABLE.per_tx_limit).toEqual({ LOW: "REJECT", MEDIUM: "REJECT", HIGH: "REJECT" });
  });

  it.each(Object.keys(PRESETS) as (keyof typeof PRESETS)[])(
    "of the preset %s parses, and needs limits",
    (name) => {
      expect(issues(PRESETS[name])).toEqual(["limits_nothing "]);
      const parsed = parsePolicy({ ...PRESETS[name], max_24h: "10" });
      expect(parsed).toMatchObject(PRESETS[name]);
      expect(policyFromJson(JSON.stringify({ ...PRESETS[name], max_24h: "10" }))).toEqual(parsed);
      expect([Object.isFrozen(PRESETS), Object.isFrozen(PRESETS[name])]).toEqual([true, true]);
    },
  );

  it("of the preset exchange_hot_wallet reserves, caps the fee and lets new destinations wait", async () => {
    const { ask, claim, time } = life({ ...PRESETS.exchange_hot_wallet, max_24h: "10" });
    const to = (amount: string) => ({
      account_id: "ann",
      destinations: [{ address: "x", amount }],
    });
    expect(await ask("1", "1.02", { max_fee: "0.02", ...to("1") })).toMatchObject({
      reason_codes: ["fee_limit", "new_destination"],
    });
    time.now += 3_600_000;
    expect((await ask("2", "1.01", { max_fee: "0.01", ...to("1") })).final).toBe(true);
    expect(said(await claim("2"))).toBe("ALLOW claimed_now");
    expect(
      await ask("3", "1.01", { max_fee: "0.01", destinations: to("1").destinations }),
    ).toMatchObject({
      path: "/account_id",
    });
  });

  it("of the environment has the defaults of claims, freezes and destinations", () => {
    const policy = policyFromEnv({ MAX_WITHDRAWAL_24H: "10" });
    expect(policy).toEqual(parsePolicy({ max_24h: "10" }));
    expect(policy).toMatchObject({
      claim: "implicit",
      freeze_scope: "wallet",
      allow_destinations: null,
    });
  });

  it("that is shared by a prototype has no effect", () => {
    const inherited = Object.assign(Object.create({ claim: "explicit" }) as object, {
      max_24h: "1",
    });
    try {
      expect(parsePolicy(inherited)).toMatchObject({ claim: "implicit" });
    } catch (error) {
      expect(error).toBeInstanceOf(GuardianPolicyError);
    }
  });
});
