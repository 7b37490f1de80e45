import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { describe, expect, it } from "vitest";
import { INGEST_ERROR_CODES, REQUEST_ERROR_CODES, RESTORE_ERROR_CODES } from "../src/codes.js";

describe("rule tags", () => {
  it("name each code once, and the design and a test have it", () => {
    const codes = [...REQUEST_ERROR_CODES, ...INGEST_ERROR_CODES, ...RESTORE_ERROR_CODES];
    expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes })).toEqual([]);
  });
});
