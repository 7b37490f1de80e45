/** Each code has one tag in the sources, a line in the design, and a test or vector. */
import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { PROOF_CODES } from "../src/adapters/audit/index.js";
import { CLAIM_CODES, GUARDIAN_CODES, IMPORT_CODES, OPERATION_CODES } from "../src/codes.js";

it("finds each code by its tag, in the design, and in a test or vector", () => {
  const codes = [
    ...GUARDIAN_CODES,
    ...CLAIM_CODES,
    ...OPERATION_CODES,
    ...IMPORT_CODES,
    ...PROOF_CODES,
  ];
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes })).toEqual([]);
});
