import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  GuardianPolicyError,
  parsePolicy,
  type PolicyIssue,
  policyFromEnv,
  policyFromJson,
  policyVersion,
} from "../../src/index.js";

const issuesOf = (read: () => unknown): readonly PolicyIssue[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof GuardianPolicyError) return error.issues;
    throw error;
  }
  return [];
};
const places = (issues: readonly PolicyIssue[]): string[] =>
  issues.map(({ code, path }) => `${code} ${path}`).sort();

describe("parsePolicy", () => {
  const everythingWrong = {
    max_per_tx: "5,000",
    max_24h: -1,
    cooldown_seconds: 1.5,
    windows: [{ seconds: 0, max_count: 0 }, { seconds: 60 }, 7],
    limits: { account: { max_24h: "1e3" }, wallet: { max_24h: "1" }, site: {} },
    high_risk_freeze: "yes",
    release_freeze_at_low: "operator",
    persistent_attempts: { count: 0, minutes: 30 },
    allow_valid_seconds: 86_401,
    allow_destinations: [""],
    deny_destinations: "dgb1qbad",
    spike: { count: 1, seconds: 60 },
    table: { wallet_frozen: { LOW: "ALLOW", MEDIUM: "REJECT", HIGH: "REJECT" }, freeze: {} },
    max_24hours: "10000",
  };

  it("names every fault at once: code, path, and what to do", () => {
    const issues = issuesOf(() => parsePolicy(everythingWrong));
    expect(places(issues)).toEqual(
      [
        "claim_exceeds_window /allow_valid_seconds",
        "given_twice /limits/wallet/max_24h",
        "invalid_type /cooldown_seconds",
        "invalid_type /deny_destinations",
        "invalid_type /high_risk_freeze",
        "invalid_type /windows/2",
        "invalid_value /allow_destinations/0",
        "invalid_value /limits/account/max_24h",
        "invalid_value /max_24h",
        "invalid_value /max_per_tx",
        "invalid_value /release_freeze_at_low",
        "invalid_value /table/wallet_frozen/LOW",
        "invalid_value /windows/1",
        "out_of_range /allow_valid_seconds",
        "out_of_range /persistent_attempts/count",
        "out_of_range /spike/count",
        "out_of_range /windows/0/max_count",
        "out_of_range /windows/0/seconds",
        "unknown_field /limits/site",
        "unknown_field /max_24hours",
        "unknown_field /persistent_attempts/minutes",
        "unknown_field /table/freeze",
      ].sort(),
    );
    const message = (path: string) => issues.find((fault) => fault.path === path)?.message;
    expect(message("/max_per_tx")).toMatch(/^give an amount of coins such as "5000"/);
    expect(message("/windows/0/seconds")).toBe("give at least 1");
    expect(
      issues.filter(({ path }) => path === "/allow_valid_seconds").map(({ message }) => message),
    ).toEqual(["give at most 86400", expect.stringMatching(/^longer than the shortest window: /)]);
    expect(message("/cooldown_seconds")).toBe("give a whole number");
    expect(message("/release_freeze_at_low")).toBe("give one of risk, all, none");
    expect(message("/table/wallet_frozen/LOW")).toBe("give one of DELAY, FREEZE, REJECT");
    expect(message("/max_24hours")).toBe("no such field: remove it");
    expect(message("/limits/wallet/max_24h")).toMatch(/^given twice: remove it/);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "invalid_type "],
    ["null", null, "invalid_type "],
    ["a text", "{}", "invalid_type "],
    ["an array", [], "invalid_type "],
    ["an empty object", {}, "limits_nothing "],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("hostile");
          },
        },
      ),
      "not_plain ",
    ],
  ])("refuses %s", (_what, policy, expected) => {
    expect(places(issuesOf(() => parsePolicy(policy)))).toContain(expected);
  });

  it("takes an amount of 0 for a limit, and reports one that is given twice", () => {
    expect(parsePolicy({ max_24h: 0 }).max_24h).toBe("0");
    const twice = { max_24h: 0, limits: { wallet: { max_24h: "0" } } };
    expect(places(issuesOf(() => parsePolicy(twice)))).toEqual([
      "given_twice /limits/wallet/max_24h",
    ]);
  });

  it("throws a GuardianPolicyError or gives a policy, whatever it is given", () => {
    fc.assert(fc.property(fc.anything(), (policy) => void issuesOf(() => parsePolicy(policy))));
  });
});

describe("policyFromJson", () => {
  const text = '{"max_per_tx": "5000", "max_24h": 10000.5, "cooldown_seconds": 600}';

  it("reads the same as from an object, with the same version", () => {
    const policy = { max_per_tx: "5000", max_24h: "10000.5", cooldown_seconds: 600 };
    expect(policyFromJson(text)).toEqual(parsePolicy(policy));
    expect(policyVersion(policyFromJson(new TextEncoder().encode(text)))).toBe(
      policyVersion(parsePolicy(policy)),
    );
  });

  it.each([
    ["a key given twice", '{"max_24h": "1", "max_24h": "1000000"}', "duplicate_key /max_24h"],
    ["a comment", '{"max_24h": "1"} // daily', "invalid_json "],
    ["a number that no double holds", '{"max_24h": 9007199254740993}', "bad_number /max_24h"],
    ["a byte order mark", '\ufeff{"max_24h": "1"}', "byte_order_mark "],
    ["nothing", "", "invalid_json "],
    ["a list", "[]", "invalid_type "],
    ["a misspelt field", '{"max_24h": "1", "max_per_txn": "1"}', "unknown_field /max_per_txn"],
  ])("refuses %s", (_what, json, expected) => {
    expect(places(issuesOf(() => policyFromJson(json)))).toEqual([expected]);
  });
});

describe("policyFromEnv", () => {
  it("reads the specification's variables and the behaviour at MEDIUM and HIGH", () => {
    const env = {
      PATH: "/bin",
      MAX_WITHDRAWAL_PER_TX: "5000",
      MAX_WITHDRAWAL_24H: "10000",
      COOLDOWN_MINUTES: "10",
      HIGH_RISK_FREEZE: "false",
      RELEASE_FREEZE_AT_LOW: "none",
      MEDIUM_DAILY_LIMIT: "REJECT",
      MEDIUM_WITHIN_LIMITS: "DELAY",
      HIGH_WITHIN_LIMITS: "FREEZE",
      UNSET: undefined,
    };
    const row = (MEDIUM: string, HIGH: string) => ({ MEDIUM, HIGH });
    expect(policyFromEnv(env)).toEqual(
      parsePolicy({
        max_per_tx: "5000",
        max_24h: "10000",
        cooldown_seconds: 600,
        high_risk_freeze: false,
        release_freeze_at_low: "none",
        table: {
          daily_limit: { LOW: "DELAY", ...row("REJECT", "FREEZE") },
          within_limits: { LOW: "ALLOW", ...row("DELAY", "FREEZE") },
        },
      }),
    );
  });

  it("names every fault at once, by the variable's name", () => {
    const issues = issuesOf(() =>
      policyFromEnv({
        MAX_WITHDRAWAL_PER_TX: " 5000",
        MAX_WITHDRAWAL_24H: "",
        MAX_WITHDRAWAL_24HR: "10000",
        COOLDOWN_MINUTES: "ten",
        HIGH_RISK_FREEZE: "TRUE",
        RELEASE_FREEZE_AT_LOW: "never",
        MEDIUM_DAILY_LIMIT: "freeze",
        HIGH_WALLET_FROZEN: "ALLOW",
        LOW_BALANCE: "1",
      }),
    );
    expect(places(issues)).toEqual(
      [
        "invalid_value /COOLDOWN_MINUTES",
        "invalid_value /HIGH_RISK_FREEZE",
        "invalid_value /HIGH_WALLET_FROZEN",
        "invalid_value /MAX_WITHDRAWAL_24H",
        "invalid_value /MAX_WITHDRAWAL_PER_TX",
        "invalid_value /MEDIUM_DAILY_LIMIT",
        "invalid_value /RELEASE_FREEZE_AT_LOW",
        "unknown_field /LOW_BALANCE",
        "unknown_field /MAX_WITHDRAWAL_24HR",
      ].sort(),
    );
  });

  it("names the variables to set when nothing is limited", () => {
    expect(issuesOf(() => policyFromEnv({ COOLDOWN_MINUTES: "10" }))).toEqual([
      {
        code: "limits_nothing",
        path: "",
        message: "nothing is limited: set MAX_WITHDRAWAL_PER_TX or MAX_WITHDRAWAL_24H",
      },
    ]);
  });

  it("takes a prefix, all of whose variables must be known", () => {
    const env = { DGB_MAX_WITHDRAWAL_24H: "7", MAX_WITHDRAWAL_24H: "8", HIGH_CONTRAST: "1" };
    expect(policyFromEnv(env, { prefix: "DGB_" }).max_24h).toBe("7");
    const misspelt = { ...env, DGB_MAX_24H: "7" };
    expect(places(issuesOf(() => policyFromEnv(misspelt, { prefix: "DGB_" })))).toEqual([
      "unknown_field /DGB_MAX_24H",
    ]);
  });
});
