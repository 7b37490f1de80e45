/** The latest decision on each payment, and a payment's timeline. */
import type { Service } from "../../service.js";
import { HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { idParams, wholeOf } from "../schemas/common.js";
import {
  decisionsAnswer,
  decisionsQuery,
  DEFAULT_DECISIONS,
  timelineAnswer,
} from "../schemas/decisions.js";
import { mayUse, requirePayment } from "../wallets.js";

/** The routes of decisions. */
export const decisionRoutes = (service: Service): Route[] => [
  route({
    id: "GET /v1/decisions",
    tag: "payments",
    summary: "List the latest decision on each payment, newest first",
    description:
      "Of the 10,000 payments that a record named last. `would_pass` is what would have to be different for a refused one.",
    query: decisionsQuery,
    answer: decisionsAnswer,
    problems: ["ledger_busy", "ledger_unavailable"],
    handle: async ({ query, key }) =>
      readable(
        service.decisions({
          final: query.final,
          before: query.before === undefined ? undefined : Number(query.before),
          limit: wholeOf(query.limit, DEFAULT_DECISIONS),
          isShown: ({ wallet_id }) => mayUse(key, wallet_id),
        }),
      ),
  }),
  route({
    id: "GET /v1/payments/{id}/timeline",
    tag: "payments",
    summary: "Read everything that is recorded of a payment, with the hash of each record",
    description: "Of the 10,000 payments that a record named last. Personal data.",
    params: idParams,
    answer: timelineAnswer,
    problems: ["not_found", "ledger_busy", "ledger_unavailable"],
    handle: async ({ params, key }) => {
      await requirePayment(service, key, params.id);
      const timeline = await readable(service.timeline(params.id));
      if (timeline.entries.length === 0) throw new HttpProblem("not_found");
      return timeline;
    },
  }),
];

/** A list that cannot be read is never an empty one. */
const readable = <T>(reading: Promise<T>): Promise<T> =>
  reading.catch((error: unknown) => {
    throw error instanceof HttpProblem ? error : new HttpProblem("ledger_unavailable");
  });
