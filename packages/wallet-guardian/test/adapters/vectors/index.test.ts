import { inputBytes, judge } from "@dgb-shield/contract/vectors";
import { describe, expect, it } from "vitest";
import { GUARDIAN_SUITES, loadVectors, playHistory } from "../../../src/adapters/vectors/index.js";
import {
  CLAIM_CODES,
  createMemoryLedger,
  GUARDIAN_CODES,
  OPERATION_CODES,
} from "../../../src/index.js";
import { LEDGERS } from "../../support/ledgers.js";

describe.each(GUARDIAN_SUITES)("the vectors of %s", (suite) => {
  describe.each(LEDGERS)("on the %s ledger", (_name, createLedger) => {
    it.each(loadVectors(suite).cases)("$id: $title ($clause)", async (vector) => {
      const ledger = createLedger();
      const answer = await playHistory(inputBytes(vector.input), ledger);
      await ledger.close();
      expect(judge(vector, answer)).toBeUndefined();
    });
  });
});

describe("the vectors", () => {
  const cases = GUARDIAN_SUITES.flatMap((suite) => loadVectors(suite).cases);

  it("name every code that a history can lead to", () => {
    const elsewhere = ["ledger_busy", "ledger_unavailable", "invalid_operation", "invalid_claim"];
    const expected = JSON.stringify(cases.map(({ expect: said }) => said));
    const codes = [...GUARDIAN_CODES, ...CLAIM_CODES, ...OPERATION_CODES].filter(
      (code) => !elsewhere.includes(code),
    );
    expect(codes.filter((code) => !expected.includes(`"${code}"`))).toEqual([]);
  });

  it("find an answer that is a millisecond off", async () => {
    const [vector] = cases;
    const answer = await playHistory(inputBytes(vector!.input), createMemoryLedger());
    const off = { ...answer.answers[1], retry_after_ms: 420_001 };
    const wrong = { ...answer, answers: answer.answers.with(1, off) };
    expect(judge(vector!, wrong)).toBe("/answers/1/retry_after_ms: expected 420000, got 420001");
  });

  it("are histories, or are refused", async () => {
    const input = new TextEncoder().encode('{"policy": {"max_24h": "1"}, "steps": []}');
    await expect(playHistory(input, createMemoryLedger())).rejects.toThrow();
  });
});
