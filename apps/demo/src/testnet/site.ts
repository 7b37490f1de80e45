/** The site of the testnet: a deployment in the testnet's folder, with service and gateway over its nodes. */
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashPassword } from "@dgb-shield/rpc-gateway/server";
import { pino } from "pino";
import { configOf } from "../cli/config/config-options.js";
import { makeLedger } from "../cli/ledger/open-ledger.js";
import { serveConfig } from "../cli/serve/serve.js";
import { CommandError } from "../errors.js";
import { configTemplate, type Values } from "../service/config/template.js";
import { createLog } from "../service/http/index.js";
import { addKeys } from "../service/keys/change-keys.js";
import type { Service } from "../service/service.js";
import type { Network } from "./network.js";
import { NODE_WALLET } from "./node.js";

/** The wallet that pays, as the service names it. */
export const WALLET_ID = "hot";
/** The program that pays through the gateway. */
const CLIENT = "backend";

/** Largest payment, and most of the wallet in a day, in coins. */
const LIMITS = { max_per_tx: "100", max_24h: "1000000", max_fee: "1" } as const;

/** Seconds that risk must be LOW before its freezes end, and that levels are held: shorter than a site would have them. */
const LOW_SECONDS = 5;
const HOLD_MS = 5_000;
const POLL_MS = 1_000;
const REPORT_AGE_MS = 20_000;
/** Requests a minute of one key: people try things out here. */
const RATE = 60_000;

/** Who may do what at the service. */
export type SiteKeys = Readonly<Record<"operator" | "wallet" | "reader", string>>;

/** Where to reach the site, and with which credentials. */
export type SiteAddress = Readonly<{
  config_file: string;
  log_file: string;
  service_url: string;
  keys: SiteKeys;
  gateway_url: string;
  gateway_user: string;
  gateway_password: string;
}>;

/** A site that runs. */
export type Site = SiteAddress & Readonly<{ service: Service; close(): Promise<void> }>;

/** What a site is started with. */
export type SiteOptions = Readonly<{
  network: Network;
  folder: string;
  /** Ports of service and gateway. */
  port: number;
  gateway_port: number;
}>;

/**
 * Makes the deployment, and starts service and gateway in this process.
 *
 * @throws CommandError where it cannot be made or started
 */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { network, folder } = options;
  const password = randomBytes(24).toString("base64url");
  const config_file = join(folder, "shield.yaml");
  writeFileSync(config_file, configTemplate(valuesOf(options, password)), { mode: 0o600 });
  const parsed = configOf({ config: config_file, set: [] }, {});
  const config = { ...parsed, chain: network.chain };
  mkdirSync(config.data_dir, { mode: 0o700 });
  await makeLedger(config);
  const keys = await makeKeys(config.keys_file);
  const log_file = join(folder, "service.log");
  const log = openSync(log_file, "a", 0o600);
  const stopping = new AbortController();
  const sink = { write: () => true } as unknown as NodeJS.WriteStream;
  const { service, address, gateway, served } = await new Promise<Begun>((resolve, reject) => {
    const ending = serveConfig(config, {
      ...{ stdout: sink, stderr: sink, stop: stopping.signal, hold_ms: HOLD_MS },
      log: createLog(config.log, pino.destination({ fd: log, sync: true })),
      ready: ({ gateway: url = "", ...one }) => resolve({ ...one, gateway: url, served: ending }),
    }).finally(() => closeSync(log));
    ending.then(
      () => reject(new CommandError("usage", `the service ended; see ${log_file}`)),
      reject,
    );
  });
  return Object.freeze({
    ...{ config_file, log_file, service_url: address, keys },
    ...{ gateway_url: gateway, gateway_user: CLIENT, gateway_password: password },
    service,
    async close() {
      stopping.abort();
      await served;
    },
  } satisfies Site);
}

type Begun = Readonly<{
  service: Service;
  address: string;
  gateway: string;
  served: Promise<number>;
}>;

function valuesOf({ network, port, gateway_port }: SiteOptions, password: string): Values {
  const watched = [network.first, network.second];
  return {
    config_version: 1,
    deployment_id: `testnet-${randomBytes(6).toString("hex")}`,
    operator: "testnet",
    chain: network.chain.name,
    data_dir: "shield-data",
    ledger: { kind: "sqlite" },
    nodes: watched.map(({ node_id, url, cookie_file }) => ({ node_id, url, cookie_file })),
    ...{ poll_ms: POLL_MS, max_report_age_ms: REPORT_AGE_MS, min_fresh_nodes: 2 },
    http: { port, rate_limit: { per_key_per_minute: RATE } },
    mode: "enforce",
    wallets: { [WALLET_ID]: { mode: "enforce" } },
    guardian: { ...LIMITS, claim: "explicit", lift_after_low_seconds: LOW_SECONDS },
    gateway: {
      port: gateway_port,
      default_wallet_id: WALLET_ID,
      proxy: {
        clients: [
          {
            ...{ name: CLIENT, role: "spender", wallets: [NODE_WALLET] },
            password_sha256: hashPassword(password, randomBytes(16)),
            payment_id_from: "comment",
          },
        ],
      },
    },
  };
}

async function makeKeys(path: string): Promise<SiteKeys> {
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const roles = ["operator", "wallet", "reader"] as const;
  const [operator = "", wallet = "", reader = ""] = (
    await addKeys(
      { path, nowMs: Date.now, random: randomBytes },
      roles.map((role) => ({ role, name: `testnet ${role}`, ...any })),
      { create: true },
    )
  ).map(({ token }) => token);
  return { operator, wallet, reader };
}
