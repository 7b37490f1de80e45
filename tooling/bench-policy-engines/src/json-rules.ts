/** The seven rules in json-rules-engine: first match by priority, the engine being stopped there. */
import { Engine, type TopLevelCondition } from "json-rules-engine";
import type { Prepared } from "./contexts.js";

type Condition = Readonly<{ fact: string; operator: string; value: unknown }>;

const is = (fact: string, value: unknown): Condition => ({ fact, operator: "equal", value });
const from = (fact: string, value: number): Condition => ({
  fact,
  operator: "greaterThanInclusive",
  value,
});
const compare = (fact: string, operator: string, other: string): Condition => ({
  fact,
  operator,
  value: { fact: other },
});
const any = (...conditions: Condition[]) => ({ any: conditions }) as TopLevelCondition;
const HIGH = any(is("sentinel_level", "high"), is("adn_level", "high"), from("score", 6_000));

const RULES: readonly (readonly [decision: string, conditions: TopLevelCondition])[] = [
  ["block", any(is("sentinel_level", "critical"), is("adn_level", "critical"))],
  ["block", any(is("guardian_decision", "FREEZE"), is("guardian_decision", "REJECT"))],
  ["delay", any(from("score", 9_000), is("guardian_decision", "DELAY"))],
  [
    "block",
    any(
      compare("amount", "greaterThan", "balance"),
      compare("amount_x100", "greaterThanInclusive", "balance_x99"),
    ),
  ],
  ["require_extra_auth", any(from("amount", 1_000_000_000_000))],
  ["warn", { all: [HIGH, compare("amount_x10", "greaterThan", "balance")] }],
  [
    "warn",
    {
      all: [{ not: HIGH }, compare("amount_x10", "greaterThan", "balance_x5")],
    },
  ],
  [
    "warn",
    any({ fact: "behaviour", operator: "greaterThan", value: 15_000 }, is("trusted_device", false)),
  ],
];

/**
 * An engine with the rules.
 *
 * @param allowUndefinedFacts the library's own switch; its default is false
 */
export function createJsonRules(allowUndefinedFacts = false): (facts: object) => Promise<string> {
  const engine = new Engine([], { allowUndefinedFacts });
  RULES.forEach(([type, conditions], i) => {
    engine.addRule({
      conditions,
      event: { type },
      priority: RULES.length - i,
      onSuccess: () => {
        engine.stop();
      },
    });
  });
  return async (facts) => {
    const { events } = await engine.run(facts as Prepared);
    return events[0]?.type ?? "allow";
  };
}
