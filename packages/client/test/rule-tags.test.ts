import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { TIP_STATEMENT_CODES } from "../src/adapters/statement/index.js";
import { REFUSAL_CODES, refusalText } from "../src/adapters/verify/index.js";

it("has one tag, a line of the design and a test for each code", () => {
  const root = join(import.meta.dirname, "..");
  expect(ruleTagFaults({ root, codes: [...REFUSAL_CODES, ...TIP_STATEMENT_CODES] })).toEqual([]);
});

it("says of each code what to do next", () => {
  for (const code of REFUSAL_CODES) expect(refusalText(code)).toMatch(/\. |\.$/);
});
