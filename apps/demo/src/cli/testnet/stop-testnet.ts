/** `shield testnet stop`: ends a testnet, and the nodes that a killed one has left. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createNodeRpc } from "@dgb-shield/chain/rpc";
import { Agent, request } from "undici";
import { EXIT } from "../../errors.js";
import { isAlive } from "../is-alive.js";
import { findTestnet, type FoundTestnet } from "../../testnet/testnet-file.js";
import type { CommandIo } from "../command-io.js";

/** What the command is given. */
export type StopOptions = Readonly<{ dir?: string }>;

/** Time that the testnet has to answer, and everything to end, in milliseconds. */
const ANSWER_MS = 3_000;
const END_MS = 15_000;
const LOOK_MS = 100;

/**
 * Ends it.
 *
 * @returns the exit code
 * @throws CommandError `usage` where there is no testnet
 */
export async function stopTestnet(
  { dir }: StopOptions,
  { stdout }: Pick<CommandIo, "stdout">,
): Promise<number> {
  const found = findTestnet(dir);
  const wasAlive = await askToStop(found);
  if (!wasAlive) await Promise.all(found.testnet.nodes.map(stopNode));
  const deadline = performance.now() + END_MS;
  const left = () => Promise.all(found.testnet.nodes.map(isRunning));
  while ((await left()).includes(true)) {
    if (performance.now() > deadline) {
      stdout.write(`some nodes still run: see ${found.folder}\n`);
      return EXIT.failed;
    }
    await sleep(LOOK_MS);
  }
  if (!wasAlive && found.testnet.temporary) {
    rmSync(found.folder, { recursive: true, force: true });
  }
  stdout.write(wasAlive ? "the testnet has ended\n" : "what a killed testnet had left has ended\n");
  return EXIT.done;
}

async function askToStop({ testnet }: FoundTestnet): Promise<boolean> {
  const { url, token } = testnet.control;
  const dispatcher = new Agent();
  try {
    const { statusCode, body } = await request(`${url}/stop`, {
      ...{ method: "POST", headers: { authorization: `Bearer ${token}` } },
      ...{ dispatcher, signal: AbortSignal.timeout(ANSWER_MS) },
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

type Node = FoundTestnet["testnet"]["nodes"][number];

/** By its own cookie, which only this node takes: never a process that has got its id or port since. */
async function ask({ url, cookie_file }: Node, method: string): Promise<boolean> {
  const rpc = createNodeRpc({ url, auth: { cookie_file }, timeout_ms: ANSWER_MS });
  const { ok } = await rpc.call(method);
  await rpc.close();
  return ok;
}

const stopNode = (node: Node): Promise<boolean> => ask(node, "stop");

/** A node that ends answers no more long before its process and its port are gone. */
const isRunning = async (node: Node): Promise<boolean> =>
  (await ask(node, "uptime")) || hasProcess(node);

/** Whether the process is there that the file names which a node writes beside its cookie, and removes last of all. */
function hasProcess({ cookie_file }: Node): boolean {
  const folder = dirname(cookie_file);
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".pid"))
      .some((name) => isAlive(Number(readFileSync(join(folder, name), "utf8"))));
  } catch {
    // The folder or the file has gone meanwhile.
    return false;
  }
}
