/** The finalize hook, however it behaves: it runs inside the transaction, and breaks nothing (design: layer 4, finalize). */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finalize, GuardianAnswer } from "../../src/index.js";
import { EXPLICIT, life, MEMORIES } from "../support/life.js";
import { said, VALID_MS } from "../support/guardian.js";

const agree: Finalize = () => ({ allow: true, record: { spoke: "yes" } });
const refuse: Finalize = () => ({ allow: false, record: { spoke: "no" } });

/** Hooks without a usable result. */
const WORDLESS: readonly (readonly [string, unknown])[] = [
  [
    "throws",
    () => {
      throw new Error("down");
    },
  ],
  ["rejects", () => Promise.reject(new Error("down"))],
  ["resolves", () => Promise.resolve({ allow: true, record: {} })],
  ["never ends", () => new Promise(() => undefined)],
  [
    "gives a promise of another kind that rejects",
    () => ({
      then: (_ok: unknown, fail: (reason: Error) => void) => fail(new Error("down")),
    }),
  ],
  ["gives nothing", () => undefined],
  ["gives a number for allow", () => ({ allow: 1, record: {} })],
  ["gives no record", () => ({ allow: true })],
  ["gives null as record", () => ({ allow: true, record: null })],
  ["gives a list as record", () => ({ allow: true, record: [] })],
  ["gives a record of NaN", () => ({ allow: true, record: { at: NaN } })],
  [
    "gives a cyclic record",
    () => {
      const record: Record<string, unknown> = {};
      record["self"] = record;
      return { allow: true, record };
    },
  ],
  [
    "gives a record that is too large",
    () => ({ allow: true, record: { text: "x".repeat(600_000) } }),
  ],
  [
    "gives a record with a getter",
    () => ({
      allow: true,
      record: {
        get a(): never {
          throw new Error("hostile");
        },
      },
    }),
  ],
  [
    "has an accessor for allow",
    () => ({
      get allow() {
        return true;
      },
      record: {},
    }),
  ],
  ["has its word in a prototype", () => Object.create({ allow: true, record: {} }) as object],
  [
    "gives a proxy that throws",
    () =>
      new Proxy(
        {},
        {
          getOwnPropertyDescriptor: () => {
            throw new Error("hostile");
          },
        },
      ),
  ],
];

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", onUnhandled);
});
afterEach(() => process.off("unhandledRejection", onUnhandled));
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe.each(MEMORIES)("a hook on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());
  const request = { withdrawal_id: "w", wallet_id: "hot-1", amount: "10" };

  it.each(WORDLESS)(
    "of evaluate that %s refuses, reserves nothing and ends no process",
    async (_what, hook) => {
      const { guardian, spent } = start();
      const answer = await guardian.evaluate(request, "LOW", { finalize: hook as Finalize });
      expect([said(answer), answer.final]).toEqual(["REJECT finalize_failed", false]);
      for (const field of ["valid_for_ms", "valid_until_ms", "allowed_now"]) {
        expect(answer).not.toHaveProperty(field);
      }
      expect(await spent()).toBe("0");
      await settle();
      expect(unhandled).toEqual([]);
    },
  );

  it.each(WORDLESS)("of claim that %s refuses, and leaves the reservation", async (_what, hook) => {
    const { ask, claim, spent } = start();
    await ask("w", "10");
    const answer = await claim("w", { finalize: hook as Finalize });
    expect(said(answer)).toBe("REJECT finalize_failed");
    expect(answer).not.toHaveProperty("claimed_until_ms");
    expect(await spent()).toBe("10");
    expect(said(await claim("w"))).toBe("ALLOW claimed_now");
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("of claim is called with the ALLOW, may refuse, and its record is kept", async () => {
    const { ask, claim, ledger } = start();
    await ask("w", "10");
    const heard: string[] = [];
    const hook =
      (word: Finalize): Finalize =>
      (decision, facts) => {
        heard.push(`${decision.withdrawal_id} ${decision.decision}`);
        return word(decision, facts);
      };
    const refused = await claim("w", { finalize: hook(refuse) });
    expect([said(refused), refused.record]).toEqual(["REJECT finalize_refused", { spoke: "no" }]);
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "reserved" });
    const given = await claim("w", { finalize: hook(agree) });
    expect([said(given), given.record]).toEqual(["ALLOW claimed_now", { spoke: "yes" }]);
    expect(said(await claim("w", { finalize: hook(refuse) }))).toBe("REJECT finalize_refused");
    expect(heard).toEqual(Array(3).fill("w ALLOW"));
  });

  it("that changes the decision it is given changes nothing", async () => {
    const { guardian } = start();
    const hook: Finalize = (decision) => {
      Object.assign(decision, { decision: "ALLOW", withdrawal_id: "other" });
      return { allow: true, record: {} };
    };
    const answer = await guardian.evaluate({ ...request, amount: "11" }, "LOW", { finalize: hook });
    expect(answer).toMatchObject({ withdrawal_id: "w", decision: "REJECT", final: false });
  });

  it("that calls the guardian again gets rejections, and no limit is exceeded", async () => {
    const { guardian, claim, spent } = start();
    const inner: Promise<{ decision: string; reason_codes: readonly string[]; final?: boolean }>[] =
      [];
    let depth = 0;
    const hook: Finalize = () => {
      depth += 1;
      if (depth < 9) {
        const again = { ...request, withdrawal_id: `in-${depth}` };
        inner.push(guardian.evaluate(again, "LOW", { finalize: hook }));
      }
      return { allow: true, record: {} };
    };
    const outer = await guardian.evaluate(request, "LOW", { finalize: hook });
    const answers = [outer, ...(await Promise.all(inner))];
    expect(answers.filter(({ final }) => final)).toHaveLength(1);
    expect(await spent()).toBe("10");
    expect(said(await claim("w"))).toBe("ALLOW claimed_now");
  });

  it("that makes every other call from within gets an answer to each, and none is allowed", async () => {
    const { ask, claim, guardian } = start();
    await ask("w", "10");
    let within: Promise<unknown>[] = [];
    const hook: Finalize = () => {
      const order = { operator: "op", reason: "r" };
      within = [
        guardian.claim("w", { signer_id: "s2", risk: "LOW" }),
        guardian.commit("w", { txid: "ab".repeat(32) }),
        guardian.release("w", { reason: "r" }),
        guardian.freeze("wallet", "hot-2", order),
        guardian.acceptClock(order),
        guardian.wallet("hot-1"),
        guardian.payments(),
        guardian.frozen(),
      ];
      return { allow: true, record: {} };
    };
    expect(said(await claim("w", { finalize: hook }))).toBe("ALLOW claimed_now");
    const answers = (await Promise.all(within)) as { decision?: string }[];
    expect(answers).toHaveLength(8);
    expect(answers[0]?.decision).not.toBe("ALLOW");
    expect(said(await claim("w"))).toBe("ALLOW claimed_now");
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("that takes long, or throws, spoils its own decision alone among many at once", async () => {
    const { guardian } = start({ ...EXPLICIT, max_24h: "1000" });
    const slow: Finalize = () => {
      const until = performance.now() + 40;
      while (performance.now() < until);
      return { allow: true, record: {} };
    };
    const hooks = [slow, WORDLESS[0]?.[1] as Finalize, agree];
    const answers = await Promise.all(
      Array.from({ length: 48 }, (_, n): Promise<GuardianAnswer> => {
        const one = { withdrawal_id: `w-${n}`, wallet_id: `hot-${n % 3}`, amount: "1" };
        const finalize = n < 3 ? hooks[n] : agree;
        return guardian.evaluate(one, "LOW", finalize === undefined ? {} : { finalize });
      }),
    );
    expect(said(answers[1] as GuardianAnswer)).toBe("REJECT finalize_failed");
    const others = answers.filter((_, n) => n !== 1);
    expect(new Set(others.map(said))).toEqual(new Set(["ALLOW within_limits"]));
    expect(others.every(({ final }) => final)).toBe(true);
  });

  it("that rejects a reservation given without it takes it back, with its headroom, and as an event", async () => {
    const { actions, ask, guardian, ledger, spent, time } = start();
    await ask("w", "10");
    time.now += VALID_MS - 1;
    const answer = await guardian.evaluate(request, "LOW", { finalize: refuse });
    expect([answer.final, answer.record]).toEqual([false, { spoke: "no" }]);
    expect([await spent(), actions()]).toEqual(["0", ["allow_revoked"]]);
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "open", counts: "nothing" });
  });
});
