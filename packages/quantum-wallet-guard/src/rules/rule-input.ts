/** What the rules read: the values of one transaction under one policy (design, section 8). */
import type { Fields, ValidatedContext } from "../evaluate/validated-context.js";
import type { Units } from "../fast/units.js";
import type { CompiledPolicy } from "../policy/compile.js";
import { levelOfRank, worstRank } from "../policy/level-order.js";

/** One transaction under one policy. */
export type RuleInput = Readonly<{
  context: Fields;
  limits: CompiledPolicy;
  /** Base units. */
  amount: Units;
  /** Base units. */
  balance: Units;
  /** Place on the scale of the worst of Sentinel, ADN and network. */
  rank: number;
}>;

/** Makes the input of the rules. */
export const ruleInputOf = (context: ValidatedContext, limits: CompiledPolicy): RuleInput => ({
  context: context.fields,
  limits,
  amount: context.amount,
  balance: context.balance,
  rank: worstRank(context.fields, limits.networkScores),
});

/** The worst level of Sentinel, ADN and network. */
export const levelOf = ({ rank }: RuleInput) => levelOfRank(rank);
