/** A proposal as a person reads it. */
import type { z } from "zod";
import type { proposalAnswer } from "../../service/http/schemas/proposals.js";
import { printable } from "../../timeline/format.js";

/** A proposal as the service answers it. */
export type ProposalAnswer = z.output<typeof proposalAnswer>;

const time = (ms: number): string => new Date(ms).toISOString();

/** One line for a list. */
export const proposalLine = (one: ProposalAnswer): string =>
  printable(
    `${one.proposal_id}  ${one.status.padEnd(9)}  ${one.approvals}/${one.approvals_needed}  ${one.change.kind}  by ${one.proposed_by.operator}: ${one.reason}`,
  );

/** Everything that an approver must see. */
export function proposalText(one: ProposalAnswer): string[] {
  const { change, votes, outcome, due_at_ms } = one;
  return [
    proposalLine(one),
    ...changeLines(change).map((line) => `  ${line}`),
    `  proposed ${time(one.created_at_ms)}, ends ${time(one.expires_at_ms)}`,
    ...votes.map(
      ({ operator, vote, reason, counts }) =>
        `  ${vote}: ${operator}${reason === null ? "" : `: ${reason}`}${counts ? "" : " (does not count)"}`,
    ),
    ...(due_at_ms === null ? [] : [`  carried out ${time(due_at_ms)} at the earliest`]),
    ...(outcome === null ? [] : [`  ${outcome.code}: ${outcome.text} (${time(outcome.at_ms)})`]),
  ].map(printable);
}

function changeLines(change: ProposalAnswer["change"]): string[] {
  if (change.kind === "configuration") {
    return [`configuration ${change.digest}`, ...change.differences];
  }
  if (change.kind === "keys") {
    return [...change.add.map(keyLine), ...change.revoke.map((id) => `revokes key ${id}`)];
  }
  if (change.kind === "accept_clock") return [clockLine(change)];
  return Object.entries(change)
    .filter(([name]) => name !== "kind")
    .map(([name, value]) => `${name}: ${value}`);
}

type Key = Extract<ProposalAnswer["change"], { kind: "keys" }>["add"][number];

function keyLine({ id, role, name, wallets, reports_for, expires_at_ms }: Key): string {
  const scope =
    reports_for === null
      ? (wallets?.join(", ") ?? "everything")
      : `for ${reports_for.operator}: ${reports_for.node_ids.join(", ")}`;
  const end = expires_at_ms === null ? "no end" : `until ${time(expires_at_ms)}`;
  return `adds key ${id} of ${name}: ${role}, ${scope}, ${end}`;
}

function clockLine({ seen }: Extract<ProposalAnswer["change"], { kind: "accept_clock" }>): string {
  if (seen === undefined) return "the clock, which this proposal does not state";
  const seconds = Math.round(Math.abs(seen.step_ms) / 1_000);
  const step =
    seconds === 0
      ? "in step with the time that has passed"
      : `${seconds} s ${seen.step_ms > 0 ? "ahead of" : "behind"} the time that has passed`;
  return `the clock is ${seen.status}: ${step}; a step beyond that is not accepted`;
}
