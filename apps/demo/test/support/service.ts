/** A service over a folder of its own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { litecoinRegtest } from "@dgb-shield/chain";
import { parsePolicy as parseGuardPolicy } from "@dgb-shield/quantum-wallet-guard";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { createService } from "../../src/service/runtime/index.js";
import type { Service } from "../../src/service/service.js";

/** A folder, and what is configured in it. */
export type Deployment = Readonly<{
  config: ServiceConfig;
  /** What the service logged. */
  logged: string[];
  start(): Promise<Service>;
  remove(): void;
}>;

/** The calm wallet of most tests: claims are explicit, and limits are wide. */
export const WALLET = "hot";

/** Makes a deployment with a SQLite ledger; fields of the configuration replace its own. */
export async function deploy(fields: Partial<ServiceConfig> = {}): Promise<Deployment> {
  const data_dir = mkdtempSync(join(tmpdir(), "shield-service-test-"));
  const path = join(data_dir, "ledger.sqlite");
  const ledger = createSqliteLedger({ path, create: true });
  await ledger.identity();
  await ledger.close();
  const logged: string[] = [];
  const config: ServiceConfig = {
    ...{ config_version: 1, deployment_id: "test", operator: "site", data_dir },
    chain: litecoinRegtest,
    addresses: "decode",
    files: {
      ledger: path,
      ledger_witness: join(data_dir, "witness"),
      state: join(data_dir, "state"),
      outbox: join(data_dir, "outbox"),
    },
    ledger: { kind: "sqlite", path },
    nodes: [],
    defense_inputs: null,
    node_wallets: new Map(),
    behaviour: "caller",
    recording: null,
    ...{ poll_ms: 1_000, max_report_age_ms: 18_000, min_fresh_nodes: 1 },
    unknown_network: "refuse",
    http: {
      ...{ host: "127.0.0.1", port: 0, tls: null, behind_proxy: false, trusted_proxies: [] },
      ...{ allowed_hosts: [], allowed_origins: [] },
      rate_limit: { per_key_per_minute: 600_000, per_address_per_minute: 600 },
    },
    keys_file: join(data_dir, "keys.json"),
    mode: "enforce",
    wallets: new Map([[WALLET, "enforce"]]),
    wallet_policies: new Map(),
    guardian: parsePolicy({
      ...{ max_per_tx: "1000", max_24h: "100000", cooldown_seconds: 0, claim: "explicit" },
    }),
    guard: parseGuardPolicy({}),
    gateway: null,
    nats: null,
    webhooks: [],
    tip_statement: null,
    approvers: [],
    thresholds: { classes: {}, approvers: {} },
    token: null,
    governance: null,
    peers: [],
    audit: null,
    log: { level: "info", format: "json" },
    ...fields,
  };
  return {
    config,
    logged,
    start: () =>
      createService(config, {
        hold_ms: 1_000,
        log: (level, text) => void logged.push(`${level}: ${text}`),
      }),
    remove: () => rmSync(data_dir, { recursive: true, force: true }),
  };
}

let payments = 0;

/** A payment of 10 coins that a calm service allows; each has an id of its own. */
export const paymentRequest = (fields: object = {}) => ({
  withdrawal_id: `w-${++payments}`,
  wallet_id: WALLET,
  amount: "10",
  ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
  ...fields,
});

/** Waits until a condition holds; fails with what was seen last. */
export async function until<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  mostMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + mostMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
