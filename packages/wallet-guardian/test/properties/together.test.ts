/** Many callers at once: each gets its own answer, and what one does wrong is its own (design, section 7: one transaction). */
import { describe, expect, it } from "vitest";
import type { Finalize } from "../../src/index.js";
import { ORDER, said, TXID } from "../support/guardian.js";
import { EXPLICIT, input, type Life, life, MEMORIES } from "../support/life.js";

const WIDE = { ...EXPLICIT, max_24h: "100000" } as const;

describe.each(MEMORIES)("callers on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("that reserve together never exceed a limit, nor do their claims", async () => {
    const { ask, claim, spent } = start();
    const ids = Array.from({ length: 200 }, (_, n) => `w-${n}`);
    const answers = await Promise.all(ids.map((id) => ask(id, "0.5")));
    expect(answers.filter(({ final }) => final)).toHaveLength(20);
    const claims = await Promise.all(ids.map((id) => claim(id)));
    expect(claims.filter(({ decision }) => decision === "ALLOW")).toHaveLength(20);
    expect(await spent()).toBe("10");
  });

  it("that claim one payment together are one signer and others that wait", async () => {
    const { ask, claim } = start();
    await ask("w", "10");
    const claims = await Promise.all(
      Array.from({ length: 50 }, (_, n) => claim("w", { signer_id: `s${n}`, inputs: [input(n)] })),
    );
    const texts = claims.map(said);
    expect(texts.filter((text) => text === "ALLOW claimed_now")).toHaveLength(1);
    expect(texts.filter((text) => text === "DELAY claimed")).toHaveLength(49);
  });

  it("that request payments which share payouts get one of them", async () => {
    const { pay, spent } = start();
    const payouts = (n: number) => [
      { withdrawal_id: "shared", amount: "1" },
      { withdrawal_id: `own-${n}`, amount: "1" },
    ];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => pay(`p-${n}`, payouts(n))),
    );
    expect(answers.filter(({ final }) => final)).toHaveLength(1);
    expect(new Set(answers.map(said))).toEqual(
      new Set(["ALLOW within_limits", "REJECT in_other_payment"]),
    );
    expect(await spent()).toBe("2");
  });

  it("that release and claim at once do one or the other", async () => {
    const with_ = start(WIDE);
    for (let n = 0; n < 20; n++) {
      const id = `w-${n}`;
      await with_.ask(id, "1");
      const calls = [() => with_.claim(id), () => with_.release(id)];
      const [claimed, released] = await Promise.all(
        n % 2 === 0
          ? calls.map((call) => call())
          : calls
              .reverse()
              .map((call) => call())
              .reverse(),
      );
      const isClaimed = (claimed as { decision?: string }).decision === "ALLOW";
      const isReleased = (released as { accepted?: boolean }).accepted === true;
      expect(isClaimed).toBe(!isReleased);
    }
  });

  const request = (withdrawal_id: string, amount = "1") => ({
    withdrawal_id,
    wallet_id: "x",
    amount,
  });
  const finalize = (record: object): { finalize: Finalize } => ({
    finalize: () => ({ allow: true, record: record as never }),
  });
  const waiting =
    (ms: number): Finalize =>
    () => {
      const until = performance.now() + ms;
      while (performance.now() < until);
      return { allow: true, record: {} };
    };

  /** What one caller among many does wrong. */
  const POISONS: readonly [string, (with_: Life) => Promise<unknown>][] = [
    ["a wallet that is a lone surrogate", ({ guardian }) => guardian.wallet("\ud800")],
    ["a commit of a lone surrogate", ({ guardian }) => guardian.commit("\ud800", { txid: TXID })],
    ["a claim of a lone surrogate", ({ claim }) => claim("\ud800")],
    ["a freeze of a lone surrogate", ({ guardian }) => guardian.freeze("wallet", "\udfff", ORDER)],
    ["a cause that is unknown", ({ guardian }) => guardian.unfreeze("cause", "none", ORDER)],
    ["a withdrawal of a lone surrogate", ({ ask }) => ask("\ud800", "1")],
    ["a withdrawal of noncharacters", ({ ask }) => ask("\uffff\ufffe", "1")],
    ["the largest amount", ({ ask }) => ask("big", "92233720368.54775807")],
    [
      "a payment of 1,000 payouts",
      ({ pay }) =>
        pay(
          "p",
          Array.from({ length: 1_000 }, (_, n) => ({ withdrawal_id: `p-${n}`, amount: "1" })),
        ),
    ],
    [
      "a record with U+0000",
      ({ guardian }) =>
        guardian.evaluate(request("nul"), "LOW", finalize({ a: "\u0000", "\u0000": 1 })),
    ],
    [
      "a record with a lone surrogate",
      ({ guardian }) => guardian.evaluate(request("sur"), "LOW", finalize({ a: "\ud800" })),
    ],
    [
      "a record of 500 kB",
      ({ guardian }) =>
        guardian.evaluate(request("fat"), "LOW", finalize({ a: "x".repeat(500_000) })),
    ],
    [
      "a hook that throws",
      ({ guardian }) =>
        guardian.evaluate(request("thr"), "LOW", {
          finalize: () => {
            throw new Error("down");
          },
        }),
    ],
    [
      "a hook that takes 400 ms",
      ({ guardian }) => guardian.evaluate(request("slow"), "LOW", { finalize: waiting(400) }),
    ],
  ];

  it.each(POISONS)("beside %s are all answered as ever", async (_what, poison) => {
    const with_ = start(WIDE);
    const ask = (n: number) => with_.ask(`w-${n}`, "1", { wallet_id: `hot-${n % 5}` });
    await ask(-1);
    const before = Array.from({ length: 31 }, (_, n) => ask(n));
    const poisoned = poison(with_);
    const after = Array.from({ length: 31 }, (_, n) => ask(100 + n));
    expect(await poisoned).toBeTypeOf("object");
    const answers = await Promise.all([...before, ...after]);
    expect(new Set(answers.map(said))).toEqual(new Set(["ALLOW within_limits"]));
    expect(answers.every(({ final }) => final)).toBe(true);
  });
});
