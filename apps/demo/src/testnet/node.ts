/** Runs one real node of the testnet: a process of its own on loopback, with its folder and ports. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createNodeRpc } from "@dgb-shield/chain/rpc";
import { CommandError } from "../errors.js";
import { freePorts } from "./free-ports.js";
import type { NodeProgram } from "./programs.js";

/** What another process needs to reach a node. */
export type NodeAddress = Readonly<{
  node_id: string;
  url: string;
  cookie_file: string;
  /** Peer-to-peer address. */
  peer: string;
}>;

/** A node that runs. */
export type TestnetNode = NodeAddress &
  Readonly<{
    /** Calls a method; rejects with the node's own error. */
    rpc<T = unknown>(method: string, ...params: unknown[]): Promise<T>;
    /** Resolves when its process has ended. */
    ended: Promise<void>;
    /** Ends it in good order, and by SIGKILL where it does not end in time. */
    stop(): Promise<void>;
  }>;

/** Time that a node has to answer after its start, and to end, in milliseconds. */
const START_MS = 60_000;
const STOP_MS = 4_000;
const LOOK_MS = 50;

/** Name of the only wallet of each node. */
export const NODE_WALLET = "shield-testnet";

/**
 * Starts a node of a new regtest chain, with a wallet.
 *
 * @param folder its data folder, which is made
 * @throws CommandError `usage` where it does not start
 */
export async function startNode(
  program: NodeProgram,
  { node_id, folder, stop }: Readonly<{ node_id: string; folder: string; stop: AbortSignal }>,
): Promise<TestnetNode> {
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const [rpcPort = 0, port = 0] = await freePorts(2);
  const address: NodeAddress = {
    node_id,
    url: `http://127.0.0.1:${rpcPort}`,
    cookie_file: join(folder, "regtest", ".cookie"),
    peer: `127.0.0.1:${port}`,
  };
  rmSync(address.cookie_file, { force: true });
  const child = spawn(program.name, [...argsOf(folder, rpcPort, port), ...program.args], {
    stdio: "ignore",
    // Ctrl-C goes to the whole group of a terminal: the nodes end after the service, not before it.
    detached: true,
  });
  // A second Ctrl-C ends this process at once: no node outlives it.
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  const ended = once(child, "exit").then(() => void process.off("exit", kill));
  const client = createNodeRpc({
    ...{ url: address.url, auth: { cookie_file: address.cookie_file }, timeout_ms: START_MS },
  });
  const rpc = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    const answer = await client.call(method, params);
    if (answer.ok) return answer.value as T;
    throw new Error(`${node_id} ${method}: ${answer.failure.detail}`);
  };
  const node: TestnetNode = {
    ...address,
    rpc,
    ended,
    async stop() {
      if (isRunning(child)) {
        const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
        child.kill("SIGTERM");
        await ended;
        clearTimeout(late);
      }
      await client.close();
    },
  };
  try {
    await answering(node, child, stop);
    await rpc("createwallet", NODE_WALLET);
    return node;
  } catch (error) {
    await node.stop();
    const detail = error instanceof Error ? error.message : String(error);
    const log = join(folder, "regtest", "debug.log");
    throw new CommandError("usage", `${program.name} does not run: ${detail}; see ${log}`, error);
  }
}

const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

const argsOf = (folder: string, rpcPort: number, port: number): string[] => [
  ...["-regtest", "-server", `-datadir=${folder}`, "-printtoconsole=0", "-dnsseed=0"],
  ...[`-rpcport=${rpcPort}`, `-port=${port}`, "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1"],
  ...["-bind=127.0.0.1", "-discover=0", "-fallbackfee=0.0002", "-rpcthreads=8"],
  // A peer that sends what the node calls invalid stays connected.
  "-whitelist=noban@127.0.0.1",
];

async function answering(node: TestnetNode, child: ChildProcess, stop: AbortSignal): Promise<void> {
  let failed: Error | undefined;
  child.once("error", (error) => (failed = error));
  const deadline = performance.now() + START_MS;
  for (;;) {
    if (failed !== undefined) throw failed;
    if (!isRunning(child)) throw new Error(`it ended with ${String(child.exitCode)}`);
    stop.throwIfAborted();
    try {
      await node.rpc("getblockcount");
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(LOOK_MS);
  }
}
