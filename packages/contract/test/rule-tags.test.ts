import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { SIGNING_REJECTION_CODES } from "../src/signing/codes.js";

const root = join(import.meta.dirname, "..");

it("finds for each code of signing one tag, a line in docs/signing.md and a test", () => {
  const design = join(root, "docs/signing.md");
  expect(ruleTagFaults({ root, codes: SIGNING_REJECTION_CODES, design })).toEqual([]);
});
