import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";
import { DECODE_CODES, decodeErrorText } from "../src/adapters/decode/index.js";

it("has one tag, a line of the design and a test for each code of the decoders", () => {
  const root = join(import.meta.dirname, "..");
  expect(ruleTagFaults({ root, codes: DECODE_CODES })).toEqual([]);
});

it("says of each code what to do next, in two sentences", () => {
  for (const code of DECODE_CODES) expect(decodeErrorText(code)).toMatch(/^[A-Z].*\. [A-Z].*\.$/s);
});
