/** `shield serve`: the service over HTTP, until it is stopped. */
import { statSync } from "node:fs";
import type { JsonObject } from "@dgb-shield/contract";
import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import { CommandError, EXIT } from "../../errors.js";
import { type RunningGateway, startGateway } from "../../gateway/start-gateway.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { isLoopback } from "../../service/config/fields.js";
import {
  createHttpServer,
  createLog,
  dashboardFolder,
  type HttpSettings,
} from "../../service/http/index.js";
import { createKeyring } from "../../service/keys/keyring.js";
import { createService, ServiceError } from "../../service/runtime/index.js";
import type { Service } from "../../service/service.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, configOf } from "../config/config-options.js";
import { createTlsReload, endsSoon, readTls, type SecureServer, type TlsPair } from "./tls.js";

/**
 * Serves until `stop`.
 *
 * @returns the exit code
 * @throws CommandError where the configuration, the ledger or the port cannot be used
 */
export async function serve(options: ConfigOptions, io: CommandIo): Promise<number> {
  const config = configOf(options, io.env);
  try {
    return await serveConfig(config, { ...io, log: createLog(config.log) });
  } finally {
    endInTime();
  }
}

/** What a service is run with. */
export type ServeIo = Pick<CommandIo, "stdout" | "stderr" | "stop"> &
  Readonly<{
    log: ReturnType<typeof createLog>;
    /** How long levels are held after their cause has gone, in milliseconds; default: the pipeline's. */
    hold_ms?: number;
    /** Called once, when it listens. */
    ready?: (running: Readonly<{ service: Service; address: string; gateway?: string }>) => void;
  }>;

/**
 * Serves a configuration until `stop`.
 *
 * @returns the exit code
 * @throws CommandError where the ledger or the port cannot be used
 */
export async function serveConfig(config: ServiceConfig, io: ServeIo): Promise<number> {
  const { stdout, stderr, stop, log, hold_ms, ready } = io;
  requireFolder(config.data_dir);
  const tls = config.http.tls === null ? null : readTls(config.http.tls, Date.now());
  if (config.addresses === "text")
    log.warn({}, "destinations are compared as texts, and no address is checked");
  if (tls !== null && endsSoon(tls, Date.now()))
    log.warn({}, "the certificate ends within two weeks");
  const settings = settingsOf(config, tls);
  const service = await started(config, {
    ...(hold_ms === undefined ? {} : { hold_ms }),
    ...{ stop, log: (level, text, facts: JsonObject = {}) => log[level]({ facts }, text) },
  });
  if (service === undefined) return EXIT.done;
  try {
    const keyring = createKeyring({
      path: config.keys_file,
      monotonic: () => performance.now(),
      governed: service.governedKeys,
      changed: ({ keys, problem }) =>
        problem === null
          ? log.info({ keys }, "the keys were read")
          : log.error({ problem }, "no key counts"),
    });
    const dashboard = dashboardFolder();
    if (dashboard === null) log.warn({}, "the dashboard is not built: no page is served");
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const app = await createHttpServer({
      ...{ service, keyring, settings, log, registry, dashboard },
      clock: Date.now,
      monotonic: () => performance.now(),
    });
    const problem = keyring.problem();
    requireKeys(config, problem);
    if (problem !== null) stderr.write(`warning: no key counts: ${problem}\n`);
    const gateway = await gatewayBeside(config, { service, log, registry });
    const reload = reloadOf(config, app, log);
    process.on("SIGHUP", reload);
    await serveUntil(stop, app, async () => {
      const address = await listening(app, config);
      const text = announcement(config, {
        ...{ address, gateway: gateway?.address, dashboard },
        governed: governanceLine(service),
      });
      stdout.write(`${text}\n`);
      ready?.({ service, address, ...(gateway && { gateway: gateway.address }) });
    }).finally(() => {
      process.off("SIGHUP", reload);
      return gateway?.close();
    });
  } finally {
    await service.close();
  }
  return EXIT.done;
}

/** Milliseconds that the log has after the end of the service. */
const LOG_MS = 1_000;

/** Ends the process although its log is not read: what waits for the reader would keep it alive. */
const endInTime = (): void => void setTimeout(() => process.exit(), LOG_MS).unref();

/** @throws CommandError `bad_data_folder` where there is no such folder: nothing is made at a start */
function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new CommandError(
    "bad_data_folder",
    `there is no folder ${path}: make the deployment with shield init, or correct data_dir`,
  );
}

async function serveUntil(
  stop: AbortSignal,
  app: FastifyInstance,
  begin: () => Promise<void>,
): Promise<void> {
  try {
    await begin();
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await app.close();
  }
}

/** What a fault of the service is for the command; any other one is of the data folder. */
const CODES: Readonly<Partial<Record<string, "bad_recording" | "bad_config">>> = Object.freeze({
  bad_recording: "bad_recording",
  bad_webhook_secret: "bad_config",
  governed: "bad_config",
});

/** Starts the service; undefined where it was stopped before. What cannot be used is one line on what to do. */
async function started(
  config: ServiceConfig,
  options: Parameters<typeof createService>[1],
): Promise<Service | undefined> {
  try {
    return await createService(config, options);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === "stopped") return undefined;
    const code = CODES[error.code] ?? "bad_data_folder";
    throw new CommandError(code, error.message, error);
  }
}

function settingsOf({ http }: ServiceConfig, tls: TlsPair | null): HttpSettings {
  const { host, behind_proxy, trusted_proxies, allowed_hosts, allowed_origins, rate_limit } = http;
  const proxies = { behind_proxy, trusted_proxies };
  const pair = tls && { cert: tls.cert, key: tls.key };
  return { host, ...proxies, allowed_hosts, allowed_origins, rate_limit, tls: pair };
}

/**
 * Requires keys where other machines can call.
 *
 * @throws CommandError `bad_config`
 */
function requireKeys({ http, keys_file }: ServiceConfig, problem: string | null): void {
  if (problem === null || isLoopback(http.host)) return;
  throw new CommandError(
    "bad_config",
    `/http/host ${http.host}: other machines could call, and no key counts (${problem}): make keys in ${keys_file} with shield keys add, or give host: 127.0.0.1`,
  );
}

/** What SIGHUP does: a renewed certificate is read. Keys are read anyway, and everything else needs a restart. */
function reloadOf(
  { http }: ServiceConfig,
  app: FastifyInstance,
  log: ReturnType<typeof createLog>,
): () => void {
  if (http.tls === null) return () => log.info({}, "SIGHUP: there is no certificate to read");
  const server = app.server as unknown as SecureServer;
  return createTlsReload(http.tls, server, {
    clock: Date.now,
    log: (level, text) => log[level]({}, text),
  });
}

async function listening(app: FastifyInstance, { http }: ServiceConfig): Promise<string> {
  const { host, port } = http;
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason =
      code === "EADDRINUSE"
        ? "it is taken: stop what listens there, or choose another with --set http.port=0"
        : code || "it cannot be opened";
    throw new CommandError("usage", `cannot listen on ${host} port ${port}: ${reason}`, error);
  }
}

type Beside = Readonly<{
  service: Service;
  log: ReturnType<typeof createLog>;
  registry: Registry;
}>;

/** Starts the gateway in this process, where one is configured. */
async function gatewayBeside(
  { gateway, chain, data_dir }: ServiceConfig,
  { service, log, registry }: Beside,
): Promise<RunningGateway | undefined> {
  if (gateway === null) return undefined;
  const events = new Counter({
    name: "shield_gateway_events_total",
    help: "Refusals, payments and settlements of the gateway.",
    labelNames: ["event", "code"],
    registers: [registry],
  });
  try {
    return await startGateway({
      ...{ config: { gateway, chain, data_dir }, service, countRpc: service.countRpc },
      log: (level, text, facts) => log[level]({ facts }, text),
      count: (_, labels) => events.inc(labels),
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `the gateway cannot start: ${detail}`, error);
  }
}

type Served = Readonly<{
  address: string;
  gateway: string | undefined;
  dashboard: string | null;
  /** How changes are governed. */
  governed: string;
}>;

/** What a person must know at the start. */
function announcement(
  config: ServiceConfig,
  { address, gateway, dashboard, governed }: Served,
): string {
  const { mode, recording, wallets, chain, operator } = config;
  const others = [...wallets].filter(([, own]) => own !== mode).map(([id]) => id);
  const meaning =
    mode === "observe"
      ? "OBSERVE mode: decisions are recorded, and hold no payment back"
      : "ENFORCE mode: a refusal is binding";
  return [
    `shield serves ${operator} on ${chain.name} at ${address} (API: ${address}/docs)`,
    ...(dashboard === null ? [] : [`the dashboard is at ${address}/dashboard/`]),
    ...(gateway === undefined
      ? []
      : [`the gateway in front of ${config.gateway?.node.node_id ?? ""} is at ${gateway}`]),
    meaning,
    ...(others.length === 0 ? [] : [`the other mode has: ${others.join(", ")}`]),
    ...(recording === null
      ? []
      : [
          "",
          "*** A RECORDING IS PLAYED AS EVIDENCE: for trials alone. Nothing of it is about the chain as it is now. ***",
          `*** ${recording.file}, ${recording.speed} times as fast as it was recorded ***`,
          "",
        ]),
    governed,
    "Ctrl-C ends.",
  ].join("\n");
}

/** How changes are governed, in a line. */
function governanceLine(service: Service): string {
  const view = service.governance();
  if (view === null) {
    return "Changes are NOT governed: one operator's key can loosen everything (docs/governance.md)";
  }
  const { approvals, governors } = view;
  return `Changes are governed: what loosens needs ${approvals} of ${governors - 1} others' approvals`;
}
