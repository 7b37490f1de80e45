import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { GATEWAY_CODES } from "../src/index.js";

it("tags, documents and tests each code", () => {
  const root = join(import.meta.dirname, "..");
  expect(ruleTagFaults({ root, codes: GATEWAY_CODES })).toEqual([]);
});
