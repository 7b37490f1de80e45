/** Nothing is read through a prototype: what `Object.prototype` has changes no answer. */
import { afterEach, describe, expect, it } from "vitest";
import {
  createGuardian,
  createMemoryLedger,
  decisionOf,
  type GuardianPolicyInput,
  guardianPolicySchema,
  parsePolicy,
  policyFromEnv,
  policyFromJson,
  policyVersion,
  prepareWithdrawal,
  toEnvelope,
  toSignals,
} from "../../src/index.js";
import { askAnything, START_MS, TXID } from "../support/guardian.js";

const polluted: PropertyKey[] = [];
const pollute = (key: string, value: unknown) => {
  polluted.push(key);
  Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
};
const clean = () => {
  for (const key of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, key);
};
afterEach(clean);

const POLICY = {
  max_per_tx: "100",
  windows: [{ seconds: 60, max_count: 3 }],
  deny_destinations: ["dgb1qbad"],
  limits: { account: { max_24h: "50" } },
} satisfies GuardianPolicyInput;

/** The answers of a history that touches every entry point. */
async function answers(): Promise<unknown[]> {
  const ledger = createMemoryLedger();
  let now = START_MS;
  const guardian = createGuardian({ policy: POLICY, ledger, clock: () => now });
  const to = (amount: string) => ({ amount, destinations: [{ address: "dgb1qgood", amount }] });
  const base = { wallet_id: "hot", account_id: "acc", ...to("1") };
  const order = { operator: "op", reason: "r" };
  const finalize = () => ({ allow: true, record: { ok: true } });
  const all: unknown[] = [];
  const ask = async (withdrawal: unknown, risk: unknown = "LOW", options?: unknown) => {
    const answer = await askAnything(guardian, withdrawal, risk, options);
    all.push({ ...answer });
    return answer;
  };
  const first = await ask({ withdrawal_id: "1", ...base });
  await ask({ withdrawal_id: "1", ...base }, "LOW", { finalize });
  await ask({ withdrawal_id: "2", ...base, ...to("101") }, "MEDIUM", {});
  await ask({ withdrawal_id: "3", wallet_id: "hot", ...to("1") }); // no account
  await ask({ withdrawal_id: "3", wallet_id: "hot", account_id: "acc", amount: "1" }); // no destinations
  await ask({ withdrawal_id: "4", ...base, wallet_id: "cold" }, "NONE");
  await ask({ wallet_id: "hot" });
  await ask({});
  await ask({ withdrawal_id: "5", ...base, destinations: [{ address: "dgb1qbad" }] });
  await ask({
    withdrawal_id: "5",
    ...base,
    wallet_id: "cold",
    destinations: [{ address: "dgb1qbad", amount: "1" }],
  });
  all.push(await guardian.commit("1", {} as never));
  all.push(await guardian.commit("1", { txid: TXID }));
  all.push(await guardian.release("1", {} as never));
  all.push(await guardian.release("2", { reason: "r" }));
  all.push(await guardian.freeze("wallet", "hot", {} as never));
  all.push(await guardian.freeze("wallet", "hot", order));
  all.push(await guardian.unfreeze("wallet", "hot", { operator: "op" } as never));
  all.push(await guardian.acceptClock({} as never));
  all.push(await guardian.acceptClock(order));
  now += 1;
  all.push(await guardian.wallet("hot"));
  all.push(prepareWithdrawal({ withdrawal_id: "1", wallet_id: "a" }));
  all.push(prepareWithdrawal({ withdrawal_id: "1", wallet_id: "a", amount: "1" }));
  all.push(
    policyVersion(parsePolicy(POLICY)),
    policyVersion(policyFromJson(JSON.stringify(POLICY))),
  );
  all.push(policyVersion(policyFromEnv({ MAX_WITHDRAWAL_24H: "5", MEDIUM_DAILY_LIMIT: "REJECT" })));
  all.push(toEnvelope(decisionOf(first), "r-1"), toSignals(decisionOf(first), { node_id: "n" }));
  all.push(await ledger.records(0, 100));
  return all;
}

const text = (value: unknown): string => JSON.stringify(value);

const FIELDS = Object.keys(guardianPolicySchema.shape);
const VALUES: readonly (readonly [string, unknown])[] = [
  ["x", 1],
  ["decision", "ALLOW"],
  ["final", true],
  ["allow", true],
  ["record", {}],
  ["finalize", () => ({ allow: true, record: {} })],
  ["risk", "LOW"],
  ["withdrawal_id", "polluted"],
  ["wallet_id", "polluted"],
  ["account_id", "polluted"],
  ["amount", "0.1"],
  ["destinations", []],
  ["address", "dgb1qgood"],
  ["txid", TXID],
  ["operator", "mallory"],
  ["reason", "polluted"],
  ["scope", "wallet"],
  ["id", "hot"],
  ["detail", "polluted"],
  ["fault", "polluted"],
  ["paused", true],
  ["refused", true],
  ["freezes", true],
  ["retry_at_ms", 5],
  ["check", true],
  ["repeated", true],
  ["valid_for_ms", 1],
  ["valid_until_ms", START_MS * 2],
  ["trusted", true],
  ["status", "trusted"],
  ["known", 9],
  ["lifts", [{ cause_id: "x" }]],
  ["attempts", []],
  ["reset_attempts", []],
  ["withdrawal", null],
  ["steady", 0],
  ["anchor", {}],
  ["accepted", true],
  ["account_required", false],
  ["monotonic", () => 0],
  ["events", { emit: () => undefined }],
  ["log", () => undefined],
  ["clock_ms", START_MS],
  ["keep_times", true],
  ["now_ms", START_MS],
  ["skipChecks", true],
  ["abortEarly", true],
  ["direction", "backward"],
  ["seconds", 1],
  ["count", 1],
  ["max_amount", "1000000"],
  ["max_count", 1_000_000],
  ["MEDIUM", "ALLOW"],
  ["prefix", "X_"],
  ...FIELDS.map((field): [string, unknown] => [
    field,
    field === "table" ? { within_limits: {} } : "1000000",
  ]),
  ...FIELDS.map((field): [string, unknown] => [field, null]),
  ...FIELDS.map((field): [string, unknown] => [field, []]),
];

describe("with a member on Object.prototype", () => {
  it("none of the answers is what it is for want of an ALLOW", async () => {
    expect((await answers()).slice(0, 2)).toMatchObject([{ final: true }, { repeated: true }]);
  });

  it.each(VALUES)("%s (%o) the answers are the same", async (key, value) => {
    const expected = text(await answers());
    pollute(key, value);
    const actual = text(await answers());
    clean();
    expect(actual).toBe(expected);
  });

  it.each([
    ["path", true],
    ["path", "1"],
    ["when", true],
    ["return", {}],
    ["error", 5],
    ["continue", true],
    ["destinations", true],
    ["destinations", [{ address: "x", amount: "1" }]],
  ])(
    "%s (%o), which the schema's library reads, nothing is thrown and nothing more is allowed",
    async (key, value) => {
      const ledger = createMemoryLedger();
      const guardian = createGuardian({ policy: POLICY, ledger, clock: () => START_MS });
      const base = { withdrawal_id: "w", wallet_id: "hot", account_id: "acc" };
      pollute(key, value);
      const refused = [
        await askAnything(guardian, { ...base, amount: "101" }, "LOW"),
        await askAnything(guardian, { ...base, amount: "0" }, "LOW"),
        await askAnything(guardian, base, "LOW"),
        await askAnything(guardian, { ...base, amount: "1" }, "NONE"),
      ];
      const operations = [
        await guardian.commit("w", {} as never),
        await guardian.freeze("wallet", "w", {} as never),
        prepareWithdrawal(base),
      ];
      clean();
      expect(refused.map(({ decision, final }) => [decision, final])).toEqual(
        refused.map(() => ["REJECT", false]),
      );
      for (const { accepted } of operations) expect(accepted).toBe(false);
    },
  );

  it("no ledger and no clock is taken from it", () => {
    pollute("ledger", createMemoryLedger());
    pollute("clock", () => START_MS);
    const make = () => createGuardian({ policy: POLICY } as never);
    expect(make).toThrow("/ledger: missing");
  });

  it("a policy is not weakened by it, nor completed", () => {
    pollute("max_24h", "1");
    pollute("limits", { global: { max_24h: "1" } });
    expect(() => parsePolicy({})).toThrow("limits no amount");
    expect(() => policyFromEnv({ COOLDOWN_MINUTES: "1" })).toThrow("nothing is limited");
  });
});

describe("what is handed out", () => {
  it("shares nothing with the guardian, the ledger or another answer", async () => {
    const ledger = createMemoryLedger();
    const guardian = createGuardian({ policy: POLICY, ledger, clock: () => START_MS });
    const destinations = [{ address: "dgb1qgood", amount: "1" }];
    const request = {
      withdrawal_id: "1",
      wallet_id: "hot",
      account_id: "a",
      amount: "1",
      destinations,
    };
    const record = { nested: { level: "normal" } };
    const finalize = () => ({ allow: true, record });
    const first = await guardian.evaluate(request, "LOW", { finalize });
    expect(first.final).toBe(true);
    const before = text(await guardian.evaluate(request, "LOW"));
    first.reason_codes.push("changed");
    record.nested.level = "changed";
    (first.record as { nested: { level: string } }).nested.level = "changed";
    expect(text(await guardian.evaluate(request, "LOW"))).toBe(before);
    expect(text(await ledger.records(0, 10))).not.toContain("changed");
    const view = await guardian.wallet("hot");
    Object.assign(view, { frozen: true });
    expect(await guardian.wallet("hot")).toMatchObject({ frozen: false });
  });

  it("is a policy that cannot be changed", () => {
    const policy = parsePolicy(POLICY);
    const given = structuredClone(POLICY);
    const guardian = createGuardian({
      policy: given,
      ledger: createMemoryLedger(),
      clock: () => START_MS,
    });
    given.deny_destinations.pop();
    expect(guardian.policy_version).toBe(policyVersion(policy));
    expect(() => policy.deny_destinations.pop()).toThrow(TypeError);
    expect(() => Object.assign(policy.table.wallet_frozen, { LOW: "ALLOW" })).toThrow(TypeError);
  });
});
