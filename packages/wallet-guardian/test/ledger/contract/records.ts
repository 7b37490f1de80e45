/** Contract of a ledger: records, listings of payments, identity, and the end of service. */
import { describe, expect, it } from "vitest";
import { RECORD_KINDS, type StoredWithdrawal } from "../../../src/ports.js";
import { type Calls, NOTHING, payment, reads, stored, TXID } from "./fixtures.js";

/** Declares this part of the suite. */
export function describeRecords({ ledger, write, put, look }: Calls): void {
  describe("records", () => {
    it("of every kind are appended in order, several in one transaction, and paged through", async () => {
      const recordsOf = (n: number) =>
        RECORD_KINDS.map((kind) => ({ kind, json: JSON.stringify({ n, kind, ä: "😀\u0000" }) }));
      await write({ records: recordsOf(1) }, reads({ now_ms: 10 }));
      await write({ records: recordsOf(2) }, reads({ now_ms: 20 }));
      const expected = [1, 2].flatMap((n) =>
        RECORD_KINDS.map((kind, index) => ({
          seq: (n - 1) * RECORD_KINDS.length + index + 1,
          at_ms: n * 10,
          kind,
          record: { n, kind, ä: "😀\u0000" },
        })),
      );
      expect(await ledger().records(0, 1_000)).toEqual(expected);
      expect(await ledger().records(0, 2)).toEqual(expected.slice(0, 2));
      expect(await ledger().records(3, 4)).toEqual(expected.slice(3, 7));
      expect(await ledger().records(expected.length, 10)).toEqual([]);
    });

    it("are not numbered by a step that failed", async () => {
      const failing = ledger().transact(reads(), () => {
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow();
      await write({ records: [{ kind: "decision", json: "{}" }] });
      expect((await ledger().records(0, 10)).map(({ seq }) => seq)).toEqual([1]);
    });
  });

  describe("unsettled payments", () => {
    it("are the reserved and claimed ones, heads and withdrawals of their own, in the order of their ids", async () => {
      const reserved = { status: "reserved", counts: "reserved", counted_at_ms: 2_000 } as const;
      const batch = payment("m", [
        { id: "a-payout", account: "x", amount: 1n },
        { id: "z-payout", account: "y", amount: 2n },
      ]);
      await put(...batch);
      const rows = [stored("\ufffd", reserved), stored("😀"), stored("b"), stored("c", reserved)];
      await put(...rows);
      await put(
        stored("committed", { status: "committed", txid: TXID }),
        stored("released", NOTHING),
        stored("open", { status: "open", counts: "asked" }),
      );
      const expected = [stored("b"), stored("c", reserved), batch[0], rows[0], rows[1]];
      expect(await ledger().unsettled("", 1_000)).toEqual(expected);
      const paged: StoredWithdrawal[] = [];
      for (;;) {
        const page = await ledger().unsettled(paged.at(-1)?.withdrawal_id ?? "", 2);
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(2);
        paged.push(...page);
      }
      expect(paged).toEqual(expected);
    });

    it("are listed no more once they are settled, and again where they are claimed anew", async () => {
      const ids = async () => (await ledger().unsettled("", 10)).map((row) => row.withdrawal_id);
      await put(stored("w"));
      expect(await ids()).toEqual(["w"]);
      await put(stored("w", NOTHING));
      expect(await ids()).toEqual([]);
      await put(stored("w"));
      expect(await ids()).toEqual(["w"]);
    });
  });

  describe("identity", () => {
    it("is 32 hexadecimal digits and an epoch, the same at each call", async () => {
      const identity = await ledger().identity();
      expect(identity.ledger_id).toMatch(/^[0-9a-f]{32}$/);
      expect(identity.epoch).toBe(1);
      await put(stored("w"));
      expect(await ledger().identity()).toEqual(identity);
    });
  });

  describe("a closed ledger", () => {
    it("refuses to serve", async () => {
      await ledger().close();
      const refused = { code: "ledger_unavailable" };
      await expect(ledger().withdrawal("w")).rejects.toMatchObject(refused);
      await expect(look(reads())).rejects.toMatchObject(refused);
      await expect(ledger().records(0, 1)).rejects.toMatchObject(refused);
      await expect(ledger().frozen("", 1)).rejects.toMatchObject(refused);
      await expect(ledger().unsettled("", 1)).rejects.toMatchObject(refused);
    });
  });
}
