import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { REASON_IDS } from "../src/index.js";

it("tags each reason id once, and finds it in docs/design.md and in a test or vector", () => {
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes: REASON_IDS })).toEqual([]);
});
