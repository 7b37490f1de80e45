/** A governed service behind its HTTP server, with the keys of its file: calls are injected. */
import { randomBytes } from "node:crypto";
import { Registry } from "prom-client";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { createHttpServer, createLog } from "../../src/service/http/index.js";
import { addKeys } from "../../src/service/keys/change-keys.js";
import type { ApiKey } from "../../src/service/keys/key.js";
import { createKeyring } from "../../src/service/keys/keyring.js";
import type { Service } from "../../src/service/service.js";
import { governedDeployment } from "./governed.js";

/** A governed service over HTTP, with its keys and parts. */
export type GovernedHttp = Readonly<{
  service: Service;
  keys: Readonly<Record<string, ApiKey>>;
  /** Tokens of the keys, by holder. */
  tokens: Readonly<Record<string, string>>;
  /** What the service logged. */
  logged: readonly string[];
  /** Moves wall and monotonic clock. */
  pass(ms: number): void;
  /** Begins to listen on a free port of loopback, and gives the address. */
  listen(): Promise<string>;
  /** What there is to attack. */
  facts: {
    causes: string[];
    incidents: string[];
    proposals: string[];
    binds: Record<string, string>;
  };
  /** Calls a route as the holder of a key. */
  call(
    route: string,
    holder: string,
    body?: object,
  ): Promise<Readonly<{ status: number; code: string; body: Record<string, unknown> }>>;
  close(): Promise<void>;
}>;

/**
 * Starts it; of each holder a key whose token the test has.
 *
 * @param dashboard folder of the built page; null: none is served
 */
export async function startGovernedHttp(
  fields: Partial<ServiceConfig> = {},
  dashboard: string | null = null,
): Promise<GovernedHttp> {
  const governed = await governedDeployment(fields);
  const { config } = governed.deployment;
  const service = await governed.start();
  const keyring = createKeyring({
    path: config.keys_file,
    monotonic: () => performance.now(),
    governed: service.governedKeys,
  });
  const app = await createHttpServer({
    ...{ service, keyring, dashboard, registry: new Registry() },
    settings: {
      ...{ ...config.http, tls: null },
      rate_limit: { per_key_per_minute: 100_000_000, per_address_per_minute: 100_000_000 },
    },
    log: createLog({ level: "fatal", format: "json" }),
    clock: Date.now,
    monotonic: () => performance.now(),
  });
  return {
    ...{ service, keys: governed.keys, tokens: governed.tokens },
    logged: governed.deployment.logged,
    pass: governed.pass,
    listen: () => app.listen({ host: "127.0.0.1", port: 0 }),
    facts: { causes: [], incidents: [], proposals: [], binds: {} },
    async call(route, holder, body) {
      const [method = "GET", url = "/"] = route.split(" ");
      const answer = await app.inject({
        method: method as "GET",
        url,
        headers: {
          host: "127.0.0.1",
          authorization: `Bearer ${governed.tokens[holder] ?? ""}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const read = JSON.parse(answer.body || "{}") as Record<string, unknown>;
      return { status: answer.statusCode, code: String(read["code"]), body: read };
    },
    async close() {
      await app.close();
      await service.close();
      governed.remove();
    },
  };
}

/** Adds a key to a deployment's file by hand: what a thief of the host would do. */
export const addByHand = (path: string, name: string) =>
  addKeys(
    { path, nowMs: Date.now, random: randomBytes },
    [{ role: "operator", name, wallets: null, reports_for: null, expires_at_ms: null }],
    { create: false },
  );
