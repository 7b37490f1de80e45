/** Whether all engines decide the same. */
import { evaluateTransaction, type RiskContext } from "@dgb-shield/quantum-wallet-guard";
import { cedarContext, createCedar } from "./cedar.js";
import { prepare } from "./contexts.js";
import { createJsonRules } from "./json-rules.js";

/** Contexts on which an engine differs from ours, and how often each decision came. */
export async function countDifferences(
  contexts: readonly RiskContext[],
): Promise<{ differences: number; decisions: Record<string, number> }> {
  const jsonRules = createJsonRules();
  const cedar = createCedar("without schema");
  const cedarChecked = createCedar("with schema");
  const decisions: Record<string, number> = {};
  let differences = 0;
  for (const context of contexts) {
    const { decision } = evaluateTransaction(context);
    const facts = prepare(context);
    const request = cedarContext(facts);
    const others = [
      await jsonRules(facts),
      cedar(request).decision,
      cedarChecked(request).decision,
    ];
    if (others.some((other) => other !== decision)) differences++;
    decisions[decision] = (decisions[decision] ?? 0) + 1;
  }
  return { differences, decisions };
}
