import { EARLIEST_TIME_MS, guardianDecisionSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { decisionOf } from "../../src/index.js";
import { askAnything, harness, START_MS } from "../support/guardian.js";
import { LEDGERS } from "../support/ledgers.js";
import { MALFORMED, VALID } from "../support/malformed.js";

const WRONG_RISKS: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["lower case", "low"],
  ["a space after", "LOW "],
  ["of another scale", "CRITICAL"],
  ["a number", 0],
  ["an array", ["LOW"]],
  ["an object", { toString: () => "LOW" }],
  ["a boxed text", Object("LOW")],
  ["a property of every object", "constructor"],
];

describe.each(LEDGERS)("bad input on the %s ledger", (_name, createLedger) => {
  const policy = { max_per_tx: "100", max_24h: "1000" };
  const { guardian, ledger, events } = harness(policy, createLedger());
  const early = harness(policy, ledger);
  early.time.now = EARLIEST_TIME_MS;

  let seq = 0;

  /** Records of the decisions alone were written: no row, no freeze, not even the time. */
  async function expectRecordsAlone(count: number, path: string): Promise<void> {
    const records = await ledger.records(seq, 10);
    seq += records.length;
    expect(records.map(({ kind }) => kind)).toEqual(Array(count).fill("decision"));
    for (const { record } of records) {
      expect(record).toMatchObject({ record_version: 2, decision: { decision: "REJECT", path } });
      expect(record).not.toHaveProperty("payment");
    }
    expect(await ledger.withdrawal("w")).toBeNull();
    // At the beginning of time, so that a stored time would show.
    expect(await early.guardian.wallet("a")).toMatchObject({
      as_of_ms: EARLIEST_TIME_MS,
      frozen: false,
      globally_frozen: false,
      freezes: [],
      windows: [{ spent_count: 0, requested_count: 0 }],
      last_allow_ms: null,
      attempts: 0,
    });
  }

  it.each(MALFORMED)("refuses %s and records just that", async (_what, withdrawal, path) => {
    for (const risk of ["LOW", "HIGH"]) {
      const answer = await askAnything(guardian, withdrawal, risk);
      const { final, detail } = answer;
      const decision = decisionOf(answer);
      expect(detail).toMatch(/^(the whole|\/[^:]*): .+; .+$/s);
      expect(decision).toMatchObject({
        decision: "REJECT",
        reason_codes: ["invalid_withdrawal"],
        path,
        decided_at_ms: START_MS,
      });
      expect([final, guardianDecisionSchema.safeParse(decision).success]).toEqual([false, true]);
    }
    await expectRecordsAlone(2, path);
  });

  it.each(WRONG_RISKS)("refuses a risk that is %s and records just that", async (_what, risk) => {
    expect(await askAnything(guardian, VALID, risk)).toMatchObject({
      decision: "REJECT",
      reason_codes: ["invalid_risk"],
      path: "/risk",
      risk: null,
      final: false,
    });
    await expectRecordsAlone(1, "/risk");
  });

  it("names both faults where both are bad, and the withdrawal's path", async () => {
    expect(await askAnything(guardian, { ...VALID, amount: "0" }, "NONE")).toMatchObject({
      reason_codes: ["invalid_withdrawal", "invalid_risk"],
      path: "/amount",
      withdrawal_id: "w",
      wallet_id: "a",
    });
    await expectRecordsAlone(1, "/amount");
    expect(events).toEqual([]);
  });
});
