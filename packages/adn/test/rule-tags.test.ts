/** Each code of this package has one tag in `src`, a line in docs/design.md, and a test. */
import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import {
  ADN_ERROR_CODES,
  EVENT_TYPES,
  ORDER_REJECTION_CODES,
  RPC_REFUSAL_CODES,
  RPC_RULES,
} from "../src/codes.js";

const CODES = [
  ...ADN_ERROR_CODES,
  ...ORDER_REJECTION_CODES,
  ...EVENT_TYPES,
  ...RPC_REFUSAL_CODES,
  ...RPC_RULES,
];

it("has a tag, a line of the design and a test for each code", () => {
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes: CODES })).toEqual([]);
});
