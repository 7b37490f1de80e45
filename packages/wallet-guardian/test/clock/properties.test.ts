/** Properties over any sequence of clock readings: steps, jumps, seconds for milliseconds, drift, pauses (design, section 7: clocks). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createGuardian, createMemoryLedger, type GuardianPolicyInput } from "../../src/index.js";
import { START_MS } from "../support/guardian.js";

const WINDOW_MS = 600_000;
const LIMIT = 10;
const SKEW_MS = 5_000;
const ORDER = { operator: "ann", reason: "checked" };

/** What a wrong clock reads when the true time is `trueMs`. */
type Wrong = Readonly<{ kind: "right" | "offset" | "seconds" | "micros" | "broken"; by: number }>;

const wrong: fc.Arbitrary<Wrong> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Wrong>({ kind: "right", by: 0 }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("offset" as const),
      by: fc.oneof(
        fc.integer({ min: -8_000, max: 8_000 }),
        fc.integer({ min: -90_000_000, max: 90_000_000 }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("seconds" as const, "micros" as const, "broken" as const),
      by: fc.constant(0),
    }),
  },
);

const reading = ({ kind, by }: Wrong, trueMs: number): number => {
  if (kind === "seconds") return Math.floor(trueMs / 1_000);
  if (kind === "micros") return trueMs * 1_000;
  if (kind === "broken") return NaN;
  return trueMs + by;
};

const step = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 2 * WINDOW_MS })),
  wrong,
  units: fc.integer({ min: 1, max: 6 }),
  /** A restart loses where the clocks stood. */
  restart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  risk: fc.constantFrom("LOW" as const, "LOW" as const, "MEDIUM" as const),
});
const steps = fc.array(step, { maxLength: 40 });

const policy: GuardianPolicyInput = {
  windows: [{ seconds: WINDOW_MS / 1_000, max_amount: String(LIMIT) }],
  persistent_attempts: { count: 1_000, seconds: 1 },
};

/** A guardian whose clocks follow the true time, wrongly at times; restarts keep the ledger. */
function world() {
  const ledger = createMemoryLedger();
  const time = { trueMs: START_MS, wrong: { kind: "right", by: 0 } as Wrong };
  const make = () =>
    createGuardian({
      policy,
      ledger,
      clock: () => reading(time.wrong, time.trueMs),
      monotonic: () => time.trueMs - START_MS,
    });
  return { ledger, time, make };
}

describe("whatever the clock reads", () => {
  it("no limit is exceeded in any true window, while both clocks run on one process", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { time, make } = world();
        const guardian = make();
        const allowed: { at: number; units: number }[] = [];
        for (const [n, { wait, wrong, units }] of history.entries()) {
          time.trueMs += wait;
          time.wrong = wrong;
          const request = { withdrawal_id: `w-${n}`, wallet_id: "hot", amount: String(units) };
          const { final } = await guardian.evaluate(request, "LOW");
          if (final) allowed.push({ at: time.trueMs, units });
        }
        for (const { at } of allowed) {
          // A clock may be wrong by the skew, once, and by 500 ppm of what has passed.
          const slack = SKEW_MS + 500e-6 * (at - START_MS);
          const inWindow = allowed.filter(
            (entry) => entry.at <= at && at - entry.at < WINDOW_MS - 2 * slack,
          );
          const spent = inWindow.reduce((sum, { units }) => sum + units, 0);
          expect(spent).toBeLessThanOrEqual(LIMIT);
        }
      }),
      { numRuns: runs(80, 300) },
    );
  });

  it("no state gets milder by a wrong reading: a freeze and a full window hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (history) => {
        const { time, make } = world();
        const guardian = make();
        const ask = (withdrawal_id: string, wallet_id: string) =>
          guardian.evaluate({ withdrawal_id, wallet_id, amount: String(LIMIT) }, "LOW");
        await guardian.freeze("wallet", "frozen", ORDER);
        await ask("first", "full");
        for (const [n, { wrong }] of history.entries()) {
          // no true time passes, whatever the clock reads
          time.wrong = wrong;
          const answers = [await ask(`f-${n}`, "frozen"), await ask(`w-${n}`, "full")];
          for (const { final, decision } of answers) {
            expect([final, decision === "ALLOW"]).toEqual([false, false]);
          }
        }
      }),
      { numRuns: runs(50, 200) },
    );
  });

  it("an ALLOW is valid for no longer than the policy has it, by the true clock", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { time, make } = world();
        let guardian = make();
        for (const { wait, wrong, restart } of history) {
          time.trueMs += wait;
          time.wrong = wrong;
          if (restart) guardian = make();
          const request = { withdrawal_id: "same", wallet_id: "hot", amount: "1" };
          const answer = await guardian.evaluate(request, "LOW");
          if (!answer.final) continue;
          expect(answer.valid_for_ms).toBeGreaterThan(0);
          expect(answer.valid_for_ms).toBeLessThanOrEqual(60_000 + SKEW_MS);
        }
      }),
      { numRuns: runs(50, 200) },
    );
  });

  it("the wallet works after acceptClock: what is held leaves within its own time", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { time, make, ledger } = world();
        let guardian = make();
        for (const [n, { wait, wrong, units, restart, risk }] of history.entries()) {
          time.trueMs += wait;
          time.wrong = wrong;
          if (restart) guardian = make();
          const request = { withdrawal_id: `w-${n}`, wallet_id: "hot", amount: String(units) };
          await guardian.evaluate(request, risk);
        }
        time.wrong = { kind: "right", by: 0 };
        expect(await guardian.acceptClock(ORDER)).toMatchObject({ accepted: true });
        await guardian.unfreeze("wallet", "hot", ORDER);
        const replica = make();
        const ask = (id: string, amount: string) =>
          replica.evaluate({ withdrawal_id: id, wallet_id: "hot", amount }, "LOW");
        const now = await ask("now", String(LIMIT));
        expect(now.reason_codes).not.toContain("clock_untrusted");
        // what is counted is dated at the last moment at which a claim of any policy could be signed: a day, and the skew
        const longest = WINDOW_MS + 86_400_000 + 5_000;
        if (!now.final) expect(now.retry_after_ms).toBeLessThanOrEqual(longest);
        time.trueMs += longest;
        expect((await ask("later", String(LIMIT))).final).toBe(true);
        time.trueMs += longest;
        expect((await ask("last", String(LIMIT))).final).toBe(true);
        expect((await ledger.records(0, 1_000)).some(({ kind }) => kind === "clock_accepted")).toBe(
          true,
        );
      }),
      { numRuns: runs(50, 200) },
    );
  });
});
