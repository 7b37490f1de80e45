/** Each code of the pipeline has one tag in `src`, a line in docs/design.md, and a test. */
import { join } from "node:path";
import { ruleTagFaults } from "@dgb-shield/testkit/rule-tags";
import { expect, it } from "vitest";

const CODES = [
  // Vetoes.
  "clock_untrusted",
  "state_unavailable",
  "own_node_stale",
  "network_unknown",
  "evidence_changed",
  "balance_unavailable",
  // Errors, and the event of a lost state.
  "invalid_config",
  "state_of_another_site",
  "state_missing",
];

it("has a tag, a line of the design and a test for each code", () => {
  expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes: CODES })).toEqual([]);
});
