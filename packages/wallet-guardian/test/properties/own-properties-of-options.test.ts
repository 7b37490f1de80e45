/** Claims, payments, destinations and risks are read without a prototype, and no name is special (house rule: own properties alone). */
import { afterEach, describe, expect, it } from "vitest";
import { createMemoryLedger, type GuardianPolicyInput } from "../../src/index.js";
import { askAnything, LEAVES_MS, ORDER, said, START_MS, TXID } from "../support/guardian.js";
import { input, life, MEMORIES, told } from "../support/life.js";

const polluted: PropertyKey[] = [];
const pollute = (key: string, value: unknown) => {
  polluted.push(key);
  Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
};
const clean = () => {
  for (const key of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, key);
};
afterEach(clean);

const POLICY: GuardianPolicyInput = {
  claim: "explicit",
  freeze_scope: "account",
  max_24h: "100",
  limits: { account: { max_24h: "10" } },
  max_fee: "1",
  new_destination_seconds: 60,
  new_destination_free: "3",
  destination_lookalikes: true,
};

/** The answers of a history that meets claims, payments, destinations and freezes, each as text. */
async function answers(): Promise<string[]> {
  const ledger = createMemoryLedger();
  const with_ = life(POLICY, ledger);
  const { claim, commit, guardian, pay, release, time } = with_;
  const payout = (withdrawal_id: string, account_id: string, amount: string) => ({
    withdrawal_id,
    account_id,
    amount: `${amount}.5`,
    max_fee: "0.5",
    destinations: [{ address: "D1234567890123", amount }],
  });
  const all: unknown[] = [];
  const ask = async (request: object, risk: unknown = "LOW") => {
    all.push({ ...(await askAnything(guardian, { wallet_id: "hot-1", ...request }, risk)) });
  };
  await ask(payout("w", "ann", "2"));
  await ask(payout("v", "ann", "2"));
  await ask({ ...payout("u", "ann", "1"), max_fee: undefined });
  await ask({ withdrawal_id: "t", amount: "1" });
  all.push(
    await guardian.claim("w", { risk: "LOW" } as never),
    await guardian.claim("w", {} as never),
  );
  all.push(await claim("w", { inputs: [input(1)] }), await claim("w"), await claim("?"));
  all.push(await commit("w"), await commit("w", { txid: "cd".repeat(32) }), await release("w"));
  all.push(await pay("p", [payout("1", "bob", "1"), payout("2", "ann", "1")]));
  all.push(await pay("q", [payout("2", "ann", "1")]), await claim("2"), await release("p", {}));
  await ask(payout("s", "bob", "9"), "MEDIUM");
  time.now += LEAVES_MS;
  await ask(payout("s2", "bob", "9"), "MEDIUM");
  await ask(payout("s3", "bob", "9"), { level: "LOW" });
  await ask(payout("s4", "bob", "9"), {});
  all.push(await guardian.registerDestination({ address: "x" } as never));
  all.push(await guardian.approveDestination({ account_id: "ann", address: "x" }, {} as never));
  all.push(await guardian.unfreeze("account", "bob", ORDER));
  all.push(await guardian.frozen(), await guardian.payments(), await guardian.frozen({ limit: 1 }));
  all.push(await guardian.account("bob"), ...(await ledger.records(0, 100)), ...with_.events);
  return all.map((one) => JSON.stringify(one));
}

const VALUES: readonly (readonly [string, unknown])[] = [
  ["payouts", []],
  ["payment_id", "polluted"],
  ["max_fee", "0"],
  ["signer_id", "s1"],
  ["transaction", { inputs: [input(9)] }],
  ["inputs", [input(9)]],
  ["not_executed", true],
  ["fee", "5"],
  ["level", "LOW"],
  ["low_since_ms", START_MS],
  ["risk", "LOW"],
  ["finalize", () => ({ allow: true, record: {} })],
  ["scriptOf", () => "0014aa"],
  ["breach", { scope: { type: "wallet", id: "x" }, limit: "x" }],
  ["freezes", { scope: { type: "wallet", id: "hot-1" }, kind: "limit" }],
  ["breaches", []],
  ["retry_after_ms", 1],
  ["claims", []],
  ["commits", []],
  ["answer", null],
  ["lapses", 9],
  ["wait_until_ms", START_MS * 2],
  ["isDouble", true],
  ["claim", "implicit"],
  ["freeze_scope", "wallet"],
  ["policy", { name: "default", version: "x" }],
  ["destinations", []],
  ["account_freezes", []],
  ["stored", null],
  ["has_lookalike", true],
  ["approved", true],
  ["known_at_ms", 0],
  ["free_used", 0n],
  ["after", "zzz"],
  ["limit", 1],
  ["status", "lapsed"],
  ["next", null],
  ["refusal", {}],
  ["checked", {}],
  ["kinds", ["operator"]],
  ["txid", TXID],
  ["then", undefined],
];

describe("with a member on Object.prototype", () => {
  it.each(VALUES)("%s (%o) the answers are the same", async (key, value) => {
    const expected = await answers();
    pollute(key, value);
    const actual = await answers().finally(clean);
    expect(actual.filter((one, index) => one !== expected[index])).toEqual([]);
  });

  it.each([
    ["path", "/x"],
    ["value", {}],
    ["get", () => "s1"],
  ])("%s (%o), which the schema's library reads, nothing more is allowed", async (key, value) => {
    const { ask, guardian } = life({ claim: "explicit", max_24h: "10" });
    await ask("w", "1");
    pollute(key, value);
    const answers = [
      await guardian.claim("w", { risk: "LOW" } as never),
      await guardian.claim("w", { signer_id: "s1" } as never),
      await guardian.claim("w", {} as never),
    ];
    const release = await guardian.release("w", {} as never);
    clean();
    expect(answers.map(said)).toEqual(Array(3).fill("REJECT invalid_claim"));
    expect(told(release)).toBe("refused invalid_operation");
  });
});

/** Names that are something else to a careless reader. */
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "null",
  "0",
  "wallet:hot-1",
  "account:ann|x",
  "limit|wallet:hot-1",
  "'; DROP TABLE payments; --",
  '"],["x',
  "%s%n",
  "\u{1f4b8}",
  "\u202e",
  "e\u0301",
  "\u00e9",
  "x".repeat(128),
];

describe.each(MEMORIES)("names on the %s ledger", (_name, createLedger) => {
  it.each(NAMES)("may be %o, and are names", async (name) => {
    const { claim, commit, guardian, ledger, release, pay, time } = life(
      { claim: "explicit", max_24h: "10", limits: { account: { max_24h: "5" } }, name },
      createLedger(),
    );
    const payouts = [{ withdrawal_id: name, account_id: name, amount: "5" }];
    expect((await pay(name, payouts, { wallet_id: name })).final).toBe(true);
    expect(said(await claim(name, { signer_id: name }))).toBe("ALLOW claimed_now");
    expect(said(await claim(name, { signer_id: `${name.slice(0, 127)}y` }))).toBe("DELAY claimed");
    expect(await guardian.account(name)).toMatchObject({ windows: [{ spent: "5" }] });
    expect(await guardian.wallet(name)).toMatchObject({ windows: [{ spent: "5" }] });
    const frozen = await guardian.freeze("account", name, { operator: name, reason: name });
    expect(await guardian.frozen()).toMatchObject({
      freezes: [{ scope: "account", id: name, operator: name }],
    });
    expect(told(await guardian.unfreeze("cause", frozen.cause_id ?? "", ORDER))).toBe("accepted");
    expect(told(await guardian.registerDestination({ account_id: name, address: name }))).toBe(
      "accepted",
    );
    expect(await guardian.payments()).toMatchObject({
      payments: [{ withdrawal_id: name, signer_id: name }],
    });
    expect(told(await commit(name))).toBe("accepted");
    time.now += 1;
    expect(told(await release(name))).toBe("refused already_committed");
    expect(JSON.stringify(await ledger.records(0, 100))).toContain(JSON.stringify(name));
  });

  it("that are canonically equal are different: no wallet has another one's room", async () => {
    const { ask, guardian } = life({ max_24h: "10" }, createLedger());
    const names = ["caf\u00e9", "cafe\u0301", "CAF\u00c9"];
    for (const wallet_id of names)
      expect((await ask(`w-${wallet_id}`, "4", { wallet_id })).final).toBe(true);
    for (const id of names)
      expect(await guardian.wallet(id)).toMatchObject({ windows: [{ spent: "4" }] });
  });
});

describe("payments that are malformed", () => {
  const throwing = (): never => {
    throw new Error("hostile");
  };
  const payout = { withdrawal_id: "1", amount: "1" };
  const payment = { payment_id: "p", wallet_id: "a", payouts: [payout] };
  const sparse = [payout, , payout] as unknown[];

  it.each<[string, unknown, string]>([
    ["payouts that are no list", { ...payment, payouts: { 0: payout, length: 1 } }, "/payouts"],
    ["payouts with a hole", { ...payment, payouts: sparse }, "/payouts"],
    [
      "payouts with an accessor",
      {
        ...payment,
        payouts: Object.defineProperty([payout], 0, { enumerable: true, get: throwing }),
      },
      "/payouts/0",
    ],
    ["a payout that is null", { ...payment, payouts: [null] }, "/payouts/0"],
    ["a payout of a class", { ...payment, payouts: [Object.create(payout)] }, "/payouts/0"],
    [
      "a payout with an accessor",
      {
        ...payment,
        payouts: [
          Object.defineProperty({ ...payout }, "amount", { enumerable: true, get: throwing }),
        ],
      },
      "/payouts/0/amount",
    ],
    ["a proxy that throws", { ...payment, payouts: new Proxy([], { get: throwing }) }, ""],
    ["an amount beside the payouts", { ...payment, amount: "1" }, "/amount"],
    [
      "an id of a withdrawal beside the payouts",
      { ...payment, withdrawal_id: "w" },
      "/withdrawal_id",
    ],
    ["no id", { wallet_id: "a", payouts: [payout] }, "/payment_id"],
    ["no wallet", { payment_id: "p", payouts: [payout] }, "/wallet_id"],
    [
      "a fee below zero",
      { ...payment, payouts: [{ ...payout, max_fee: "-1" }] },
      "/payouts/0/max_fee",
    ],
    [
      "a fee above the amount",
      { ...payment, payouts: [{ ...payout, max_fee: "1.00000001" }] },
      "/payouts/0/amount",
    ],
    [
      "payouts in __proto__",
      JSON.parse('{"payment_id":"p","wallet_id":"a","__proto__":{"payouts":[]}}'),
      "/__proto__",
    ],
  ])("are refused: %s", async (_what, value, path) => {
    const { guardian, ledger } = life({ max_24h: "10" });
    const answer = await askAnything(guardian, value, "LOW");
    expect(answer).toMatchObject({
      decision: "REJECT",
      reason_codes: ["invalid_withdrawal"],
      final: false,
    });
    if (path !== "") expect(answer.path).toBe(path);
    expect(answer.detail).toMatch(/^(the whole|\/[^:]*): .+; .+$/s);
    for (const id of ["p", "1"]) expect(await ledger.withdrawal(id)).toBeNull();
  });
});
