/** A gateway in front of a real node, with clients, a hook in memory and a proxy that records what reaches the node. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { litecoinRegtest } from "@dgb-shield/chain";
import { type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import type { GatewayConfigInput } from "../../src/index.js";
import {
  createGateway,
  type Gateway,
  type GatewayLogEntry,
  type GatewayPorts,
  hashPassword,
} from "../../src/adapters/server/index.js";
import { createMemoryHook, type MemoryHook } from "./memory-hook.js";
import { testPolicy } from "./policy.js";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy.js";

export const PASSWORD = "a-generated-password-of-a-test-0123456789";
const password_sha256 = hashPassword(PASSWORD, new Uint8Array(randomBytes(16)));

/** Clients of every test. */
export const CLIENTS: GatewayConfigInput["clients"] = [
  { name: "reader", password_sha256, role: "chain_reader" },
  { name: "hot", password_sha256, role: "spender", wallets: ["hot"], payment_id_from: "header" },
  { name: "cli", password_sha256, role: "spender", wallets: ["hot"], payment_id_from: "generated" },
  {
    name: "commenter",
    password_sha256,
    role: "spender",
    wallets: ["hot"],
    payment_id_from: "comment",
  },
  {
    name: "other",
    password_sha256,
    role: "spender",
    wallets: ["other"],
    payment_id_from: "header",
  },
  { name: "operator", password_sha256, role: "operator", wallets: ["hot"] },
];

/** A node with two wallets and coins in `hot`. */
export type FundedNode = RegtestNode & { scripts: Map<string, string>; addresses: string[] };

/** Calls a method of a wallet at the node itself. */
export async function walletCall(
  node: RegtestNode,
  wallet: string,
  method: string,
  params: unknown[],
) {
  const authorization = `Basic ${readFileSync(node.cookieFile).toString("base64")}`;
  const body = JSON.stringify({ id: 1, method, params });
  const answer = await fetch(`${node.url}/wallet/${wallet}`, {
    method: "POST",
    headers: { authorization },
    body,
  });
  const { result, error } = (await answer.json()) as {
    result: unknown;
    error: { message: string } | null;
  };
  if (error !== null) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** Starts a node with coins, few keys ahead, and some foreign addresses to pay to. */
export async function startFundedNode(more: readonly string[] = []): Promise<FundedNode> {
  const options = { args: ["-keypool=20", ...more] };
  const node = await startNode(options);
  for (const name of ["hot", "other", "outside"]) {
    // Loaded again when the node starts again.
    await node.rpc("createwallet", name, false, false, "", false, false, name === "hot");
  }
  const own = await walletCall(node, "hot", "getnewaddress", []);
  await node.rpc("generatetoaddress", 115, own);
  // Flushes the chain: a node that is killed keeps it.
  await node.rpc("gettxoutsetinfo");
  const scripts = new Map<string, string>();
  const addresses: string[] = [];
  for (let i = 0; i < 12; i++) {
    const type = ["bech32", "legacy", "p2sh-segwit"][i % 3];
    const address = String(await walletCall(node, "outside", "getnewaddress", ["", type]));
    const info = (await node.rpc("validateaddress", address)) as { scriptPubKey: string };
    scripts.set(address, info.scriptPubKey);
    addresses.push(address);
  }
  return { ...node, start: () => node.start(options), scripts, addresses };
}

/** A gateway that runs. */
export type TestSite = {
  gateway: Gateway;
  url: string;
  hook: MemoryHook;
  proxy: RecordingProxy;
  log: GatewayLogEntry[];
  close(): Promise<void>;
};

/** What a test changes. */
export type SiteChanges = {
  config?: Partial<GatewayConfigInput>;
  ports?: Partial<GatewayPorts>;
  hook?: MemoryHook;
};

/** Starts a gateway in front of a node. */
export async function startSite(
  node: Pick<FundedNode, "url" | "cookieFile">,
  { config = {}, ports = {}, hook = createMemoryHook() }: SiteChanges = {},
): Promise<TestSite> {
  const proxy = await startRecordingProxy(node.url);
  const log: GatewayLogEntry[] = [];
  const gateway = createGateway(
    {
      clients: CLIENTS,
      settlement: { interval_ms: 3_600_000, release_after_blocks: 0 },
      ...config,
    },
    {
      node: { url: proxy.url, auth: { cookie_file: node.cookieFile } },
      policy: testPolicy(),
      hook,
      chain: litecoinRegtest,
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      log: (entry) => void log.push(entry),
      ...ports,
    },
  );
  const url = await gateway.listen(0);
  return {
    ...{ gateway, url, hook, proxy, log },
    async close() {
      await gateway.close();
      await proxy.close();
    },
  };
}

/** One JSON-RPC answer. */
export type RpcAnswer = {
  id: unknown;
  result: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- of any method
  error: { code: number; message: string; data: { code: string; retry_after_ms?: number } };
};

/** An answer over HTTP; `json` is null where the body is none. */
export type HttpAnswer = { status: number; text: string; json: RpcAnswer };

/** Sends a body as a client. */
export async function post(
  site: Pick<TestSite, "url">,
  client: string,
  body: unknown,
  { path = "/", headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  const authorization = `Basic ${Buffer.from(`${client}:${PASSWORD}`).toString("base64")}`;
  const answer = await fetch(site.url + path, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  return { status: answer.status, text, json: json as RpcAnswer };
}

/** Calls a method as a client. */
export const call = (
  site: Pick<TestSite, "url">,
  client: string,
  method: string,
  params: unknown = [],
  headers: Record<string, string> = {},
): Promise<HttpAnswer> =>
  post(site, client, { jsonrpc: "1.0", id: 1, method, params }, { headers });
