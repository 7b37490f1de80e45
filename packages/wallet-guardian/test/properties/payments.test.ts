/** Properties of the guardian over any calls: it never throws, less evidence never allows more, the same calls give the same bytes. */
import { canonicalize, guardianDecisionSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import {
  decisionOf,
  type GuardianAnswer,
  type GuardianPolicyInput,
  type Ledger,
} from "../../src/index.js";
import { act, type Act, perform, policy } from "../support/acts.js";
import { askAnything } from "../support/guardian.js";
import { type Life, life, MEMORIES } from "../support/life.js";

const acts = fc.array(act, { minLength: 1, maxLength: 25 });

/** Values that are nearly right: members of requests, mixed up. */
const almost = fc.letrec((tie) => ({
  value: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom<unknown>(
        "w",
        "1",
        "LOW",
        "a",
        "ab".repeat(32),
        1,
        true,
        null,
        undefined,
        {},
        [],
      ),
    },
    { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
    { weight: 2, arbitrary: tie("object") },
    { weight: 1, arbitrary: fc.array(tie("object"), { maxLength: 3 }) },
  ),
  object: fc.dictionary(
    fc.constantFrom(
      ...[
        "withdrawal_id",
        "payment_id",
        "wallet_id",
        "account_id",
        "amount",
        "max_fee",
        "destinations",
        "payouts",
      ],
      ...[
        "signer_id",
        "risk",
        "transaction",
        "inputs",
        "finalize",
        "txid",
        "fee",
        "reason",
        "operator",
        "not_executed",
      ],
      ...[
        "level",
        "low_since_ms",
        "address",
        "limit",
        "after",
        "status",
        "__proto__",
        "constructor",
        "then",
      ],
    ),
    tie("value"),
    { maxKeys: 6 },
  ),
})).value;
const anything = fc.oneof(
  almost,
  fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
);

describe("calls with anything at all", () => {
  const CALLS: Readonly<
    Record<string, (with_: Life, a: unknown, b: unknown, c: unknown) => Promise<object>>
  > = {
    evaluate: ({ guardian }, a, b, c) => askAnything(guardian, a, b, c),
    claim: ({ guardian }, a, b) => guardian.claim(a as never, b as never),
    commit: ({ guardian }, a, b) => guardian.commit(a as never, b as never),
    release: ({ guardian }, a, b) => guardian.release(a as never, b as never),
    freeze: ({ guardian }, a, b, c) => guardian.freeze(a as never, b as never, c as never),
    unfreeze: ({ guardian }, a, b, c) => guardian.unfreeze(a as never, b as never, c as never),
    registerDestination: ({ guardian }, a) => guardian.registerDestination(a as never),
    approveDestination: ({ guardian }, a, b) => guardian.approveDestination(a as never, b as never),
    acceptClock: ({ guardian }, a) => guardian.acceptClock(a as never),
    wallet: ({ guardian }, a) => guardian.wallet(a as never),
    account: ({ guardian }, a) => guardian.account(a as never),
    frozen: ({ guardian }, a) => guardian.frozen(a as never),
    payments: ({ guardian }, a) => guardian.payments(a as never),
  };

  it.each(Object.keys(CALLS))("of %s are answered, and never thrown back", async (name) => {
    const with_ = life({ max_24h: "10", claim: "explicit" });
    const call = CALLS[name]!;
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, async (a, b, c) => {
        const answer = await call(with_, a, b, c);
        expect(typeof answer).toBe("object");
        if (!Object.hasOwn(answer, "final")) return;
        const { final, ...rest } = answer as GuardianAnswer;
        const decision = decisionOf({ final, ...rest });
        expect(guardianDecisionSchema.safeParse(decision).success).toBe(true);
        if (final) expect(decision.decision).toBe("ALLOW");
      }),
      { numRuns: runs(60, 300) },
    );
  });
});

/** Plays all calls on a new ledger; the answers and the records, as one text. */
async function play(
  given: GuardianPolicyInput,
  calls: readonly Act[],
  ledger: Ledger,
): Promise<string> {
  const with_ = life(given, ledger);
  const answers: unknown[] = [];
  for (const one of calls) answers.push(await perform(with_, one));
  const records = await ledger.records(0, 1_000);
  await ledger.close();
  return [...answers, ...records, with_.events].map((one) => canonicalize(one)).join("\n");
}

describe("the same calls", () => {
  it("give the same answers, records and events, byte for byte, on every ledger", async () => {
    await fc.assert(
      fc.asyncProperty(policy, acts, async (given, calls) => {
        const texts = [];
        for (const [, create] of [...MEMORIES, ...MEMORIES.slice(0, 1)]) {
          texts.push(await play(given, calls, create()));
        }
        for (const text of texts) expect(text).toBe(texts[0]);
      }),
      { numRuns: runs(20, 60) },
    );
  });
});

type Asking = Readonly<{ request: object; risk: unknown }>;
type Claiming = Readonly<Record<string, unknown>>;

/** Two guardians of the same history, of which the second gets less evidence. */
async function twins(given: GuardianPolicyInput, calls: readonly Act[], less: () => string | null) {
  const [full, poor] = [
    life(given),
    life(given, undefined, less() === null ? { scriptOf: less } : {}),
  ];
  for (const one of calls) for (const with_ of [full, poor]) await perform(with_, one);
  return { full, poor };
}

describe("less evidence", () => {
  const same = () => "";
  const request = {
    withdrawal_id: "asked",
    wallet_id: "hot-1",
    account_id: "ann",
    amount: "1.5",
    max_fee: "0.5",
    destinations: [{ address: "dgb1qother", amount: "1" }],
  };
  const without = (value: object, key: string): object =>
    Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

  it.each<[string, Asking, Asking]>([
    ["no risk", { request, risk: "LOW" }, { request, risk: undefined }],
    [
      "no time since when risk is LOW",
      { request, risk: { level: "LOW", low_since_ms: 1 } },
      { request, risk: { level: "LOW" } },
    ],
    ["no level", { request, risk: { level: "LOW" } }, { request, risk: {} }],
    [
      "no account",
      { request, risk: "LOW" },
      { request: without(request, "account_id"), risk: "LOW" },
    ],
    [
      "no destinations",
      { request, risk: "LOW" },
      { request: without(request, "destinations"), risk: "LOW" },
    ],
    ["no max_fee", { request, risk: "LOW" }, { request: without(request, "max_fee"), risk: "LOW" }],
  ])("never turns a refusal into an ALLOW: %s", async (what, rich, less) => {
    await fc.assert(
      fc.asyncProperty(policy, acts, async (given, calls) => {
        // each policy requires what is left out
        const needs = { ...given, max_fee: "1", limits: { account: { max_24h: "20" } } };
        const { full, poor } = await twins(needs, calls, same);
        const since = { level: "LOW", low_since_ms: full.time.now - 700_000 };
        const risk = what.startsWith("no time") ? since : rich.risk;
        const [first, second] = [
          await askAnything(full.guardian, rich.request, risk),
          await askAnything(poor.guardian, less.request, less.risk),
        ];
        if (!first.final) expect(second.final).toBe(false);
      }),
      { numRuns: runs(20, 60) },
    );
  });

  it("never turns a refusal into an ALLOW: scripts that cannot be read", async () => {
    await fc.assert(
      fc.asyncProperty(policy, acts, async (given, calls) => {
        const { full, poor } = await twins(given, calls, () => null);
        const [first, second] = [
          await askAnything(full.guardian, request, "LOW"),
          await askAnything(poor.guardian, request, "LOW"),
        ];
        if (!first.final) expect(second.final).toBe(false);
        expect(second.reason_codes).toContain("destination_unreadable");
      }),
      { numRuns: runs(20, 60) },
    );
  });

  it.each<[string, Claiming, Claiming]>([
    ["no signer", { signer_id: "s1", risk: "LOW" }, { risk: "LOW" }],
    ["no risk", { signer_id: "s1", risk: "LOW" }, { signer_id: "s1" }],
    [
      "no transaction",
      { signer_id: "s1", risk: "LOW", transaction: { inputs: [`${"0".repeat(64)}:0`] } },
      { signer_id: "s1", risk: "LOW" },
    ],
  ])("never turns a refused claim into an ALLOW: %s", async (what, rich, less) => {
    await fc.assert(
      fc.asyncProperty(
        policy,
        acts,
        fc.constantFrom("w-0", "w-1", "p-0"),
        async (given, calls, id) => {
          const { full, poor } = await twins({ ...given, claim: "explicit" }, calls, same);
          const [first, second] = [
            await full.guardian.claim(id, rich as never),
            await poor.guardian.claim(id, less as never),
          ];
          // the same claim again, which had no transaction, is one that the transaction would change
          const isRepeated = what === "no transaction" && second.repeated === true;
          if (first.decision !== "ALLOW" && !isRepeated) expect(second.decision).not.toBe("ALLOW");
        },
      ),
      { numRuns: runs(20, 60) },
    );
  });

  it.each<[string, object, object]>([
    ["no proof", { operator: "op", not_executed: true }, { operator: "op" }],
    ["no operator", { operator: "op", not_executed: true }, { not_executed: true }],
    ["no signer", { signer_id: "s1", not_executed: true }, { not_executed: true }],
  ])("never lets more be released: %s", async (_what, rich, less) => {
    await fc.assert(
      fc.asyncProperty(
        policy,
        acts,
        fc.constantFrom("w-0", "w-1", "p-0"),
        async (given, calls, id) => {
          const { full, poor } = await twins(given, calls, same);
          const [first, second] = [await full.release(id, rich), await poor.release(id, less)];
          if (!first.accepted) expect(second.accepted).toBe(false);
        },
      ),
      { numRuns: runs(20, 60) },
    );
  });
});
