import { dqsnResponseSchema } from "@dgb-shield/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { type Authorize, dqsnRoutes, speaksAs } from "../../../src/adapters/http/index.js";
import { createEventStream } from "../../../src/adapters/sse/index.js";
import { createDqsn, createNetworkState } from "../../../src/index.js";
import { request, signal } from "../../support/envelopes.js";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function appWith(authorize: unknown): Promise<FastifyInstance> {
  const network = createNetworkState();
  const stream = createEventStream({ network, clock: () => NOW });
  const app = Fastify();
  cleanups.push(
    () => stream.close(),
    () => app.close(),
  );
  await app.register(dqsnRoutes, {
    dqsn: createDqsn(),
    network,
    stream,
    authorize: authorize as Authorize,
    clock: () => NOW,
  });
  return app;
}

const ask = (app: FastifyInstance) => ({
  evaluate: () =>
    app.inject({ method: "POST", url: "/evaluate", payload: request([signal()]) as object }),
  ingest: () => app.inject({ method: "POST", url: "/signals", payload: report() }),
  view: () => app.inject("/network"),
});

const may = { maySpeakFor: () => true };
const withGetter = Object.defineProperty({}, "view", { get: () => true, enumerable: true });
class Granted {
  view = true;
}

describe("authorize", () => {
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["false", false],
    ["true", true],
    ["0", 0],
    ["1", 1],
    ["an empty text", ""],
    ["a text", "granted"],
    ["an empty object", {}],
    ["an array", [may]],
    ["a function", () => may],
    ["an error object", { error: "forbidden" }],
    ["an object that names something unknown", { view: true, admin: true }],
    ["a permission that is a text", { view: "yes" }],
    ["a permission that is a number", { view: 1 }],
    ["a permission that is false", { view: false, evaluate: false }],
    ["a maySpeakFor that is true", { maySpeakFor: true }],
    ["inherited permissions", Object.create({ view: true, evaluate: true, ...may })],
    ["an accessor", withGetter],
    ["an instance of a class", new Granted()],
    ["a Map", new Map([["view", true]])],
  ])("refuses with 401 when it gives %s, as it is or promised", async (_, answer) => {
    const thenable = { then: (resolve: (value: unknown) => void) => resolve(answer) };
    for (const given of [() => answer, async () => answer, () => thenable]) {
      const app = await appWith(given);
      for (const attempt of Object.values(ask(app))) {
        const { statusCode, body } = await attempt();
        const { reason_codes } = dqsnResponseSchema.parse(JSON.parse(body));
        expect([statusCode, reason_codes]).toEqual([401, ["DQSN_ERROR_UNAUTHENTICATED"]]);
      }
      expect((await app.inject("/network/stream")).statusCode).toBe(401);
    }
  });

  it.each([
    ["view", { view: true }],
    ["evaluate", { evaluate: true }],
    ["ingest", may],
  ])("grants %s alone to a grant that names it alone", async (granted, grant) => {
    const attempts = ask(await appWith(() => grant));
    for (const [action, attempt] of Object.entries(attempts)) {
      const { statusCode } = await attempt();
      expect([action, statusCode]).toEqual([action, action === granted ? 200 : 403]);
    }
  });

  it("grants nothing through a polluted prototype", async () => {
    const polluted = { view: true, evaluate: true, ...may };
    const app = await appWith(() => ({}));
    Object.assign(Object.prototype, polluted);
    try {
      for (const attempt of Object.values(ask(app))) expect((await attempt()).statusCode).toBe(401);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it("is not taken from a prototype, nor are headers", async () => {
    const options = { dqsn: createDqsn(), network: createNetworkState() } as never;
    const app = await appWith(({ headers }: { headers: { authorization?: string } }) =>
      headers.authorization === "key" ? { view: true } : undefined,
    );
    // Not enumerable: the client of the test would send it.
    const pollute = (name: string, value: unknown) =>
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
    pollute("authorize", () => ({ view: true }));
    pollute("authorization", "key");
    try {
      await expect(dqsnRoutes(Fastify(), options)).rejects.toThrow(/authorize/);
      expect((await app.inject("/network")).statusCode).toBe(401);
    } finally {
      Reflect.deleteProperty(Object.prototype, "authorize");
      Reflect.deleteProperty(Object.prototype, "authorization");
    }
  });

  it.each([
    ["a promise of true", async () => true],
    ["a promise that rejects", async () => Promise.reject(new Error("no keyring"))],
    ["a text", () => "yes"],
    ["nothing", () => undefined],
  ])("refuses a signal when maySpeakFor gives %s", async (_, maySpeakFor) => {
    const answer = await ask(await appWith(() => ({ maySpeakFor }))).ingest();
    expect([answer.statusCode, answer.json().results[0].code]).toEqual([
      422,
      "DQSN_ERROR_REPORTER_FORBIDDEN",
    ]);
  });
});

describe("speaksAs", () => {
  const acme = { operator: "acme", node_ids: ["acme-1", "acme-2"], sources: ["sentinel"] } as const;
  const alarm = report({ node_id: "acme-1", operator: "acme", severity: 1 });

  it.each([
    [true, "its operator, node and source", alarm],
    [true, "its other node", { ...alarm, node_id: "acme-2" }],
    [false, "another node", { ...alarm, node_id: "bolt-1" }],
    [false, "another operator", { ...alarm, operator: "bolt" }],
    [false, "no operator", report({ node_id: "acme-1" })],
    [false, "another source", { ...alarm, source: "wallet_guard" }],
  ])("answers %s to a signal that names %s", (expected, _, named) => {
    expect(speaksAs(acme)(named as never)).toBe(expected);
  });

  it("lets two nodes of one company be no quorum", async () => {
    const app = await appWith(() => ({ view: true, maySpeakFor: speaksAs(acme) }));
    const names = [
      { node_id: "acme-1", operator: "acme" },
      { node_id: "acme-2", operator: "acme" },
      { node_id: "acme-1" },
      { node_id: "acme-2" },
      { node_id: "acme-2", operator: "victim-exchange" },
    ];
    for (const name of names) {
      await app.inject({
        method: "POST",
        url: "/signals",
        payload: { ...alarm, operator: undefined, ...name },
      });
    }
    expect((await app.inject("/network")).json()).toMatchObject({
      level: "CRITICAL_LOCAL",
      live_operators: 1,
    });
  });
});
