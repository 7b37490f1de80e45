/** How the last days went. */
import type { Service } from "../../service.js";
import { route, type Route } from "../route.js";
import { wholeOf } from "../schemas/common.js";
import { DEFAULT_POINTS, historyAnswer, historyQuery, MAX_HOURS } from "../schemas/history.js";

/** The route of the history. */
export const historyRoute = (service: Service): Route =>
  route({
    id: "GET /v1/history",
    tag: "evidence",
    summary: "Read how the last days went: heights, states, the network's view, blocks",
    description:
      "At most seven days, of this process: they are kept in memory, in steps of a minute, and begin anew with it.",
    query: historyQuery,
    answer: historyAnswer,
    handle: ({ query }) =>
      service.history(wholeOf(query.hours, MAX_HOURS), wholeOf(query.points, DEFAULT_POINTS)),
  });
