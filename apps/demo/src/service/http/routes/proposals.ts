/** Governed changes: propose, vote, withdraw; and the revocation of a key, which needs none. */
import { isPending, type GovernanceRefusal } from "../../governance/decide.js";
import { described, type DescribedProposal } from "../../governance/subject.js";
import type { Proposal } from "../../governance/view.js";
import type { Service } from "../../service.js";
import { done, governedBy } from "../answers.js";
import { HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { idParams, wholeOf } from "../schemas/common.js";
import { orderBody } from "../schemas/evidence.js";
import {
  approveBody,
  keyAnswer,
  MAX_PROPOSAL_BYTES,
  proposalAnswer,
  proposalBody,
  proposalsAnswer,
  proposalsQuery,
} from "../schemas/proposals.js";

const TAG = "governance";
const DEFAULT_LIMIT = 100;
const COMMON = ["not_governed", "governance_unavailable"] as const;
const OF_ONE = ["not_found", "proposal_closed", ...COMMON] as const;

/** The routes of governance. */
export const proposalRoutes = (service: Service): Route[] => [
  list(service),
  propose(service),
  read(service),
  approve(service),
  reject(service),
  withdraw(service),
  revoke(service),
];

/** One proposal with what it is about. */
async function one(
  service: Service,
  answer: Proposal | GovernanceRefusal,
): Promise<DescribedProposal> {
  const [shown] = await described([governedBy(answer)], service);
  if (shown === undefined) throw new HttpProblem("not_found");
  return shown;
}

const list = (service: Service): Route =>
  route({
    id: "GET /v1/proposals",
    tag: TAG,
    summary: "List proposals, the newest first",
    description:
      "Closed ones are listed for a while; the ledger's records have all. `governance` is null where changes are not governed.",
    query: proposalsQuery,
    answer: proposalsAnswer,
    handle: async ({ query: { state = "all", limit } }) => {
      const shown = service
        .proposals()
        .filter((one) => state === "all" || isPending(one) === (state === "pending"))
        .slice(0, wholeOf(limit, DEFAULT_LIMIT));
      return { governance: service.governance(), proposals: await described(shown, service) };
    },
  });

const propose = (service: Service): Route =>
  route({
    id: "POST /v1/proposals",
    tag: TAG,
    summary: "Propose a change that loosens",
    description:
      "It is bound to what it changes as that stands now: where that changes, it becomes stale. Others approve it; the proposer's own keys never count.",
    body: proposalBody,
    answer: proposalAnswer,
    bodyLimit: MAX_PROPOSAL_BYTES,
    problems: [
      "invalid_change",
      "nothing_to_change",
      "too_many_proposals",
      "last_governing_keys",
      ...COMMON,
    ],
    handle: async ({ body: { change, reason }, by }) =>
      one(service, await service.propose(change, reason, by)),
  });

const read = (service: Service): Route =>
  route({
    id: "GET /v1/proposals/{id}",
    tag: TAG,
    summary: "Read a proposal",
    params: idParams,
    answer: proposalAnswer,
    problems: ["not_found"],
    handle: ({ params }) => {
      const found = service.proposals().find(({ proposal_id }) => proposal_id === params.id);
      if (found === undefined) throw new HttpProblem("not_found");
      return one(service, found);
    },
  });

const approve = (service: Service): Route =>
  route({
    id: "POST /v1/proposals/{id}/approve",
    tag: TAG,
    summary: "Approve a proposal",
    description:
      "Each person has one vote, and the last one counts. It is carried out once it has its approvals and its delay has passed, if the keys that approved still count then.",
    params: idParams,
    body: approveBody,
    answer: proposalAnswer,
    problems: [...OF_ONE, "own_proposal", "not_governing"],
    handle: async ({ params, body: { reason = null }, by }) =>
      one(service, await service.vote(params.id, { vote: "approve", reason }, by)),
  });

const reject = (service: Service): Route =>
  route({
    id: "POST /v1/proposals/{id}/reject",
    tag: TAG,
    summary: "Reject a proposal",
    description:
      "Takes back an approval as well. The proposal ends once too few are left who could approve it.",
    params: idParams,
    body: orderBody,
    answer: proposalAnswer,
    problems: [...OF_ONE, "own_proposal", "not_governing"],
    handle: async ({ params, body: { reason }, by }) =>
      one(service, await service.vote(params.id, { vote: "reject", reason }, by)),
  });

const withdraw = (service: Service): Route =>
  route({
    id: "POST /v1/proposals/{id}/withdraw",
    tag: TAG,
    summary: "Withdraw an own proposal",
    params: idParams,
    body: orderBody,
    answer: proposalAnswer,
    problems: [...OF_ONE, "not_proposer"],
    handle: async ({ params, body: { reason }, by }) =>
      one(service, await service.withdrawProposal(params.id, reason, by)),
  });

const revoke = (service: Service): Route =>
  route({
    id: "POST /v1/keys/{id}/revoke",
    tag: TAG,
    summary: "Revoke a key at once",
    description:
      "It tightens, and needs no approval; only a reporter's key, whose alarms would end, and the last keys that governance needs are revoked by a proposal. Without governance keys are revoked on the host, by shield keys revoke.",
    params: idParams,
    body: orderBody,
    answer: keyAnswer,
    problems: ["not_found", "governed", "last_governing_keys", ...COMMON],
    handle: async ({ params, body: { reason }, by }) => {
      const key = done(governedBy(await service.revokeKey(params.id, reason, by)));
      const { id, role, name, wallets, reports_for } = key;
      const { created_at_ms, expires_at_ms, revoked_at_ms } = key;
      const times = { created_at_ms, expires_at_ms, revoked_at_ms };
      return { id, role, name, wallets, reports_for, ...times };
    },
  });
