/** What becomes of a payment: transactions that paid, late, again, or in each other's place (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, type Life, life, MEMORIES, told, txid } from "../support/life.js";
import { HOUR, LEAVES_MS, said, START_MS, VALID_MS } from "../support/guardian.js";

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
    "of one that is %s is late: reported, and counted from now on",
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

  it("of an id that was never seen is an event, and changes nothing", async () => {
    const { actions, commit, ledger } = start();
    expect(told(await commit("?"))).toBe("refused unknown_withdrawal");
    expect([actions(), await ledger.records(0, 10)]).toEqual([["unknown_withdrawal"], []]);
  });

  /** Each transaction with its inputs, and the answer; those of the claims first. */
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
});
