/** What the layers know: signals, network, nodes, chain, findings, lockdown, incidents. */
import { SIGNAL_SOURCES, type SignalV2 } from "@dgb-shield/contract";
import { speaksAs } from "@dgb-shield/dqsn/http";
import type { ApiKey } from "../../keys/key.js";
import type { Service } from "../../service.js";
import { accepted, done } from "../answers.js";
import { type FieldError, HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { historyRoute } from "./history.js";
import { idParams, wholeOf } from "../schemas/common.js";
import {
  chainAnswer,
  clockAnswer,
  findingsAnswer,
  incidentReleaseAnswer,
  DEFAULT_INCIDENTS,
  incidentsAnswer,
  incidentsQuery,
  MAX_INCIDENTS,
  MAX_MS,
  lockdownAnswer,
  networkAnswer,
  nodesAnswer,
  orderBody,
  signalsAnswer,
  signalsBody,
  telemetryAnswer,
  telemetryBody,
  tipStatementAnswer,
} from "../schemas/evidence.js";

const TAG = "evidence";
/** Problems of orders that the process that watches carries out. */
const HANDED = ["watcher_unavailable", "order_unconfirmed"] as const;

/** The routes of evidence. */
export const evidenceRoutes = (service: Service): Route[] => [
  signals(service),
  telemetry(service),
  route({
    id: "GET /v1/network",
    tag: TAG,
    summary: "Read the network's view",
    answer: networkAnswer,
    handle: () => service.network(),
  }),
  route({
    id: "GET /v1/nodes",
    tag: TAG,
    summary: "Read the last report of each own node",
    answer: nodesAnswer,
    handle: async () => ({ nodes: await service.reports() }),
  }),
  chain(service),
  tipStatement(service),
  historyRoute(service),
  findings(service),
  route({
    id: "GET /v1/lockdown",
    tag: TAG,
    summary: "Read the lockdown, and why it holds",
    answer: lockdownAnswer,
    handle: () => service.defense(),
  }),
];

/** The routes of incidents and of the clock. */
export const incidentRoutes = (service: Service): Route[] => [
  incidents(service),
  route({
    id: "POST /v1/incidents/{id}/release",
    tag: "incidents",
    summary: "Release what an incident latched, once it is understood",
    params: idParams,
    body: orderBody,
    answer: incidentReleaseAnswer,
    problems: ["not_found", "governed", ...HANDED],
    handle: async ({ params, body, by }) => {
      return accepted(await service.releaseIncident(params.id, body.reason, by));
    },
  }),
  route({
    id: "POST /v1/clock/accept",
    tag: "incidents",
    summary: "Accept the clock, after it was found to be wrong and was mended",
    body: orderBody,
    answer: clockAnswer,
    problems: ["clock_not_accepted", "governed", ...HANDED],
    handle: async ({ body, by }) => {
      const answer = await service.acceptClock(body.reason, by);
      const { accepted: isTaken, refused_by } = done(answer);
      if (!isTaken) {
        throw new HttpProblem("clock_not_accepted", { members: { refused_by: [...refused_by] } });
      }
      return { accepted: true as const, refused_by };
    },
  }),
];

const signals = (service: Service): Route =>
  route({
    id: "POST /v1/signals",
    tag: TAG,
    summary: "Take in signals of another site",
    description:
      "All of the key's own operator and nodes, else none is taken in. `refused` counts those that are too old, or out of order.",
    body: signalsBody,
    answer: signalsAnswer,
    bodyLimit: 512_000,
    problems: ["reporter_not_allowed", ...HANDED],
    handle: async ({ body, key }) => {
      const maySpeak = speakerOf(key);
      const errors = body.signals.flatMap((signal, at): FieldError[] =>
        maySpeak(signal)
          ? []
          : [
              {
                in: "body",
                pointer: `/signals/${at}`,
                detail: "not of this key's operator and nodes",
              },
            ],
      );
      if (errors.length > 0) throw new HttpProblem("reporter_not_allowed", { errors });
      return done(await service.receive(body.signals));
    },
  });

const telemetry = (service: Service): Route =>
  route({
    id: "POST /v1/telemetry",
    tag: TAG,
    summary: "Count calls of a gateway in a process of its own, for the defense",
    description:
      "They can make decisions stricter and nothing milder. Sent again after a lost answer they count twice.",
    body: telemetryBody,
    answer: telemetryAnswer,
    handle: ({ body }) => {
      for (const outcome of ["calls", "refused", "unauthorized"] as const) {
        service.countRpc(outcome, body[outcome]);
      }
      return { accepted: true as const };
    },
  });

/** Whether a key may report as a signal's operator and node; a key that names none may not report. */
function speakerOf({ reports_for }: ApiKey): (signal: SignalV2) => boolean {
  return reports_for === null ? () => false : speaksAs({ ...reports_for, sources: SIGNAL_SOURCES });
}

const chain = (service: Service): Route =>
  route({
    id: "GET /v1/chain",
    tag: TAG,
    summary: "Read which nodes follow which branch",
    answer: chainAnswer,
    handle: async () => {
      const report = await service.chain();
      if (report === null) return { chain: null };
      const { chain: name, observed_at_ms, level, score, branches, findings: together } = report;
      const [tips, credit] = [service.sideTips(), await service.credit()];
      const facts = { observed_at_ms, level, score, branches, findings: together };
      return { chain: { chain: name, ...facts, tips, credit } };
    },
  });

const incidents = (service: Service): Route =>
  route({
    id: "GET /v1/incidents",
    tag: "incidents",
    summary: "List the open incidents, or those of a time range with their ends",
    description:
      "Of a range: the 2,000 that began last are kept over restarts, each as it was at its worst. An end is seen by the process that watches the nodes; one that came while none did is dated when it was seen.",
    query: incidentsQuery,
    answer: incidentsAnswer,
    problems: ["incidents_unavailable"],
    handle: async ({ query: { status, from, to, limit } }) => {
      if (from === undefined && to === undefined && (status ?? "open") === "open") {
        const open = await service.incidents();
        const most = wholeOf(limit, MAX_INCIDENTS);
        return {
          incidents: open.slice(0, most).map((one) => ({ ...one, ended_ms: null, released: null })),
          ...{ left_out: Math.max(0, open.length - most), since_ms: null },
        };
      }
      return service
        .pastIncidents({
          ...{ status: status ?? "all", limit: wholeOf(limit, DEFAULT_INCIDENTS) },
          ...{ from_ms: wholeOf(from, 0), to_ms: wholeOf(to, MAX_MS) },
        })
        .catch(() => {
          // A list that cannot be read is never an empty one.
          throw new HttpProblem("incidents_unavailable");
        });
    },
  });

const tipStatement = (service: Service): Route =>
  route({
    id: "GET /v1/chain/statement",
    tag: TAG,
    summary: "Read which tip the own nodes follow, signed",
    description:
      "A DSSE envelope over tip, branches, nodes and findings of one moment. `shield tip verify` and `@dgb-shield/client/statement` verify it without the service. There is none while the service is blind or what its nodes showed is old.",
    answer: tipStatementAnswer,
    problems: ["no_tip_key", "tip_unknown", "tip_not_signed"],
    handle: async () => {
      const answer = await service.tipStatement();
      if ("no_statement" in answer)
        throw new HttpProblem(answer.no_statement, { detail: answer.detail });
      return answer;
    },
  });

const findings = (service: Service): Route =>
  route({
    id: "GET /v1/findings",
    tag: TAG,
    summary: "List all active findings, of each node and of all together",
    answer: findingsAnswer,
    handle: async () => {
      const [report, reports] = await Promise.all([service.chain(), service.reports()]);
      const together = report?.findings ?? [];
      return {
        findings: [
          ...together.map((finding) => ({ node_id: null, finding })),
          ...reports.flatMap(({ node_id, findings: found }) =>
            found.map((finding) => ({ node_id, finding })),
          ),
        ],
      };
    },
  });
