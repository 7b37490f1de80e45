/** What `finalize` is told of a payment's history, on every ledger (design, section 7: behaviour, destinations). */
import { describe, expect, it } from "vitest";
import {
  createGuardian,
  type FinalizeFacts,
  type Guardian,
  type GuardianPolicyInput,
  type Ledger,
  type OutsidePayment,
  parsePolicy,
  pruneLedger,
} from "../../src/index.js";
import { ORDER, START_MS, TXID } from "../support/guardian.js";
import { MEMORIES, txid } from "../support/life.js";
import { newPostgresLedger } from "../support/postgres.js";

const DAY = 86_400_000;
const LEDGERS = [...MEMORIES, ["postgres", newPostgresLedger] as const];
const POLICY: GuardianPolicyInput = { max_24h: "100000", claim: "explicit" };

/** A guardian that judges behaviour and keeps destinations, and what its hook was told last. */
function judge(ledger: Ledger, more: object = { judgeBehaviour: true, trackDestinations: true }) {
  const time = { now: START_MS };
  const guardian: Guardian = createGuardian({
    ...{ policy: POLICY, ledger, clock: () => time.now },
    ...more,
  });
  const ask = async (withdrawal_id: string, amount: string, fields: object = {}) => {
    let told: FinalizeFacts | undefined;
    const answer = await guardian.evaluate(
      { withdrawal_id, wallet_id: "hot", amount, ...fields },
      "LOW",
      {
        finalize: (_decision, facts) => {
          told = facts;
          return { allow: true, record: {} };
        },
      },
    );
    return { answer, told };
  };
  return { guardian, time, ask };
}

/** Ten payments of 10 coins, one a day, the last one two days ago. */
const history = (account_id: string): readonly OutsidePayment[] =>
  Array.from({ length: 10 }, (_, i) => ({
    ...{ withdrawal_id: `${account_id}-${i}`, wallet_id: "hot", account_id, amount: "10" },
    ...{ paid_at_ms: START_MS - (i + 2) * DAY + 1, txid: txid(i) },
    destinations: [{ address: `address-of-${account_id}`, amount: "10" }],
  }));

const ada = { account_id: "ada" };
const to = (address: string, amount: string) => ({ destinations: [{ address, amount }] });

describe.each(LEDGERS)(
  "a judged payment on the %s ledger",
  { timeout: 60_000 },
  (_name, create) => {
    it("is compared with what left its account, of payments that are reserved, claimed and committed", async () => {
      const ledger = create();
      const { guardian, ask, time } = judge(ledger);
      await guardian.importPayments(history("ada"), ORDER);
      expect((await ask("w-1", "20", ada)).told?.behaviour_score).toBe(1);
      expect((await ask("w-2", "30", ada)).told?.behaviour_score).toBe(2.5);
      // Reserved for a minute: 20 + 30 of 2 × 10.
      expect((await ask("w-3", "0.00000001", ada)).told?.behaviour_score).toBe(2.51);
      // Its own reservation is no part of what left before.
      expect((await ask("w-2", "30", ada)).told?.behaviour_score).toBe(2.51);
      expect(await guardian.release("w-2", { reason: "r" })).toMatchObject({ accepted: true });
      expect((await ask("w-4", "20", ada)).told?.behaviour_score).toBe(2.01);
      await guardian.claim("w-4", { signer_id: "s", risk: "LOW" });
      await guardian.commit("w-4", { txid: TXID });
      time.now += 3_600_000;
      // What was only reserved has lapsed; what was paid counts.
      expect((await ask("w-5", "20", ada)).told?.behaviour_score).toBe(2);
      await ledger.close();
    });

    it("is neutral for another account, and the worst of its accounts counts", async () => {
      const ledger = create();
      const { guardian, ask } = judge(ledger);
      await guardian.importPayments(history("ada"), ORDER);
      expect((await ask("w-1", "5000", { account_id: "new" })).told?.behaviour_score).toBe(1);
      const batch = {
        payment_id: "p-1",
        wallet_id: "hot",
        payouts: [
          { withdrawal_id: "b-1", account_id: "new", amount: "1" },
          { withdrawal_id: "b-2", account_id: "ada", amount: "40" },
          { withdrawal_id: "b-3", account_id: "ada", amount: "40" },
        ],
      };
      let score: number | undefined;
      await guardian.evaluate(batch, "LOW", {
        finalize: (_decision, facts) => {
          score = facts.behaviour_score;
          return { allow: true, record: {} };
        },
      });
      expect(score).toBe(4);
      // Without an account the wallet's history counts: 5,000 and 81 left today, 10 a day before.
      expect((await ask("w-2", "19", {})).told?.behaviour_score).toBe(255);
      await ledger.close();
    });

    it("has the age of its youngest destination, of its own account alone; what is new, or named by no one, is 0", async () => {
      const ledger = create();
      const { guardian, ask, time } = judge(ledger);
      await guardian.importPayments(history("ada"), ORDER);
      const age = async (id: string, fields: object) =>
        (await ask(id, "1", fields)).told?.destination_age_ms;
      const known = to("address-of-ada", "1");
      expect(await age("w-1", { ...ada, ...known })).toBe(11 * DAY - 1);
      expect(await age("w-2", { ...known, account_id: "eve" })).toBe(0);
      expect(await age("w-3", { ...ada })).toBe(0);
      expect(await age("w-4", { ...ada, ...to("fresh", "1") })).toBe(0);
      time.now += DAY;
      expect(await age("w-5", { ...ada, ...to("fresh", "1") })).toBe(DAY);
      const two = [
        { address: "address-of-ada", amount: "0.5" },
        { address: "fresh", amount: "0.5" },
      ];
      expect(await age("w-6", { ...ada, destinations: two })).toBe(DAY);
      await guardian.registerDestination({ ...ada, address: "ahead" });
      time.now += 5;
      expect(await age("w-7", { ...ada, ...to("ahead", "1") })).toBe(5);
      await ledger.close();
    });

    it("has neither where nothing judges", async () => {
      const ledger = create();
      const { ask } = judge(ledger, {});
      expect((await ask("w-1", "1", { ...ada, ...to("a", "1") })).told).toEqual({});
      await ledger.close();
    });
  },
);

describe.each(MEMORIES)("behaviour after pruning, on the %s ledger", (_name, create) => {
  it("is the same where its sums are kept", async () => {
    const ledger = create();
    const { guardian, ask } = judge(ledger);
    await guardian.importPayments(history("ada"), ORDER);
    const before = await ask("w-1", "50", ada);
    const prune = { ...ORDER, now_ms: START_MS, policies: [parsePolicy(POLICY)] };
    await pruneLedger(ledger, { ...prune, keep_behaviour: true });
    expect((await ask("w-1", "50", ada)).told).toEqual(before.told);
    expect(before.told?.behaviour_score).toBe(2.5);
    await ledger.close();
  });
});

describe("the options of a guardian that judges", () => {
  it.each([["judgeBehaviour"], ["trackDestinations"]])("refuse a %s that is no flag", (name) => {
    for (const value of ["true", 1, null, {}])
      expect(() => judge(MEMORIES[0]![1](), { [name]: value })).toThrow("give true or false");
  });
});
