/** The service over real HTTP, for tests: the runtime on SQLite, with a recording as evidence, and a key of each role. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { digibyteRegtest } from "@dgb-shield/chain";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { thresholdsOf, tokenOf } from "../../src/service/config/complete-signing.js";
import { guardianPolicyOf, walletPolicyOf } from "../../src/service/config/policies.js";
import { configFieldsSchema, type ServiceConfigInput } from "../../src/service/config/schema.js";
import { auditOf } from "../../src/service/config/audit.js";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { createHttpServer, createLog, type HttpSettings } from "../../src/service/http/index.js";
import type { StreamBounds } from "../../src/service/http/events/event-stream.js";
import type { ApiKey, Keyring, Role } from "../../src/service/keys/key.js";
import { createService } from "../../src/service/runtime/index.js";
import type { Service } from "../../src/service/service.js";
import { SMALLEST } from "./service-config.js";

export const RECORDING = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);

/** A key, and the token that stands for it. */
export type TestKey = Readonly<{ token: string; key: ApiKey }>;

/** Makes a key of a role. */
function testKey(role: Role, name: string, more: Partial<ApiKey> = {}): TestKey {
  const token = `shield_${name}_planted-secret-${createHash("sha256").update(name).digest("hex")}`;
  const hash = createHash("sha256").update(token).digest("hex");
  const key: ApiKey = {
    ...{ id: `k-${name}`, role, hash, created_at_ms: 0, expires_at_ms: null, wallets: null },
    reports_for: role === "reporter" ? { operator: "peer", node_ids: ["peer-1"] } : null,
    ...{ name, revoked_at_ms: null },
    ...more,
  };
  return { token, key };
}

/** A keyring over some keys; `revoke` takes one out. */
export function testKeyring(keys: readonly TestKey[]) {
  const byToken = new Map(keys.map(({ token, key }) => [token, key]));
  const keyring: Keyring = {
    authenticate: (bearer) => byToken.get(bearer),
    keys: () => [...byToken.values()],
    problem: () => null,
  };
  return {
    ...keyring,
    revoke: (token: string) => void byToken.delete(token),
    bind(token: string, wallets: readonly string[]) {
      const key = byToken.get(token);
      if (key !== undefined) byToken.set(token, { ...key, wallets });
    },
  };
}

/** A key of each role, and one that is bound to a wallet. */
export const KEYS = {
  reporter: testKey("reporter", "reporter"),
  wallet: testKey("wallet", "wallet"),
  approver: testKey("approver", "approver"),
  operator: testKey("operator", "operator"),
  reader: testKey("reader", "reader"),
  governor: testKey("governor", "governor"),
  bound: testKey("wallet", "bound", { wallets: ["hot-1"] }),
  boundOperator: testKey("operator", "bound-operator", { wallets: ["hot-1"] }),
} as const;

/** Settings of a server on loopback. */
const SETTINGS: HttpSettings = {
  host: "127.0.0.1",
  tls: null,
  behind_proxy: false,
  trusted_proxies: ["127.0.0.1", "::1"],
  allowed_hosts: [],
  allowed_origins: [],
  rate_limit: { per_key_per_minute: 100_000_000, per_address_per_minute: 100_000_000 },
};

/** What a test's service differs in. */
export type HttpServiceOptions = Readonly<{
  config?: Partial<ServiceConfigInput>;
  settings?: Partial<HttpSettings>;
  stream?: Partial<StreamBounds>;
  /** False: nothing is logged, so that nothing of it is kept. */
  log?: boolean;
  /** Folder of the dashboard. */
  dashboard?: string;
  /** Where it listens; a free one where it is left out. */
  port?: number;
  /** Stands between the server and the service. */
  wrap?: (service: Service) => Service;
}>;

/** An answer that was read whole. */
export type Answer = Readonly<{
  status: number;
  headers: Headers; // What an answer holds is what a test finds out.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
  text: string;
}>;

/** What a call sends. */
export type CallOptions = Readonly<{
  key?: TestKey | null;
  body?: unknown;
  headers?: Record<string, string>;
}>;

/** A service that listens. */
export type HttpService = Readonly<{
  url: string;
  port: number;
  app: FastifyInstance;
  service: Service;
  keyring: ReturnType<typeof testKeyring>;
  registry: Registry;
  folder: string;
  /** Everything that the log has written. */
  logged: () => string;
  /** Calls a route with a key; the wallet's where none is given. */
  call(route: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}>;

/** Completes a configuration as the loader does, for a folder that holds a new ledger. */
function configIn(folder: string, input: Partial<ServiceConfigInput> = {}): ServiceConfig {
  const parsed = configFieldsSchema.parse({
    ...SMALLEST,
    nodes: undefined,
    chain: digibyteRegtest.name,
    recording: { file: RECORDING, speed: 1 },
    data_dir: folder,
    mode: "enforce",
    unknown_network: "elevated",
    guardian: { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0, claim: "explicit" },
    ...input,
  });
  const path = join(folder, "ledger.sqlite");
  return {
    ...parsed,
    chain: digibyteRegtest,
    defense_inputs: null,
    node_wallets: new Map(),
    files: {
      ledger: path,
      ledger_witness: join(folder, "ledger.witness"),
      state: join(folder, "state"),
      outbox: join(folder, "outbox"),
    },
    ledger: { kind: "sqlite", path },
    nodes: [],
    recording: { file: RECORDING, speed: 1 },
    max_report_age_ms: 60_000,
    min_fresh_nodes: 1,
    http: { ...parsed.http, tls: null },
    keys_file: join(folder, "keys.json"),
    wallets: new Map(
      Object.entries(parsed.wallets).map(([id, { mode = parsed.mode }]) => [id, mode]),
    ),
    guardian: guardianPolicyOf(parsed.guardian),
    wallet_policies: new Map(),
    guard: walletPolicyOf(parsed.guard),
    gateway: null,
    audit: auditOf(parsed.audit, { paths: (_, path) => path, secret: () => "" }),
    nats: null,
    webhooks: [],
    tip_statement: null,
    approvers: parsed.approvers,
    thresholds: thresholdsOf(parsed.thresholds, digibyteRegtest, []),
    token: tokenOf(parsed.token, (_, file) => file),
    governance: parsed.governance ?? null,
  };
}

/** Starts a service, and serves it on a free port of loopback. */
export async function startHttpService(options: HttpServiceOptions = {}): Promise<HttpService> {
  const folder = mkdtempSync(join(tmpdir(), "shield-http-"));
  const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
  await ledger.identity();
  await ledger.close();
  const made = await createService(configIn(folder, options.config), { log: () => undefined });
  // The recording's first observation is due at once.
  while ((await made.reports()).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const service = options.wrap?.(made) ?? made;
  let text = "";
  const sink = new Writable({ write: (chunk, _, done) => ((text += String(chunk)), done()) });
  const keyring = testKeyring(Object.values(KEYS));
  const registry = new Registry();
  const app = await createHttpServer({
    ...{ service, keyring, registry },
    settings: { ...SETTINGS, ...options.settings },
    log: createLog({ level: options.log === false ? "fatal" : "trace", format: "json" }, sink),
    clock: Date.now,
    monotonic: () => performance.now(),
    ...(options.stream === undefined ? {} : { stream: options.stream }),
    ...(options.dashboard === undefined ? {} : { dashboard: options.dashboard }),
  });
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  const scheme = options.settings?.tls ? "https" : "http";
  const url = `${scheme}://127.0.0.1:${port}`;
  return {
    ...{ url, port, app, service, keyring, registry, folder },
    logged: () => text,
    call: (route, call) => callRoute(url, route, call),
    async close() {
      await app.close();
      await made.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function callRoute(
  url: string,
  route: string,
  { key = KEYS.wallet, body, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const [method = "GET", path = "/"] = route.split(" ");
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : undefined,
    text,
  };
}

/** A payment of a wallet that the guard finds usual. */
export const payment = (more: object = {}) => ({
  wallet_id: "hot-1",
  amount: "10",
  wallet_balance: "1000",
  behaviour_score: 1,
  trusted_device: true,
  ...more,
});
