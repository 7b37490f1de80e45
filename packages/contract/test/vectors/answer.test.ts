import { describe, expect, it } from "vitest";
import {
  answer,
  CONTRACT_SUITES,
  inputBytes,
  judge,
  loadVectors,
} from "../../src/adapters/vectors/index.js";

describe.each(CONTRACT_SUITES)("vectors of %s", (suite) => {
  it.each(loadVectors(suite).cases.map((vector) => ({ ...vector })))("$id: $title", (vector) => {
    expect(judge(vector, answer(suite, inputBytes(vector.input)))).toBeUndefined();
  });
});
