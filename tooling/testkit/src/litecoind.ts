/** Starts real nodes, on regtest or another chain: Litecoin Core, whose RPC is that of Bitcoin Core 0.21. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./servers.js";
import { hasProgram } from "./services.js";

/** Whether litecoind is installed; as `missing` where it is not. */
export const hasLitecoind = (): boolean =>
  hasProgram(["litecoind", "--version"], "apt-get install litecoind, on Debian 12 or later");

/** How a node is started. */
export type NodeOptions = Readonly<{
  /** Its clock from the start on, in seconds since 1970; default: the machine's. */
  mockTimeS?: number;
  /** Its chain; `test` begins with another genesis block, and has no peers either. Default `regtest`. */
  chain?: "regtest" | "test";
  /** Further arguments, such as `-peerbloomfilters=1`. */
  args?: readonly string[];
}>;

/** A node that runs, in a folder of its own. */
export type RegtestNode = Readonly<{
  folder: string;
  url: string;
  cookieFile: string;
  /** Its peer-to-peer address, for `addnode`. */
  address: string;
  /** Calls a method; rejects with the node's own error. */
  rpc(method: string, ...params: unknown[]): Promise<unknown>;
  /** Ends it: by `stop`, or at once by a signal. Its folder stays. */
  end(how?: "stop" | "SIGKILL"): Promise<void>;
  /** Starts it again in the same folder and on the same ports, after `end`. */
  start(options?: NodeOptions): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}>;

const START_MS = 60_000;

/** Of each chain: its option, and its folder below the data folder. */
const CHAINS = {
  regtest: { option: "-regtest", subfolder: "regtest" },
  test: { option: "-testnet", subfolder: "testnet4" },
} as const;

/** Starts a node of a new chain and waits until it answers. */
export async function startNode(options: NodeOptions = {}): Promise<RegtestNode> {
  const folder = mkdtempSync(join(tmpdir(), "litecoind-"));
  const [rpcPort, port] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${rpcPort}`;
  const { option, subfolder } = CHAINS[options.chain ?? "regtest"];
  const cookieFile = join(folder, subfolder, ".cookie");
  let child: ChildProcess | undefined;

  async function rpc(method: string, ...params: unknown[]): Promise<unknown> {
    const authorization = `Basic ${readFileSync(cookieFile).toString("base64")}`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ jsonrpc: "1.0", id: 1, method, params }),
    });
    const { result, error } = (await answer.json()) as {
      result: unknown;
      error: { code: number; message: string } | null;
    };
    if (error !== null) throw new Error(`${method}: ${error.message} (${error.code})`);
    return result;
  }

  async function start({ mockTimeS, args = [] }: NodeOptions = {}): Promise<void> {
    rmSync(cookieFile, { force: true });
    const own = [
      ...[option, "-server", `-datadir=${folder}`, "-printtoconsole=0", "-dnsseed=0"],
      ...[`-rpcport=${rpcPort}`, `-port=${port}`, "-bind=127.0.0.1", "-rpcbind=127.0.0.1"],
      ...["-rpcallowip=127.0.0.1", "-fallbackfee=0.001", "-vbparams=mweb:-2:0", "-discover=0"],
      // A peer that sends what the node calls invalid stays connected.
      "-whitelist=noban@127.0.0.1",
      ...(mockTimeS === undefined ? [] : [`-mocktime=${mockTimeS}`]),
    ];
    const started = spawn("litecoind", [...own, ...args], { stdio: "ignore" });
    child = started;
    const deadline = Date.now() + START_MS;
    for (;;) {
      if (started.exitCode !== null) throw new Error(`litecoind ended with ${started.exitCode}`);
      try {
        await rpc("getblockcount");
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      await sleep(50);
    }
  }

  async function end(how: "stop" | "SIGKILL" = "stop"): Promise<void> {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    if (how === "SIGKILL") running.kill("SIGKILL");
    else await rpc("stop").catch(() => running.kill("SIGTERM"));
    await ended;
  }

  await start(options);
  return {
    folder,
    url,
    cookieFile,
    address: `127.0.0.1:${port}`,
    rpc,
    end,
    start,
    async remove() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Connects two nodes, and waits until both have the same tip. */
export async function connect(a: RegtestNode, b: RegtestNode): Promise<void> {
  await a.rpc("setnetworkactive", true);
  await b.rpc("setnetworkactive", true);
  await a.rpc("addnode", b.address, "onetry");
  await until(async () => (await a.rpc("getbestblockhash")) === (await b.rpc("getbestblockhash")));
}

/** Cuts the network of a node, and waits until its peers are gone. */
export async function disconnect(node: RegtestNode): Promise<void> {
  await node.rpc("setnetworkactive", false);
  await until(async () => (await node.rpc("getconnectioncount")) === 0);
}

/** Waits until something holds; rejects after a minute. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("did not come true within a minute");
    await sleep(50);
  }
}
