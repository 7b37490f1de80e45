/** The rules on destinations and fees, on bare values (design, section 7: destinations). */
import { parseAmount } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { evaluateDestinations } from "../../src/rules/evaluate-destinations.js";
import { evaluateFee } from "../../src/rules/evaluate-fee.js";
import { evaluateNewDestinations, isWaiting } from "../../src/rules/evaluate-new-destinations.js";
import { START_MS } from "../support/guardian.js";

const coins = parseAmount;
const NOW = START_MS;

const payment = (max_fee: string | null, ...sent: string[]) => ({
  wallet_id: "hot-1",
  max_fee: max_fee === null ? null : coins(max_fee),
  payouts: [
    { destinations: sent.map((amount) => ({ address: "x", amount: coins(amount) })) },
  ] as never,
});

describe("evaluateFee", () => {
  const LARGEST = 9_223_372_036_854_775_807n;

  it.each<[string | null, string[], string | null, bigint | null, string[]]>([
    [null, ["1"], "0", null, []],
    ["1", ["1"], "1", null, []],
    ["1.00000001", ["1"], "1", null, ["max_fee"]],
    // 1 % of 100 base units is one
    ["0.00000001", ["0.000001"], null, 1_000_000n, []],
    ["0.00000001", ["0.00000099"], null, 1_000_000n, ["max_fee_ratio"]],
    ["0.00000002", ["0.000001", "0.000001"], null, 1_000_000n, []],
    ["5", [], null, 0n, []],
    ["0.00000001", ["1"], null, 0n, ["max_fee_ratio"]],
    ["5", ["5"], "1", 1n, ["max_fee", "max_fee_ratio"]],
    ["92233720368.54775807", ["0.00000001"], null, 100_000_000n, ["max_fee_ratio"]],
    ["46116860184.27387903", ["46116860184.27387904"], null, 100_000_000n, []],
  ])("of %s on %o with %s and a ratio of %s", (max_fee, sent, largest, maxFeeRatio, limits) => {
    const rules = { maxFee: largest === null ? null : coins(largest), maxFeeRatio };
    const { findings, headroom } = evaluateFee(payment(max_fee, ...sent), rules);
    expect(findings.map(({ breach }) => breach?.limit)).toEqual(limits);
    expect(new Set(findings.map(({ code, decision }) => `${decision} ${code}`))).toEqual(
      new Set(limits.length === 0 ? [] : ["REJECT fee_limit"]),
    );
    expect(headroom).toBe(limits.length === 0 ? null : 0n);
  });

  it("is exact at the largest amounts", () => {
    const all = {
      wallet_id: "a",
      max_fee: LARGEST,
      payouts: [{ destinations: [{ address: "x", amount: LARGEST }] }] as never,
    };
    expect(evaluateFee(all, { maxFee: LARGEST, maxFeeRatio: 100_000_000n }).findings).toEqual([]);
    expect(
      evaluateFee(all, { maxFee: LARGEST - 1n, maxFeeRatio: 99_999_999n }).findings,
    ).toHaveLength(2);
  });
});

describe("evaluateNewDestinations", () => {
  const WAITING = { waiting: { ms: 1_000, free: 5n }, lookalikes: true };
  const known = { known_at_ms: NOW, approved: false, lookalike: false, free_used: 0n, amount: 1n };

  it.each<[string, object, object, string[]]>([
    ["known this millisecond, within what is free", {}, {}, []],
    ["at what is free", { free_used: 4n }, {}, []],
    ["one base unit beyond it", { free_used: 4n, amount: 2n }, {}, ["new_destination"]],
    [
      "a millisecond before its time",
      { known_at_ms: NOW - 999, amount: 6n },
      {},
      ["new_destination"],
    ],
    ["at its time", { known_at_ms: NOW - 1_000, amount: 6n }, {}, []],
    ["approved", { amount: 6n, approved: true }, {}, []],
    ["where none waits", { amount: 6n }, { waiting: null }, []],
    ["a look-alike", { lookalike: true }, {}, ["destination_lookalike"]],
    [
      "a look-alike that waits",
      { lookalike: true, amount: 6n },
      {},
      ["new_destination", "destination_lookalike"],
    ],
    ["an old look-alike", { lookalike: true, known_at_ms: 0 }, {}, ["destination_lookalike"]],
    ["an approved look-alike", { lookalike: true, approved: true }, {}, []],
    ["a look-alike where none is looked for", { lookalike: true }, { lookalikes: false }, []],
    ["known in the future", { known_at_ms: NOW + 1, amount: 6n }, {}, ["new_destination"]],
  ])("of one that is %s", (_what, over, rules, codes) => {
    const said = evaluateNewDestinations([{ ...known, ...over }], { ...WAITING, ...rules }, NOW);
    expect(said.findings.map(({ code }) => code)).toEqual(codes);
    for (const { decision } of said.findings) expect(decision).toBe("DELAY");
  });

  it("passes by itself at the latest of their times, and a look-alike never does", () => {
    const two = [known, { ...known, known_at_ms: NOW - 400 }].map((one) => ({
      ...one,
      amount: 6n,
    }));
    const { findings } = evaluateNewDestinations(two, WAITING, NOW);
    expect(findings.map(({ retry_at_ms }) => retry_at_ms)).toEqual([NOW + 1_000, NOW + 600]);
    const [lookalike] = evaluateNewDestinations(
      [{ ...known, lookalike: true }],
      WAITING,
      NOW,
    ).findings;
    expect(lookalike).not.toHaveProperty("retry_at_ms");
    expect(isWaiting(known, { waiting: null, lookalikes: true }, NOW)).toBe(false);
  });
});

describe("evaluateDestinations", () => {
  const rules = (allowed: string[] | null, denied: string[]) => ({
    allowed: allowed === null ? null : new Set(allowed),
    denied: new Set(denied),
    keyOf: (address: string) => (address.startsWith("?") ? null : address.toLowerCase()),
  });
  const to = (...addresses: string[]) => ({
    payouts: addresses.map((address) => ({ destinations: [{ address, amount: 1n }] })),
  });

  it.each<[string[], string[] | null, string[], string[]]>([
    [["a"], null, [], []],
    [[], ["a"], ["a"], []],
    [["A"], ["a"], [], []],
    [["b"], ["a"], [], ["destination_denied"]],
    [["a"], ["a"], ["a"], ["destination_denied"]],
    [["a", "B"], null, ["b"], ["destination_denied"]],
    [["?"], null, [], ["destination_unreadable"]],
    [["?"], ["a"], [], ["destination_unreadable"]],
    [["?", "b"], ["a"], [], ["destination_denied", "destination_unreadable"]],
  ])("of %o with %o allowed and %o denied", (addresses, allowed, denied, codes) => {
    const { findings } = evaluateDestinations(to(...addresses), rules(allowed, denied));
    expect(findings.map(({ code }) => code)).toEqual(codes);
    for (const finding of findings) expect(finding).toMatchObject({ decision: "REJECT" });
  });
});
