/** Deployments whose ledger holds real decisions, with an audit over it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { CHECKPOINT_ROLE } from "@dgb-shield/wallet-guardian/audit";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { readAuditKey } from "../../src/audit/audit-key.js";
import { randomSalt } from "../../src/audit/salt-bytes.js";
import { createTreeKeeper, type TreeKeeper } from "../../src/audit/tree-keeper.js";
import { type AuditStores, openAuditStores } from "../../src/audit/stores.js";
import { makeKeyFiles } from "../../src/cli/tip/key-file.js";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { calmSite, REQUEST } from "./site.js";

/** A folder with configuration, key and SQLite ledger. */
export type AuditedFolder = Readonly<{
  folder: string;
  config: string;
  publicKey: string;
  ledgerPath: string;
  at: (name: string) => string;
  remove(): void;
}>;

/** The configuration of a folder. */
export const configText = (...lines: readonly string[]): string =>
  [
    "config_version: 1",
    "deployment_id: exchange",
    "operator: site-a",
    "chain: digibyte_regtest",
    "data_dir: data",
    "nodes: [{node_id: node-1, url: http://127.0.0.1:18443, cookie_file: .cookie}]",
    'guardian: {max_per_tx: "100", max_24h: "500", cooldown_seconds: 0}',
    "audit: {key_file: key.json}",
    ...lines,
    "",
  ].join("\n");

/** Makes a folder whose ledger is still empty. */
export async function auditedFolder(): Promise<AuditedFolder> {
  const folder = mkdtempSync(join(tmpdir(), "shield-audit-"));
  const at = (name: string) => join(folder, name);
  mkdirSync(at("data"), { mode: 0o700 });
  const files = { key: at("key.json"), public: at("pub.json") };
  makeKeyFiles({ operator: "site-a", days: 365, ...files }, CHECKPOINT_ROLE, Date.now() - 1_000);
  writeFileSync(at("shield.yaml"), configText());
  const ledgerPath = at("data/ledger.sqlite");
  const ledger = createSqliteLedger({ path: ledgerPath, create: true });
  await ledger.identity();
  await ledger.close();
  return {
    ...{ folder, config: at("shield.yaml"), publicKey: files.public, ledgerPath, at },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lets a site decide on payments `from` up to `to`, not included; of every fourth the amount is above its limit. */
export async function decideOn(ledger: Ledger, from: number, to: number): Promise<void> {
  const { pipeline } = calmSite({ ledger });
  for (let i = from; i < to; i++) {
    const amount = i % 4 === 3 ? "120" : "1";
    await pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: `w-${i}`, amount });
  }
}

/** The stores of a folder and a keeper of its tree. */
export async function keeperOf(
  made: AuditedFolder,
  ledger: Ledger,
): Promise<Readonly<{ keeper: TreeKeeper; stores: AuditStores; warned: string[] }>> {
  const warned: string[] = [];
  const stores = await openAuditStores(sqliteConfig(made), () => undefined);
  const keeper = keeperOver(made, ledger, stores, (text) => void warned.push(text));
  return { keeper, stores, warned };
}

/** A keeper of a tree in given stores. */
export const keeperOver = (
  made: AuditedFolder,
  ledger: Ledger,
  stores: AuditStores,
  warn: (text: string) => void = () => undefined,
): TreeKeeper =>
  createTreeKeeper({
    ...{ ledger, hashes: stores.hashes, salts: stores.salts, random: randomSalt },
    checkpoints: stores.checkpoints,
    signer: readAuditKey(made.at("key.json")).signer,
    origin: { deployment_id: "exchange", genesis: digibyteRegtest.genesis?.hash ?? null },
    ...{ clock: Date.now, warn },
  });

const sqliteConfig = ({
  at,
  ledgerPath,
}: AuditedFolder): Pick<ServiceConfig, "ledger" | "data_dir"> => ({
  ledger: { kind: "sqlite", path: ledgerPath },
  data_dir: at("data"),
});
