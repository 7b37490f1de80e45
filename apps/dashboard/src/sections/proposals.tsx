/** Proposals of changes that loosen: what each would do, who approved, and how an operator votes. */
import type { Proposal } from "../model.js";
import { ActionButton } from "../parts/action-button.js";
import { Badge, Moment, Text, type Tone } from "../parts/basics.js";
import { Show } from "../parts/section.js";
import type { Action } from "../state/actions.js";
import { proposals } from "../state/live.js";
import { hasRole, session } from "../state/session.js";
import { counted, printable, words } from "../text/format.js";
import { Evidence } from "./evidence.js";

/** The list; nothing where one operator's key suffices, and nothing is proposed. */
export function Proposals() {
  const { data } = proposals.value.value;
  if (!hasRole("operator", "governor", "reader") || data?.governance === null) return null;
  return (
    <div id="proposals">
      <h3>Proposals</h3>
      <Show what="proposals" from={proposals}>
        {({ proposals: all }) =>
          all.length === 0 ? (
            <p>Nothing is proposed.</p>
          ) : (
            <ul class="cards">
              {all.map((proposal) => (
                <li key={proposal.proposal_id}>
                  <Card proposal={proposal} />
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </div>
  );
}

/** Names are compared as the service compares them. */
const personOf = (name: string): string => name.normalize("NFKC").toLowerCase().trim();

const TONES: Readonly<Partial<Record<Proposal["status"], Tone>>> = {
  open: "warn",
  approved: "warn",
  executing: "warn",
  executed: "good",
};

function Card({ proposal }: { proposal: Proposal }) {
  const { proposal_id, status, change, subject, reason, proposed_by } = proposal;
  const { approvals, approvals_needed } = proposal;
  const { kind, ...facts } = change;
  const isPending = status === "open" || status === "approved";
  // The proposer has no vote.
  const isMine = personOf(session.value?.key.name ?? "") === personOf(proposed_by.operator);
  return (
    <article class="card" aria-label={`Proposal ${printable(proposal_id)}`}>
      <h4>
        <Badge tone={TONES[status] ?? "plain"}>{status}</Badge> {words(kind)}
      </h4>
      {subject.map((sentence) => (
        <p key={sentence}>
          <strong>
            <Text of={sentence} />
          </strong>
        </p>
      ))}
      <Evidence of={facts} />
      <p>
        Proposed by <Text of={proposed_by.operator} /> at <Moment ms={proposal.created_at_ms} />:{" "}
        <Text of={reason} />. {approvals} of {counted(approvals_needed, "approval")}; ends{" "}
        <Moment ms={proposal.expires_at_ms} />.
        {proposal.due_at_ms !== null && (
          <>
            {" "}
            It is carried out at <Moment ms={proposal.due_at_ms} />.
          </>
        )}
      </p>
      {proposal.outcome !== null && (
        <p>
          <Text of={proposal.outcome.text} />
        </p>
      )}
      {isPending && isMine && (
        <div class="buttons">
          <ActionButton
            roles={["operator", "governor"]}
            label="Withdraw …"
            about={`proposal ${proposal_id}`}
            make={() => withdrawal(proposal)}
          />
        </div>
      )}
      {isPending && !isMine && (
        <div class="buttons">
          <ActionButton
            roles={["operator", "governor"]}
            label="Approve …"
            about={`proposal ${proposal_id}`}
            make={() => voteOn(proposal, "approve")}
          />
          <ActionButton
            roles={["operator", "governor"]}
            label="Reject …"
            about={`proposal ${proposal_id}`}
            make={() => voteOn(proposal, "reject")}
          />
        </div>
      )}
    </article>
  );
}

function withdrawal({ proposal_id: id }: Proposal): Action {
  return {
    title: `Withdraw the proposal ${id}`,
    does: [
      "end the proposal: nothing of it is carried out",
      "record it in your name, with the reason",
    ],
    confirm: "Withdraw",
    reason: true,
    sends: `POST /v1/proposals/${id}/withdraw`,
    body: (reason) => ({ reason }),
    async send(api, reason) {
      await api.post("/v1/proposals/{id}/withdraw", { path: { id }, body: { reason } });
      return "Withdrawn: nothing of the proposal is carried out.";
    },
  };
}

function voteOn(
  { proposal_id: id, change, subject, approvals, approvals_needed }: Proposal,
  vote: "approve" | "reject",
): Action {
  const isApproval = vote === "approve";
  const route = `/v1/proposals/{id}/${vote}` as const;
  const isLast = approvals + 1 >= approvals_needed;
  return {
    title: `${isApproval ? "Approve" : "Reject"} the proposal ${id}`,
    does: [
      isApproval
        ? `approve ${words(change.kind)}: ${JSON.stringify(change)}`
        : `reject ${words(change.kind)}, and take back an approval of yours`,
      ...subject,
      isApproval && isLast
        ? "have it carried out once its delay has passed: yours is the last approval that it needs"
        : "change nothing by itself yet",
      "record your vote in your name, with the reason",
    ],
    confirm: isApproval ? "Approve" : "Reject",
    reason: true,
    sends: `POST /v1/proposals/${id}/${vote}`,
    body: (reason) => ({ reason }),
    async send(api, reason) {
      const { status } = await api.post(route, { path: { id }, body: { reason } });
      return `${isApproval ? "Approved" : "Rejected"}: the proposal is ${status}.`;
    },
  };
}
