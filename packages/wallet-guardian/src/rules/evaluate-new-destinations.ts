/** Rule: a destination that an account names for the first time waits, and one that looks like another is approved first (design, section 7). */
import { combine, found, type RuleResult, NO_FINDING } from "./finding.js";

/** A destination of a payment, with what is stored for its owner. */
export type KnownDestination = Readonly<{
  /** When it was first named; the time of this request where it is now. */
  known_at_ms: number;
  approved: boolean;
  /** Whether it looks like another one of its owner. */
  lookalike: boolean;
  /** Base units that were allowed to it while it was new. */
  free_used: bigint;
  /** Base units that this payment sends to it. */
  amount: bigint;
}>;

/** The policy's rules for new destinations. */
export type NewDestinationRules = Readonly<{
  /** How long a new destination waits, and the base units that may go to it meanwhile; null: it does not wait. */
  waiting: Readonly<{ ms: number; free: bigint }> | null;
  lookalikes: boolean;
}>;

/** Checks whether a destination is still waiting. */
export const isWaiting = (
  { known_at_ms, approved }: KnownDestination,
  { waiting }: NewDestinationRules,
  nowMs: number,
): boolean => waiting !== null && !approved && nowMs - known_at_ms < waiting.ms;

/**
 * Delays a payment to a new destination until its waiting time is over, and one to a look-alike until an operator
 * approves it.
 *
 * @returns `new_destination`, which ends with the waiting time; `destination_lookalike`, which needs an approval
 */
export function evaluateNewDestinations(
  known: readonly KnownDestination[],
  rules: NewDestinationRules,
  nowMs: number,
): RuleResult {
  if (known.length === 0) return NO_FINDING;
  const { waiting, lookalikes } = rules;
  const isOver = (one: KnownDestination) =>
    waiting !== null && isWaiting(one, rules, nowMs) && one.free_used + one.amount > waiting.free;
  return combine([
    // [DELAY new_destination] the account named it for the first time too recently
    ...known.filter(isOver).map(({ known_at_ms }) =>
      found({
        code: "new_destination",
        decision: "DELAY",
        retry_at_ms: known_at_ms + (waiting?.ms ?? 0),
      }),
    ),
    // [DELAY destination_lookalike] it looks like another destination of the same account
    lookalikes && known.some(({ lookalike, approved }) => lookalike && !approved)
      ? found({ code: "destination_lookalike", decision: "DELAY" })
      : NO_FINDING,
  ]);
}
