/** What `shield doctor` checks around a configuration; each check is a line with what to do. */
import { statfsSync, statSync } from "node:fs";
import { connect as connectTcp, createServer } from "node:net";
import { createNodeRpc, type NodeRpc } from "@dgb-shield/chain/rpc";
import type { ServiceConfig, ServiceNode } from "../../service/config/service-config.js";
import { KeyFileError, readKeyFile } from "../../service/keys/key-file.js";
import { isInForce } from "../../service/keys/keyring.js";
import { LEDGER_COMMANDS } from "../../service/ledger-commands.js";
import { ledgerErrorText, openLedger } from "../ledger/open-ledger.js";
import { balanceTasks } from "./balance.js";
import { type Check, fail, ok, type Task, warn } from "./check.js";
import { webhookTask } from "./webhook.js";

/** Checks that need no configuration. */
export const HOST_TASKS: readonly Task[] = [{ name: "node.js", run: nodeVersion }];

/**
 * Checks of everything that a configuration names, in their order.
 *
 * @param sends whether each webhook gets an event of the type test
 */
export const tasksOf = (config: ServiceConfig, sends: boolean): Task[] => [
  { name: "data folder", run: () => dataFolder(config) },
  { name: "disk", run: () => freeDisk(config) },
  { name: "ledger", run: () => ledger(config) },
  { name: "keys", run: () => keys(config) },
  ...config.nodes.map((node) => ({
    name: `node ${node.node_id}`,
    run: () => chainNode(node, config),
  })),
  ...balanceTasks(config),
  ...(config.recording === null
    ? []
    : [{ name: "recording", run: () => recording(config.recording?.file ?? "") }]),
  ...(config.nats === null ? [] : [{ name: "nats", run: () => nats(config.nats?.url ?? "") }]),
  ...config.webhooks.map((webhook) => webhookTask(webhook, config.deployment_id, sends)),
  { name: "port", run: () => port(config) },
];

const OLDEST_NODE = [20, 20, 2] as const;

function nodeVersion(): Check {
  const { version } = process;
  const parts = version.slice(1).split(".").map(Number);
  const at = OLDEST_NODE.findIndex((least, i) => parts[i] !== least);
  const isOld = at !== -1 && (parts[at] ?? 0) < (OLDEST_NODE[at] ?? 0);
  if (isOld) return fail("node.js", `${version} is too old`, "install Node.js 24");
  return (parts[0] ?? 0) < 22
    ? warn("node.js", `${version} has reached its end of life`, "install Node.js 24")
    : ok("node.js", version);
}

function dataFolder({ data_dir }: ServiceConfig): Check {
  const name = "data folder";
  const found = statSync(data_dir, { throwIfNoEntry: false });
  if (found === undefined) return fail(name, `${data_dir} is missing`, "run shield init");
  if (!found.isDirectory()) return fail(name, `${data_dir} is no folder`, "name another data_dir");
  if (process.platform !== "win32" && (found.mode & 0o077) !== 0) {
    return warn(name, `others may look into ${data_dir}`, `run chmod 700 ${data_dir}`);
  }
  return ok(name, data_dir);
}

/** Free bytes below which a check warns, and below which it fails. */
const [LITTLE, TOO_LITTLE] = [1_073_741_824, 104_857_600];

function freeDisk({ data_dir }: ServiceConfig): Check {
  const { bavail, bsize } = statfsSync(data_dir);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1_048_576)} MiB are free`;
  if (free < TOO_LITTLE) return fail("disk", detail, "make room: a full disk refuses payments");
  return free < LITTLE
    ? warn("disk", detail, "make room, or prune the ledger")
    : ok("disk", detail);
}

async function ledger(config: ServiceConfig): Promise<Check> {
  try {
    const { ledger: opened, pool, close } = await openLedger(config);
    try {
      const { ledger_id, epoch } = await opened.identity();
      const { rows } = (await pool?.query<{ server_version: string }>("SHOW server_version")) ?? {
        rows: [],
      };
      const server = rows[0] === undefined ? "SQLite" : `PostgreSQL ${rows[0].server_version}`;
      return ok("ledger", `${ledger_id}, epoch ${epoch}, ${server}`);
    } finally {
      await close();
    }
  } catch (error) {
    const { adopt, create } = LEDGER_COMMANDS;
    const remedy = `new: ${create}; moved or restored: ${adopt}`;
    return fail("ledger", ledgerErrorText(error), remedy);
  }
}

/** Days before its end at which a key is named. */
const SOON_MS = 14 * 86_400_000;

function keys({ keys_file, peers }: ServiceConfig): Check {
  try {
    const now = Date.now();
    const all = readKeyFile(keys_file).filter((key) => isInForce(key, now));
    const roles = new Set(all.map(({ role }) => role));
    if (!roles.has("wallet")) {
      return warn("keys", "no key may request payments", "shield keys add --role wallet");
    }
    if (!roles.has("operator")) {
      return warn("keys", "no key may release an incident", "shield keys add --role operator");
    }
    const sites = new Set(peers.map(({ operator }) => operator));
    const stray = all.find(({ reports_for: of }) => of !== null && !sites.has(of.operator));
    if (stray !== undefined) {
      const remedy = "list its site in peers, or revoke it";
      return warn("keys", `key ${stray.id} reports for a site that is none of the peers`, remedy);
    }
    const soon = all.filter(({ expires_at_ms: end }) => end !== null && end < now + SOON_MS);
    return soon.length > 0
      ? warn("keys", `${soon.map(({ id }) => id).join(", ")} expire soon`, "shield keys rotate")
      : ok("keys", `${all.length} in force`);
  } catch (error) {
    const isMissing = error instanceof KeyFileError && error.isMissing;
    const remedy = isMissing ? "run shield init" : "until then no key counts";
    return fail("keys", error instanceof Error ? error.message : "unreadable", remedy);
  }
}

const RPC_MS = 5_000;
const MAX_OFFSET_S = 30;
const MAX_BEHIND_S = 5;

async function chainNode(node: ServiceNode, { chain }: ServiceConfig): Promise<Check> {
  const name = `node ${node.node_id}`;
  const { url, auth } = node;
  const rpc = createNodeRpc({ url, timeout_ms: RPC_MS, ...(auth !== undefined && { auth }) });
  try {
    return await asked(rpc, { name, genesis: chain.genesis?.hash, chain: chain.name });
  } finally {
    await rpc.close();
  }
}

type Expected = Readonly<{ name: string; genesis: string | undefined; chain: string }>;

async function asked(rpc: NodeRpc, { name, genesis, chain }: Expected): Promise<Check> {
  const [first, network, blocks] = await Promise.all([
    rpc.call("getblockhash", [0]),
    rpc.call("getnetworkinfo"),
    rpc.call("getblockchaininfo"),
  ]);
  if (!first.ok) {
    const { kind, detail } = first.failure;
    return fail(name, `it does not answer (${kind})`, detail);
  }
  if (genesis !== undefined && first.value !== genesis) {
    return fail(name, `it follows another chain than ${chain}`, "correct chain, or the node's url");
  }
  const { subversion, timeoffset } = fieldsOf(network.ok ? network.value : {});
  const {
    blocks: height,
    initialblockdownload,
    mediantime,
  } = fieldsOf(blocks.ok ? blocks.value : {});
  const version = typeof subversion === "string" ? printable(subversion) : "unknown version";
  const detail = `${version}, height ${String(Number(height))}`;
  if (initialblockdownload === true) {
    return warn(
      name,
      `${detail}, still in its initial download`,
      "wait: nothing is paid until then",
    );
  }
  if (typeof timeoffset === "number" && Math.abs(timeoffset) > MAX_OFFSET_S) {
    return warn(
      name,
      `${detail}, its clock is ${timeoffset} s from its peers`,
      "set its clock by NTP",
    );
  }
  if (typeof mediantime === "number" && mediantime > Date.now() / 1_000 + MAX_BEHIND_S) {
    return warn(
      name,
      `${detail}, and this machine's clock is behind the chain`,
      "set this clock by NTP",
    );
  }
  return ok(name, detail);
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Text of a node, without what moves a cursor. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, "?").slice(0, 100);

function recording(file: string): Check {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? warn("recording", `${file} is played: a trial, no evidence`, "give nodes for real payments")
    : fail("recording", `${file} is missing`, "name another file");
}

/** The first line of a NATS server, which names its version, is sent to everyone who connects. */
async function nats(url: string): Promise<Check> {
  const { hostname, port: given } = new URL(url);
  const text = await new Promise<string>((done) => {
    const socket = connectTcp(Number(given) || 4222, hostname.replaceAll(/[[\]]/g, ""));
    const end = (found: string) => (socket.destroy(), done(found));
    socket.setTimeout(RPC_MS, () => end(""));
    socket.once("data", (data) => end(data.toString("utf8"))).once("error", () => end(""));
  });
  const version = /"version":"([\w.+-]{1,40})"/.exec(text)?.[1];
  return version === undefined
    ? fail("nats", `no NATS server answers at ${hostname}`, "start it, or correct nats.url")
    : ok("nats", `version ${version}`);
}

async function port({ http: { host, port: wanted } }: ServiceConfig): Promise<Check> {
  const code = await new Promise<string | null>((done) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? "unknown"));
    server.listen({ host, port: wanted }, () => server.close(() => done(null)));
  });
  if (code === null) return ok("port", `${host} port ${wanted} is free`);
  return code === "EADDRINUSE"
    ? warn(
        "port",
        `port ${wanted} is in use`,
        "fine where the service runs; else give another http.port",
      )
    : fail(
        "port",
        `cannot listen on ${host} port ${wanted} (${code})`,
        "give another http.host or port",
      );
}
