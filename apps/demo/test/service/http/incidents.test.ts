/** Incidents over HTTP: the open ones, those of a range, and a log that cannot be read; and the statement of the tip. */
import { afterEach, expect, it } from "vitest";
import type { Incident, IncidentQuery, PastIncident } from "../../../src/service/service.js";
import { type HttpService, KEYS, startHttpService } from "../../support/http-service.js";

const OPEN: Incident = {
  ...{ incident_id: "reorg-5000", cause: "reorg", severity: 0.7, level: "high", since_ms: 5_000 },
  ...{ summary: "open", findings: [], defense_events: [], latched: true },
};
const ENDED: PastIncident = {
  ...OPEN,
  ...{ incident_id: "reorg-1000", since_ms: 1_000, ended_ms: 2_000, summary: "ended" },
  released: { at_ms: 1_500, operator: "ann", reason: "a test" },
};

let http: HttpService | undefined;
afterEach(async () => {
  await http?.close();
  http = undefined;
});

it("lists open incidents without reading the log, and others as they were asked for", async () => {
  const asked: IncidentQuery[] = [];
  http = await startHttpService({
    wrap: (service) => ({
      ...service,
      incidents: async () => [OPEN],
      pastIncidents: async (query) => {
        asked.push(query);
        return { incidents: [ENDED], left_out: 4, since_ms: 900 };
      },
    }),
  });
  const get = (query: string) => http!.call(`GET /v1/incidents${query}`, { key: KEYS.reader });
  const open = { incidents: [{ ...OPEN, ended_ms: null, released: null }], left_out: 0 };
  for (const query of ["", "?status=open"])
    expect((await get(query)).body).toEqual({ ...open, since_ms: null });
  expect(asked).toEqual([]);
  const kept = { incidents: [ENDED], left_out: 4, since_ms: 900 };
  expect((await get("?from=1000&to=3000")).body).toEqual(kept);
  await get("?status=ended&limit=7");
  await get("?status=open&from=5");
  expect(asked).toEqual([
    { status: "all", from_ms: 1_000, to_ms: 3_000, limit: 100 },
    { status: "ended", from_ms: 0, to_ms: 4_102_444_800_000, limit: 7 },
    { status: "open", from_ms: 5, to_ms: 4_102_444_800_000, limit: 100 },
  ]);
  for (const query of ["?status=old", "?from=-1", "?to=1e3", "?limit=0", "?limit=1001", "?since=1"])
    expect((await get(query)).status).toBe(400);
});

it("has the ended ones of the service itself, and answers with a problem where they cannot be read", async () => {
  let isBroken = false;
  http = await startHttpService({
    wrap: (service) => ({
      ...service,
      pastIncidents: (query) =>
        isBroken ? Promise.reject(new Error("/planted/path")) : service.pastIncidents(query),
    }),
  });
  const get = () => http!.call("GET /v1/incidents?from=0", { key: KEYS.reader });
  expect((await get()).body).toMatchObject({ left_out: 0, since_ms: expect.any(Number) });
  isBroken = true;
  const broken = await get();
  expect([broken.status, broken.body.code]).toEqual([503, "incidents_unavailable"]);
  expect(broken.text).not.toContain("planted");
});

it("gives no statement of the tip without a key, and shows none", async () => {
  http = await startHttpService();
  const statement = await http.call("GET /v1/chain/statement", { key: KEYS.reader });
  const key = await http.call("GET /v1/chain/statement/key", { key: null });
  for (const { status, body } of [statement, key])
    expect([status, body.code]).toEqual([409, "no_tip_key"]);
  expect((await http.call("GET /v1/chain/statement", { key: null })).status).toBe(401);
  expect((await http.call("GET /v1/chain/statement", { key: KEYS.reporter })).status).toBe(403);
});
