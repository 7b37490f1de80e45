/** The service's own state: status and records. */
import type { Service } from "../../service.js";
import { accepted } from "../answers.js";
import { HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { wholeOf } from "../schemas/common.js";
import {
  DEFAULT_RECORDS,
  keyAnswer,
  proofAnswer,
  recordsAnswer,
  recordsQuery,
  seqParams,
  statusAnswer,
} from "../schemas/status.js";
import { statusFor } from "../wallets.js";

/** The routes of the state. */
export const statusRoutes = (service: Service): Route[] => [
  route({
    id: "GET /v1/status",
    tag: "service",
    summary: "May I pay out now, and why (not)?",
    answer: statusAnswer,
    handle: async ({ key }) => ({
      ...statusFor(key, await service.status()),
      role: service.role(),
    }),
  }),
  route({
    id: "GET /v1/key",
    tag: "service",
    summary: "Read what the presented key may do",
    answer: keyAnswer,
    handle: ({ key: { id: key_id, name, role, wallets, expires_at_ms } }) => ({
      ...{ key_id, name, role, expires_at_ms },
      wallets: wallets === null ? null : [...wallets],
    }),
  }),
  route({
    id: "GET /v1/records",
    tag: "service",
    summary: "Read the ledger's records, in order",
    description:
      "Every decision, claim, settlement, freeze and order, with what it rests on. Personal data.",
    query: recordsQuery,
    answer: recordsAnswer,
    problems: ["invalid_operation", "ledger_busy", "ledger_unavailable"],
    handle: async ({ query }) => {
      const limit = wholeOf(query.limit, DEFAULT_RECORDS);
      const records = accepted(await service.records(wholeOf(query.after, 0), limit));
      // After what was read: records of before an adoption are then not taken for those of after it.
      const { ledger_id, epoch } = await service.journalIdentity();
      const last = records.at(-1);
      return {
        ...{ ledger_id, epoch, records },
        next: last === undefined || records.length < limit ? null : last.seq,
      };
    },
  }),
  route({
    id: "GET /v1/records/{seq}/proof",
    tag: "service",
    summary: "Prove that a record is in the last signed tree",
    description:
      "`shield audit verify` and the package's `verifyInclusion` verify it without the service. Personal data.",
    params: seqParams,
    answer: proofAnswer,
    problems: [
      "not_found",
      "no_audit",
      "not_covered",
      "record_differs",
      "ledger_busy",
      "ledger_unavailable",
    ],
    handle: async ({ params }) => {
      const answer = accepted(await service.recordProof(Number(params.seq)));
      if ("unproven" in answer) throw new HttpProblem(answer.unproven);
      return answer;
    },
  }),
];
