import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import {
  DEFAULT_DETECTORS,
  FINDING_CODES,
  FLEET_CODES,
  ORDER_CODES,
  STATUS_CODES,
  TIP_STATEMENT_CODES,
} from "../src/index.js";

const statuses = Object.values(STATUS_CODES).filter((code) => code !== null);

it("has one tag, a line of the design and a test for each code", () => {
  const codes = [
    ...FINDING_CODES,
    ...FLEET_CODES,
    ...ORDER_CODES,
    ...TIP_STATEMENT_CODES,
    ...statuses,
  ];
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes })).toEqual([]);
});

it("lists the name of every detector", () => {
  expect(FINDING_CODES).toEqual(expect.arrayContaining(DEFAULT_DETECTORS.map(({ name }) => name)));
});
