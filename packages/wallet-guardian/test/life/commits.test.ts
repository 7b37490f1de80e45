/** What becomes of a payment: transactions that paid, late, again, or in each other's place (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, type Life, life, MEMORIES, told, txid } from "../fixtures/life.js";
import { HOUR, LEAVES_MS, said, START_MS, VALID_MS } from "../fixtures/guardian.js";

const DAY = 24 * HOUR;
const [a, b, c] = [input(1), input(2), input(3)] as const;

describe.each(MEMORIES)("a commit on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it.each([0, VALID_MS, 3 * DAY])(
    "of a claimed payment, %i ms later, leaves it counted as it is",
    async (wait) => {
      const { actions, ask, claim, commit, ledger, time } = start();
      await ask("w", "10");
      await claim("w");
      time.now += wait;
      expect(await commit("w")).toEqual({
        accepted: true,
        reason_codes: [],
        status: "committed",
        txid: "ab".repeat(32),
      });
      expect(await ledger.withdrawal("w")).toMatchObject({
        counts: "allowed",
        counted_at_ms: START_MS + LEAVES_MS,
      });
      expect(actions()).toEqual([]);
    },
  );

  /** How the payment stands when it turns out that its money has moved. */
  const LATE: readonly [string, (with_: Life) => Promise<unknown>][] = [
    [
      "open",
      async ({ ask }) => {
        await ask("x", "10");
        await ask("w", "1");
      },
    ],
    ["refused", ({ ask }) => ask("w", "11")],
    ["reserved", ({ ask }) => ask("w", "10")],
    [
      "lapsed",
      async ({ ask, time }) => {
        await ask("w", "10");
        time.now += VALID_MS;
      },
    ],
    [
      "released",
      async ({ ask, release }) => {
        await ask("w", "10");
        await release("w");
      },
    ],
  ];

  it.each(LATE)(
    "of one that is %s is late: told, and counted from now on",
    async (_what, prepare) => {
      const with_ = start();
      await prepare(with_);
      const { commit, events, ledger, time } = with_;
      time.now += 1_000;
      expect(told(await commit("w"))).toBe("accepted late_commit");
      expect(events.at(-1)).toMatchObject({
        action: "late_commit",
        severity: 0.8,
        extra: { withdrawal_id: "w" },
      });
      expect(await ledger.withdrawal("w")).toMatchObject({
        status: "committed",
        counts: "allowed",
        counted_at_ms: time.now,
      });
      expect(said(await with_.claim("w"))).toBe("REJECT already_committed");
    },
  );

  it("of an id that was never seen is told, and changes nothing", async () => {
    const { actions, commit, ledger } = start();
    expect(told(await commit("?"))).toBe("refused unknown_withdrawal");
    expect([actions(), await ledger.records(0, 10)]).toEqual([["unknown_withdrawal"], []]);
  });

  /** Each transaction with its inputs, and what is said of it; those of the claims first. */
  type Paying = readonly (readonly [number, readonly string[] | undefined, string])[];
  const AGAIN: readonly [string, readonly (readonly string[])[], Paying, string][] = [
    [
      "the same transaction",
      [],
      [
        [1, undefined, "accepted"],
        [1, undefined, "accepted"],
      ],
      "6",
    ],
    [
      "an unknown second transaction",
      [],
      [
        [1, undefined, "accepted"],
        [2, undefined, "accepted double_payment"],
      ],
      "12",
    ],
    [
      "a second one that shares an input",
      [],
      [
        [1, [a, b], "accepted"],
        [2, [b, c], "accepted replaced"],
      ],
      "6",
    ],
    [
      "a second one that shares none",
      [],
      [
        [1, [a], "accepted"],
        [2, [b], "accepted double_payment"],
      ],
      "12",
    ],
    [
      "a second one whose inputs are not told",
      [],
      [
        [1, [a], "accepted"],
        [2, undefined, "accepted double_payment"],
      ],
      "12",
    ],
    [
      "a second one that shares an input with the claim",
      [[a]],
      [
        [1, undefined, "accepted"],
        [2, [a, b], "accepted replaced"],
      ],
      "6",
    ],
    [
      "a second one that shares none with the claim",
      [[a]],
      [
        [1, undefined, "accepted"],
        [2, [b], "accepted double_payment"],
      ],
      "12",
    ],
    [
      "a third one that shares none with the first",
      [],
      [
        [1, [a], "accepted"],
        [2, [a, b], "accepted replaced"],
        [3, [b], "accepted double_payment"],
      ],
      "12",
    ],
    [
      "a second double one",
      [],
      [
        [1, [a], "accepted"],
        [2, [b], "accepted double_payment"],
        [2, [b], "accepted"],
        [3, [c], "accepted double_payment"],
      ],
      "18",
    ],
    [
      "one that replaces the first after a double one",
      [],
      [
        [1, [a], "accepted"],
        [2, [b], "accepted double_payment"],
        [3, [a, c], "accepted replaced"],
      ],
      "12",
    ],
    [
      "one whose inputs were told later",
      [],
      [
        [1, undefined, "accepted"],
        [1, [a], "accepted"],
        [2, [a], "accepted replaced"],
      ],
      "6",
    ],
  ];

  it.each(AGAIN)("of %s counts what can be mined", async (_what, claims, commits, total) => {
    const { actions, ask, claim, guardian, spent } = start({ ...EXPLICIT, max_24h: "100" });
    await ask("w", "6");
    for (const inputs of claims) await claim("w", { inputs });
    if (claims.length === 0) await claim("w");
    for (const [n, inputs, expected] of commits) {
      const known = inputs === undefined ? {} : { inputs };
      expect(told(await guardian.commit("w", { txid: txid(n), ...known }))).toBe(expected);
    }
    expect(await spent()).toBe(total);
    const doubles = commits.filter(([, , said]) => said.includes("double"));
    expect(actions()).toEqual(doubles.map(() => "double_payment"));
  });

  it("of a second transaction keeps the first one's id, and is critical", async () => {
    const { ask, claim, commit, events } = start({ ...EXPLICIT, max_24h: "100" });
    await ask("w", "6");
    await claim("w");
    await commit("w", { txid: txid(1) });
    expect(await commit("w", { txid: txid(2) })).toMatchObject({ txid: txid(1) });
    expect(events).toMatchObject([
      { action: "double_payment", severity: 1, extra: { txid: txid(2) } },
    ]);
    expect(await commit("w", { txid: txid(2) })).toMatchObject({ repeated: true });
    expect(await ask("w", "6")).toMatchObject({
      reason_codes: ["already_committed"],
      txid: txid(1),
    });
  });

  it("of a second transaction counts it from now on, in every scope of each payout", async () => {
    const limits = { account: { max_24h: "100" }, global: { max_24h: "100" } };
    const { claim, commit, guardian, pay, time } = start({ ...EXPLICIT, max_24h: "100", limits });
    await pay("p", [
      { withdrawal_id: "1", account_id: "ann", amount: "2" },
      { withdrawal_id: "2", account_id: "bob", amount: "3" },
    ]);
    await claim("p");
    await commit("p", { txid: txid(1) });
    time.now += HOUR;
    await commit("p", { txid: txid(2) });
    const windows = async () =>
      Promise.all([
        guardian.account("ann"),
        guardian.account("bob"),
        guardian.wallet("hot-1"),
        guardian.global(),
      ]);
    const spent = (amount: string, spent_count: number) => ({
      windows: [{ spent: amount, spent_count }],
    });
    expect(await windows()).toMatchObject([
      spent("4", 2),
      spent("6", 2),
      spent("10", 4),
      spent("10", 4),
    ]);
    time.now += DAY - 1;
    expect(await windows()).toMatchObject([
      spent("2", 1),
      spent("3", 1),
      spent("5", 2),
      spent("5", 2),
    ]);
    time.now += 1;
    expect(await windows()).toMatchObject([
      spent("0", 0),
      spent("0", 0),
      spent("0", 0),
      spent("0", 0),
    ]);
  });

  it("of a second transaction while the first may still be signed counts as long as that does", async () => {
    const { ask, claim, commit, spent, time } = start({ ...EXPLICIT, max_24h: "100" });
    await ask("w", "6");
    await claim("w");
    await commit("w", { txid: txid(1) });
    await commit("w", { txid: txid(2) });
    time.now += LEAVES_MS + DAY - 1;
    expect(await spent()).toBe("12");
    time.now += 1;
    expect(await spent()).toBe("0");
  });

  it.each([
    [undefined, "5", "accepted"],
    ["0.1", undefined, "accepted"],
    ["0.1", "0.1", "accepted"],
    ["0.1", "0.10000001", "accepted fee_exceeded"],
    ["0", "0.00000001", "accepted fee_exceeded"],
    ["0.1", "50.1", "accepted fee_exceeded"],
  ])("with max_fee %s and a fee of %s: %s", async (max_fee, fee, expected) => {
    const { actions, ask, claim, guardian } = start();
    const more = max_fee === undefined ? {} : { max_fee };
    await ask("w", "10", more);
    await claim("w", { inputs: [a] });
    const paid = fee === undefined ? {} : { fee };
    expect(told(await guardian.commit("w", { txid: txid(1), ...paid }))).toBe(expected);
    expect(actions()).toEqual(expected === "accepted" ? [] : ["fee_exceeded"]);
  });

  it("that replaces another one with a higher fee than was asked for says both", async () => {
    const { actions, ask, claim, commit } = start();
    await ask("w", "10", { max_fee: "1" });
    await claim("w", { inputs: [a] });
    await commit("w", { txid: txid(1), fee: "1", inputs: [a] });
    const bumped = await commit("w", { txid: txid(2), fee: "51", inputs: [a] });
    expect([told(bumped), bumped.txid]).toEqual(["accepted replaced fee_exceeded", txid(2)]);
    expect(actions()).toEqual(["fee_exceeded"]);
  });

  it("that is repeated writes nothing, but for what was not told before", async () => {
    const { ask, claim, commit, ledger } = start();
    await ask("w", "10", { max_fee: "1" });
    await claim("w");
    await commit("w");
    const count = async () => (await ledger.records(0, 100)).length;
    const before = await count();
    expect(await commit("w")).toMatchObject({ accepted: true, repeated: true });
    expect(await count()).toBe(before);
    expect(await commit("w", { fee: "2" })).toMatchObject({
      reason_codes: ["fee_exceeded"],
      repeated: true,
    });
    expect(await commit("w", { fee: "2" })).toMatchObject({ reason_codes: [], repeated: true });
  });

  it.each<[object, string]>([
    [{ fee: "-1" }, "/fee"],
    [{ fee: 1 }, "/fee"],
    [{ fee: "1.000000001" }, "/fee"],
    [{ inputs: [] }, "/inputs"],
    [{ inputs: [a, a] }, "/inputs"],
    [{ inputs: ["x"] }, "/inputs/0"],
    [{ txid: "AB".repeat(32) }, "/txid"],
    [{ vout: 1 }, "/vout"],
  ])("with %o is refused at %s", async (options, path) => {
    const { ask, commit } = start();
    await ask("w", "1");
    expect(await commit("w", options)).toMatchObject({
      accepted: false,
      reason_codes: ["invalid_operation"],
      path,
    });
  });
});
