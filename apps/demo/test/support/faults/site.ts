/** A deployment of `shield serve` for tests of faults: a process of its own over a real node and real files. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { freePort } from "@dgb-shield/testkit/servers";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { addKeys } from "../../../src/service/keys/change-keys.js";
import type { Role } from "../../../src/service/keys/key.js";
import { start } from "../shield.js";

const CLI = join(import.meta.dirname, "..", "..", "..", "dist", "cli.js");

/** Coins of all payments that are requested in a test are far below this. */
const MAX_24H = "100000";

/** Starts a node that is in sync: its newest block is of now. */
export async function startSyncedNode(): Promise<RegtestNode> {
  const node = await startNode();
  await node.rpc("createwallet", "w");
  await node.rpc("generatetoaddress", 10, await node.rpc("getnewaddress"));
  return node;
}

/** A node as the configuration names it. */
export type WatchedNode = Readonly<{ url: string; cookieFile: string }>;

/** How a deployment is made. */
export type SiteOptions = Readonly<{
  node: WatchedNode;
  /** Where the data is kept; a folder of its own by default. */
  dataDir?: string;
  /** Fields of the configuration that replace its own; `ledger` says that the ledger is there already. */
  config?: Readonly<Record<string, unknown>>;
  /** Environment of its processes: secrets that no file may hold. */
  env?: Readonly<Record<string, string>>;
}>;

/** A process of `shield serve`. */
export type Served = Readonly<{
  child: ChildProcess;
  /** Everything on its standard output and error so far. */
  log: () => string;
  /** Ends it, and resolves with its exit code; null where a signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}>;

/** How a process is started. */
export type ServeOptions = Readonly<{
  env?: Readonly<Record<string, string>>;
  /** False: nothing reads its log. */
  readLog?: boolean;
}>;

/** A deployment. */
export type Site = Readonly<{
  dataDir: string;
  /** The ledger's file, where it is one. */
  ledger: string;
  configFile: string;
  url: string;
  keys: Readonly<Record<Exclude<Role, "reporter">, string>>;
  /** What no answer and no line of the log may hold. */
  secrets: string[];
  /** Starts the service and waits until it listens; rejects with its log where it ends before. */
  serve(options?: ServeOptions): Promise<Served>;
  /** Runs another command on the same configuration. */
  command(...args: readonly string[]): Promise<Readonly<{ code: number | null; text: string }>>;
  remove(): void;
}>;

/** Makes a deployment that enforces, with one node, keys of all roles, and an empty SQLite ledger. */
export async function makeSite({
  node,
  dataDir,
  config = {},
  env = {},
}: SiteOptions): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "shield-fault-"));
  const data = dataDir ?? join(folder, "data");
  if (!existsSync(data)) mkdirSync(data, { mode: 0o700 });
  const port = await freePort();
  const ledger = join(data, "ledger.sqlite");
  if (config["ledger"] === undefined) await makeLedger(ledger);
  const configFile = join(folder, "shield.json");
  const written = {
    ...{ config_version: 1, deployment_id: "faults", operator: "site", data_dir: data },
    chain: "litecoin_regtest",
    nodes: [{ node_id: "node-1", url: node.url, cookie_file: node.cookieFile }],
    ...{ poll_ms: 1_000, max_report_age_ms: 10_000, http: { port }, mode: "enforce" },
    wallets: { hot: { mode: "enforce" } },
    guardian: {
      ...{ claim: "explicit", max_per_tx: "1000", max_24h: MAX_24H, cooldown_seconds: 0 },
      ...{ allow_valid_seconds: 600, high_risk_freeze: false },
    },
    ...config,
  };
  writeFileSync(configFile, JSON.stringify(written));
  const keys = await makeKeys(join(data, "keys.json"));
  return Object.freeze({
    ...{ dataDir: data, ledger, configFile, keys, url: `http://127.0.0.1:${port}` },
    secrets: Object.values(keys),
    serve: (options = {}) => serve(configFile, { ...options, env: { ...env, ...options.env } }),
    async command(...args) {
      const { code, stdout, stderr } = await start([...args, "--config", configFile], env).ended;
      return { code, text: stdout + stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  } satisfies Site);
}

async function makeLedger(path: string): Promise<void> {
  const ledger = createSqliteLedger({ path, create: true });
  await ledger.identity();
  await ledger.close();
}

async function makeKeys(path: string): Promise<Site["keys"]> {
  const roles = ["wallet", "approver", "operator", "reader"] as const;
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const made = await addKeys(
    { path, nowMs: Date.now, random: randomBytes },
    roles.map((role) => ({ role, name: role, ...any })),
    { create: true },
  );
  const tokens = roles.map((role, i) => [role, made[i]?.token ?? ""] as const);
  return Object.fromEntries(tokens) as Site["keys"];
}

async function serve(
  configFile: string,
  { env = {}, readLog = true }: ServeOptions = {},
): Promise<Served> {
  const child = spawn(process.execPath, [CLI, "serve", "--config", configFile], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let text = "";
  const take = (stream: Readable, seen: (more: string) => void = () => undefined): void =>
    void stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      seen(more);
    });
  const ended = once(child, "exit").then(([code]) => code as number | null);
  if (readLog) take(child.stderr);
  await new Promise<void>((resolve, reject) => {
    take(child.stdout, (more) => {
      if (more.includes("shield serves")) resolve();
    });
    child.once("close", (code) => reject(new Error(`ended with ${String(code)}: ${text}`)));
  });
  return Object.freeze({
    child,
    log: () => text,
    async end(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  } satisfies Served);
}
