import type { ShieldEvent } from "@dgb-shield/contract";
import { createMemoryLedger, LedgerError, type Ledger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { calmSite, REQUEST } from "../support/site.js";

const UNTRUSTED = { ...REQUEST, trusted_device: false };

/** A site that keeps its events, over a ledger whose transactions go as `transact` says. */
function listening(transact?: (inner: Ledger) => Ledger["transact"]) {
  const seen: ShieldEvent[] = [];
  const inner = createMemoryLedger();
  const ledger = transact === undefined ? inner : { ...inner, transact: transact(inner) };
  const made = calmSite({ ledger, events: { emit: (event) => void seen.push(event) } });
  const ofQwg = () => seen.filter(({ layer }) => layer === "quantum_wallet_guard");
  return { ...made, ofQwg };
}

describe("decideWithdrawal, events", () => {
  it("emits one event for a recorded decision", async () => {
    const { pipeline, ofQwg } = listening();
    const { record } = await pipeline.decideWithdrawal(UNTRUSTED);
    expect(ofQwg()).toHaveLength(1);
    expect(ofQwg()[0]).toMatchObject({
      action: record.result.decision,
      extra: { reason_id: record.result.reason_id },
    });
  });

  it("emits none of a decision whose transaction failed at its commit", async () => {
    const { pipeline, ofQwg } = listening(
      (inner) => (reads, decide) =>
        inner.transact(reads, (snapshot) => {
          decide(snapshot);
          throw new LedgerError("ledger_busy", "commit failed");
        }),
    );
    const { recorded, final } = await pipeline.decideWithdrawal(UNTRUSTED);
    expect([recorded, final]).toEqual([false, false]);
    expect(ofQwg()).toEqual([]);
  });

  it("emits one of a decision that the ledger asked for twice", async () => {
    const { pipeline, ofQwg } = listening(
      (inner) => (reads, decide) =>
        inner.transact(reads, (snapshot) => {
          decide(snapshot);
          return decide(snapshot);
        }),
    );
    await pipeline.decideWithdrawal(UNTRUSTED);
    expect(ofQwg()).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken")) as never],
  ])("decides the same with a sink that %s", async (_, emit) => {
    const made = calmSite({ events: { emit } });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    expect(
      (await made.pipeline.decideWithdrawal({ ...UNTRUSTED, withdrawal_id: "w-2" })).final,
    ).toBe(false);
  });
});
