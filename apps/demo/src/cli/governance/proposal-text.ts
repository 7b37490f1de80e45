/** A proposal as a person reads it. */
import type { z } from "zod";
import type { proposalAnswer } from "../../service/http/schemas/proposals.js";
import { printable } from "../../timeline/format.js";

/** A proposal as the service answers it. */
export type ProposalAnswer = z.output<typeof proposalAnswer>;

const time = (ms: number): string => new Date(ms).toISOString();

const line = (one: ProposalAnswer): string =>
  `${one.proposal_id}  ${one.status.padEnd(9)}  ${one.approvals}/${one.approvals_needed}  ${one.change.kind}  by ${one.proposed_by.operator}: ${one.reason}`;

const subjectLines = ({ subject }: ProposalAnswer): string[] =>
  subject.map((sentence) => `  ${sentence}`);

/** A line for a list, and what it is about below. */
export const proposalLines = (one: ProposalAnswer): string[] =>
  [line(one), ...subjectLines(one)].map(printable);

/** Everything that an approver must see. */
export function proposalText(one: ProposalAnswer): string[] {
  const { change, votes, outcome, due_at_ms } = one;
  return [
    line(one),
    ...subjectLines(one),
    ...changeLines(change).map((text) => `  ${text}`),
    `  proposed ${time(one.created_at_ms)}, ends ${time(one.expires_at_ms)}`,
    ...votes.map(
      ({ operator, vote, reason, counts }) =>
        `  ${vote}: ${operator}${reason === null ? "" : `: ${reason}`}${counts ? "" : " (does not count)"}`,
    ),
    ...(due_at_ms === null ? [] : [`  carried out ${time(due_at_ms)} at the earliest`]),
    ...(outcome === null ? [] : [`  ${outcome.code}: ${outcome.text} (${time(outcome.at_ms)})`]),
  ].map(printable);
}

/** What the change itself states; of keys and the clock the subject has it all. */
function changeLines(change: ProposalAnswer["change"]): string[] {
  switch (change.kind) {
    case "configuration":
      return [`configuration ${change.digest}`, ...change.differences];
    case "keys":
    case "accept_clock":
      return [];
    default:
      return Object.entries(change)
        .filter(([name]) => name !== "kind")
        .map(([name, value]) => `${name}: ${value}`);
  }
}
