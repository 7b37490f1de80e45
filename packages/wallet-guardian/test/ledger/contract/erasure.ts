/** Contract of a ledger: personal data that is erased, and what every rule makes of the rest. */
import type { GuardianDecision, JsonObject } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  appendLeaves,
  createMemoryHashStore,
  createMemorySaltStore,
  ErasureError,
  type ErasureOrder,
  erasePersonalData,
  recordPages,
  saltedLeafHash,
  verifyRecords,
} from "../../../src/adapters/audit/index.js";
import { createGuardian, type Guardian, type ScopeView } from "../../../src/index.js";
import { type Ledger, MAX_LISTED_RECORDS } from "../../../src/ports.js";
import { type Calls, reads, TXID } from "./fixtures.js";

const START_MS = 1_782_664_805_000;
const POLICY = {
  max_24h: "10",
  cooldown_seconds: 0,
  limits: { account: { max_24h: "5" } },
  new_destination_seconds: 60,
  new_destination_free: "100",
  destination_lookalikes: true,
} as const;
const ALICE = "dgb1qalicexxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxlice";
const BOB = "dgb1qbobxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxbobb";

const withdrawal = (id: string, account: string, address: string, amount = "1") => ({
  ...{ withdrawal_id: id, account_id: account, amount, max_fee: "0.1" },
  destinations: [{ address, amount: String(Number(amount) - 0.1) }],
});

/** The option that records the request with its decision, as the service does. */
const recorded = (asked: JsonObject) => ({
  finalize: (guardian: GuardianDecision) => ({
    allow: true,
    record: JSON.parse(JSON.stringify({ withdrawal: asked, guardian })) as JsonObject,
  }),
});

/** A tree over all that a ledger has. */
async function treeOver(ledger: Ledger) {
  const [hashes, salts] = [createMemoryHashStore(), createMemorySaltStore()];
  const records = await ledger.records(0, MAX_LISTED_RECORDS);
  const own = records.map((_, at) => (at + 1).toString(16).padStart(64, "5a"));
  await salts.append(0, own);
  await appendLeaves(
    hashes,
    0,
    records.map((record, at) => saltedLeafHash(record, own[at] ?? null)),
  );
  return { hashes, salts, size: records.length, records };
}

/** Declares this part of the suite. */
export function describeErasure({ ledger, write, look }: Calls): void {
  describe("redactions", () => {
    const records = [1, 2].map((n) => ({ kind: "decision" as const, json: `{"n":${n}}` }));
    const all = async () => (await ledger().records(0, 10)).map(({ record }) => record);

    it("replace the text of a record, under its number, time and kind", async () => {
      await write({ records });
      const [before] = await ledger().records(0, 1);
      await write({ redactions: [{ seq: 1, was: { n: 1 }, json: '{"n":"😀\\u0000"}' }] });
      expect(await ledger().records(0, 1)).toEqual([{ ...before, record: { n: "😀\u0000" } }]);
      expect(await all()).toEqual([{ n: "😀\u0000" }, { n: 2 }]);
    });

    it.each([
      ["was changed meanwhile", { seq: 2, was: { n: 1 } }],
      ["is not there", { seq: 3, was: { n: 3 } }],
    ])("of a record that %s are refused, and nothing of the step is written", async (_, wrong) => {
      await write({ records });
      const redactions = [
        { seq: 1, was: { n: 1 }, json: "{}" },
        { ...wrong, json: "{}" },
      ];
      const step = write({ redactions, records, forgotten: ["account:x"] });
      await expect(step).rejects.toMatchObject({ code: "ledger_busy" });
      expect(await all()).toEqual([{ n: 1 }, { n: 2 }]);
      // The ledger works on.
      await write({ records });
      expect(await all()).toHaveLength(4);
    });
  });

  describe("destinations of an owner that are forgotten", () => {
    it("are new again, look like nothing, and are those of no other owner", async () => {
      const of = (owner: string, script: string) => ({ owner, script, shape: "abcdwxyz" });
      const known = { known_at_ms: 1, approved: true, lookalike: false, free_used: 0n };
      const all = [of("account:x", "a"), of("account:x", "b"), of("account:xy", "a")];
      await write({ destinations: all.map((one) => ({ ...one, ...known })) });
      await write({ forgotten: ["account:x"] });
      const { destinations } = await look(reads({ destinations: all }));
      expect(destinations.map(({ stored }) => stored !== null)).toEqual([false, false, true]);
      expect(destinations.map(({ has_lookalike }) => has_lookalike)).toEqual([false, false, false]);
    });
  });

  describe("personal data", () => {
    const guardianOf = (): Guardian =>
      createGuardian({ policy: POLICY, ledger: ledger(), clock: () => START_MS });
    const order = (whose: ErasureOrder["whose"]): ErasureOrder => ({
      ...{ whose, operator: "ann", reason: "request" },
      now_ms: START_MS,
    });
    let made = 0;
    const random = () => (++made).toString(16).padStart(64, "ab");

    /** Two payments of alice, one of bob, and one of both. */
    async function pay(): Promise<void> {
      const guardian = guardianOf();
      const one = (id: string, account: string, address: string) => {
        const asked = { ...withdrawal(id, account, address), wallet_id: "h" };
        // One is recorded without the request, as the guardian does by itself.
        return guardian.evaluate(asked, "LOW", id === "w-2" ? {} : recorded(asked));
      };
      for (const [id, account, address] of [
        ["w-1", "alice", ALICE],
        ["w-2", "alice", ALICE],
        ["w-3", "bob", BOB],
      ] as const)
        expect((await one(id, account, address)).decision).toBe("ALLOW");
      const payouts = [withdrawal("a", "alice", ALICE), withdrawal("b", "bob", BOB)];
      const asked = { payment_id: "p-1", wallet_id: "h", payouts };
      const both = await guardian.evaluate(asked, "LOW", recorded(asked));
      expect(both.decision).toBe("ALLOW");
      for (const [at, id] of ["w-1", "w-2", "w-3", "p-1"].entries())
        expect((await guardian.commit(id, { txid: `${at}${TXID.slice(1)}` })).accepted).toBe(true);
    }

    const texts = async () => JSON.stringify(await ledger().records(0, MAX_LISTED_RECORDS));

    it("of an account goes from records and rows, the tree verifies, and its windows still count", async () => {
      await pay();
      const { hashes, salts, size } = await treeOver(ledger());
      const parts = { ledger: ledger(), salts, tree_size: size, tree_grows: true, random };
      const before = await guardianOf().account("alice");
      const checked = await erasePersonalData(parts, {
        ...order({ account_id: "alice" }),
        check: true,
      });
      expect(await texts()).toContain(ALICE);
      const erased = await erasePersonalData(parts, order({ account_id: "alice" }));
      expect(erased).toEqual({ ...checked, frozen: true });
      expect(erased).toMatchObject({ rows: 4, unsalted: 0, leftover_salts: 0 });
      expect(await texts()).not.toMatch(new RegExp(`alice|${ALICE}`));
      expect(await texts()).toContain(BOB);
      for (const id of ["w-1", "w-2", "a", "p-1"])
        expect((await ledger().withdrawal(id))?.state ?? "").not.toContain(ALICE);
      const verified = await verifyRecords({
        identity: await ledger().identity(),
        ...{ pages: recordPages(ledger()), store: hashes, salts, checkpoints: [] },
      });
      expect(verified.findings).toEqual([]);
      expect(verified.erased).toBe(erased.records);
      const after = await guardianOf().account("alice");
      expect(after).toMatchObject({ windows: (before as ScopeView).windows });
      expect(await erasePersonalData(parts, order({ account_id: "alice" }))).toMatchObject({
        ...{ records: 0, leftover_salts: 0, frozen: false },
      });
    });

    it("loosens nothing: the account is frozen, its destination new again, and its ids taken", async () => {
      await pay();
      const salts = createMemorySaltStore();
      const parts = { ledger: ledger(), salts, tree_size: 0, tree_grows: false, random };
      await erasePersonalData(parts, order({ account_id: "alice" }));
      const guardian = guardianOf();
      const again = { ...withdrawal("w-1", "alice", ALICE), wallet_id: "h" };
      const taken = await guardian.evaluate(again, "LOW");
      expect([taken.decision, taken.reason_codes[0]]).toEqual(["REJECT", "content_changed"]);
      const next = { ...withdrawal("w-9", "alice", ALICE), wallet_id: "h" };
      const refused = await guardian.evaluate(next, "LOW");
      expect(refused).toMatchObject({ decision: "REJECT" });
      expect(refused.reason_codes).toContain("wallet_frozen");
      const more = { ...withdrawal("w-8", "alice", ALICE, "4"), wallet_id: "h" };
      expect((await guardian.evaluate(more, "LOW")).reason_codes).toContain("daily_limit");
      // Bob goes on as before.
      const bob = { ...withdrawal("w-7", "bob", BOB), wallet_id: "h" };
      expect((await guardian.evaluate(bob, "LOW")).decision).toBe("ALLOW");
      const lifted = await guardian.unfreeze("account", "alice", {
        ...{ operator: "ann", reason: "r" },
      });
      expect(lifted.reason_codes).toEqual(["operator_freeze"]);
    });

    it("of one payment goes with everyone's, and a second transaction of it is still noticed", async () => {
      await pay();
      const { hashes, salts, size } = await treeOver(ledger());
      const parts = { ledger: ledger(), salts, tree_size: size, tree_grows: true, random };
      const erased = await erasePersonalData(parts, order({ payment_id: "p-1" }));
      expect(erased).toMatchObject({ rows: 3, frozen: false });
      const [first] = (await ledger().records(0, MAX_LISTED_RECORDS)).filter(({ record }) =>
        JSON.stringify(record).includes('"p-1"'),
      );
      expect(JSON.stringify(first)).not.toMatch(/alice|bob|dgb1q/);
      expect(await texts()).toContain(ALICE);
      const verified = await verifyRecords({
        identity: await ledger().identity(),
        ...{ pages: recordPages(ledger()), store: hashes, salts, checkpoints: [] },
      });
      expect(verified).toMatchObject({ findings: [], erased: erased.records });
      const second = await guardianOf().commit("p-1", { txid: TXID });
      expect(second.reason_codes).toEqual(["double_payment"]);
      await expect(erasePersonalData(parts, order({ payment_id: "a" }))).rejects.toMatchObject({
        code: "part_of_payment",
      });
    });

    it("of a payment that may still be signed stays, and so does everything else", async () => {
      await pay();
      const open = { ...withdrawal("w-5", "alice", ALICE), wallet_id: "h" };
      expect((await guardianOf().evaluate(open, "LOW", recorded(open))).decision).toBe("ALLOW");
      const before = await texts();
      const parts = { ledger: ledger(), salts: null, tree_size: 0, tree_grows: false, random };
      const refused = erasePersonalData(parts, order({ account_id: "alice" }));
      await expect(refused).rejects.toMatchObject({ code: "unsettled" });
      await expect(refused).rejects.toThrow(ErasureError);
      expect(await texts()).toBe(before);
    });

    it("of records that are not in a growing tree, or were entered without salts, stays", async () => {
      await pay();
      const { salts, size } = await treeOver(ledger());
      const parts = { ledger: ledger(), salts, tree_size: size - 1, tree_grows: true, random };
      const whose = { payment_id: "p-1" };
      await expect(
        erasePersonalData({ ...parts, tree_size: 1 }, order(whose)),
      ).rejects.toMatchObject({ code: "not_in_tree" });
      const before = await texts();
      const plain = { ...parts, salts: createMemorySaltStore(), tree_size: size };
      expect(await erasePersonalData(plain, { ...order(whose), check: true })).toMatchObject({
        records: 0,
        unsalted: 1,
      });
      expect(await texts()).toBe(before);
    });

    it("is erased by the same order again where the salts were left by an interruption", async () => {
      await pay();
      const { hashes, salts, size } = await treeOver(ledger());
      const broken = { ...salts, erase: () => Promise.reject(new Error("killed")) };
      const parts = { ledger: ledger(), salts, tree_size: size, tree_grows: true, random };
      const whose = { account_id: "bob" };
      await expect(erasePersonalData({ ...parts, salts: broken }, order(whose))).rejects.toThrow(
        "killed",
      );
      const verify = async () =>
        verifyRecords({
          identity: await ledger().identity(),
          ...{ pages: recordPages(ledger()), store: hashes, salts, checkpoints: [] },
        });
      const { findings, erased } = await verify();
      expect(findings).toEqual([]);
      expect(erased).toBeGreaterThan(0);
      const again = await erasePersonalData(parts, order(whose));
      expect(again).toMatchObject({ records: 0, leftover_salts: erased });
      expect((await verify()).findings).toEqual([]);
      expect(await erasePersonalData(parts, order(whose))).toMatchObject({ leftover_salts: 0 });
    });
  });
}
