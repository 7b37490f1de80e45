/** Each code of this package has one tag in `src`, a line in docs/design.md, and a test. */
import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { BRIDGE_ERROR_CODES, DROP_REASONS, OUTBOX_DROP_REASONS } from "../src/codes.js";

const CODES = [...BRIDGE_ERROR_CODES, ...DROP_REASONS, ...OUTBOX_DROP_REASONS];

it("has a tag, a line of the design and a test for each code", () => {
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes: CODES })).toEqual([]);
});
