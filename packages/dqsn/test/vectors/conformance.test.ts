import {
  inputBytes,
  judge,
  loadVectors,
  type SuiteName,
  type VectorCase,
} from "@dgb-shield/contract/vectors";
import { describe, expect, it } from "vitest";
import {
  aggregate,
  calculateNetworkRisk,
  createDqsn,
  REQUEST_ERROR_CODES,
  toLevel,
} from "../../src/index.js";

const casesOf = (suite: SuiteName): VectorCase[] => loadVectors(suite).cases;

describe("evaluateText, against the conformance vectors", () => {
  it.each(casesOf("dqsn-evaluate"))("$id: $title ($clause)", (vector) => {
    const dqsn = createDqsn(vector.config);
    expect(judge(vector, dqsn.evaluateText(inputBytes(vector.input)))).toBeUndefined();
  });

  it("finds a vector for every code of a refused request", () => {
    const expected = JSON.stringify(casesOf("dqsn-evaluate").map(({ expect: said }) => said));
    expect(REQUEST_ERROR_CODES.filter((code) => !expected.includes(`["${code}"]`))).toEqual([]);
  });
});

describe("the network view, against the conformance vectors of v2", () => {
  it.each(casesOf("dqsn-v2"))("$id: $title ($clause)", (vector) => {
    const text = new TextDecoder().decode(inputBytes(vector.input));
    const state = aggregate(JSON.parse(text) as unknown[]);
    const { score } = calculateNetworkRisk(state);
    const answer = {
      ok: true,
      level: toLevel({ ...state, score }),
      score,
      refused: state.refused.map(({ index }) => index),
    };
    expect(judge(vector, answer)).toBeUndefined();
  });
});
