/** Claims that are rejected before anything is read leave a record too, and a state that cannot be read is in the log. */
import { describe, expect, it } from "vitest";
import {
  type ClaimOptions,
  createGuardian,
  createMemoryLedger,
  type Ledger,
  type LogEntry,
} from "../../src/index.js";

const START_MS = 1_782_664_805_000;
const policy = { max_24h: "10", claim: "explicit" } as const;
const claim = { signer_id: "s", risk: "LOW" } as const;
const payouts = [{ withdrawal_id: "w", amount: "1" }];

describe("a claim", () => {
  it.each<[string, string, unknown]>([
    ["of an unknown id", "nothing", claim],
    ["of a payout", "w", claim],
    ["without a signer", "p", { risk: "LOW" }],
    ["with a risk that is none", "p", { ...claim, risk: "NONE" }],
  ])("%s is refused, and recorded", async (_, id, options) => {
    const ledger = createMemoryLedger();
    const guardian = createGuardian({ policy, ledger, clock: () => START_MS });
    await guardian.evaluate({ payment_id: "p", wallet_id: "h", payouts }, "LOW");
    const before = (await ledger.records(0, 100)).length;
    const answer = await guardian.claim(id, options as ClaimOptions);
    expect(answer.decision).toBe("REJECT");
    const made = (await ledger.records(before, 100)).map(({ kind, record }) => ({
      kind,
      ...record,
    }));
    expect(made).toMatchObject([{ kind: "claim", reason_codes: answer.reason_codes }]);
  });

  it("is recorded with what the finalize hook made, and the decision's record stays with the payment", async () => {
    const ledger = createMemoryLedger();
    const guardian = createGuardian({ policy, ledger, clock: () => START_MS });
    const decided = () => ({ allow: true, record: { asked: "ten" } });
    await guardian.evaluate({ payment_id: "p", wallet_id: "h", payouts }, "LOW", {
      finalize: decided,
    });
    for (const allow of [false, true, true]) {
      const finalize = () => ({ allow, record: { evidence: allow } });
      await guardian.claim("p", { ...claim, finalize });
    }
    const records = await ledger.records(0, 100);
    expect(
      records.filter(({ kind }) => kind === "claim").map(({ record }) => record["made"]),
    ).toEqual([{ evidence: false }, { evidence: true }, { evidence: true }]);
    expect((await ledger.withdrawal("p"))?.state).toContain('{"asked":"ten"}');
  });

  it("of a payment whose state cannot be read is rejected, and the log names it", async () => {
    const inner = createMemoryLedger();
    let isDamaged = false;
    const ledger: Ledger = {
      ...inner,
      transact: (reads, decide) =>
        inner.transact(reads, (snapshot) => {
          const damaged = snapshot.withdrawals.map((row) => row && { ...row, state: "[]x" });
          return decide(isDamaged ? { ...snapshot, withdrawals: damaged } : snapshot);
        }),
    };
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry) => entries.push(entry);
    const guardian = createGuardian({ policy, ledger, clock: () => START_MS, log });
    const request = { withdrawal_id: "a", wallet_id: "h", amount: "1" };
    await guardian.evaluate(request, "LOW");
    isDamaged = true;
    for (const answer of [
      await guardian.claim("a", claim),
      await guardian.evaluate(request, "LOW"),
    ]) {
      expect([answer.decision, answer.reason_codes]).toEqual(["REJECT", ["ledger_unavailable"]]);
    }
    expect(entries.map(({ detail }) => detail)).toEqual(
      Array(2).fill("a stored state is no JSON object"),
    );
  });
});
