import { inputBytes, judge } from "@dgb-shield/contract/vectors";
import { describe, expect, it } from "vitest";
import { answer, loadClauses, loadVectors, QWG_SUITES } from "../../src/adapters/vectors/index.js";
import { REASON_IDS } from "../../src/index.js";

const files = QWG_SUITES.map(loadVectors);
const cases = files.flatMap((file) => file.cases);

describe.each(QWG_SUITES)("vectors of %s", (suite) => {
  it.each(loadVectors(suite).cases.map((vector) => ({ ...vector })))("$id: $title", (vector) => {
    expect(judge(vector, answer(suite, inputBytes(vector.input)))).toBeUndefined();
  });
});

describe("the vectors", () => {
  it("cover every clause, and name no other", () => {
    const used = new Set(cases.map(({ clause }) => clause));
    expect([...used].sort()).toEqual(
      loadClauses()
        .clauses.map(({ id }) => id)
        .sort(),
    );
  });

  it("cover every reason id", () => {
    const seen = new Set(cases.map(({ expect: said }) => said["reason_id"]));
    expect(REASON_IDS.filter((id) => !seen.has(id))).toEqual([]);
  });

  it("have ids of their own", () => {
    for (const file of files) {
      expect(new Set(file.cases.map(({ id }) => id)).size).toBe(file.cases.length);
    }
  });

  it("fail an implementation that is wrong", () => {
    const wrong = cases.filter((vector) => judge(vector, { decision: "allow" }) !== undefined);
    expect(wrong).toHaveLength(cases.length);
  });
});
