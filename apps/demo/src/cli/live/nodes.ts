/** Live nodes as the command line names them: their addresses, credentials and chain. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import type { NodeRpcOptions, RpcAuth } from "@dgb-shield/chain/rpc";
import { type Observation, recordedChain, RecordingError } from "@dgb-shield/sentinel";
import {
  createNodeSource,
  type NodeSource,
  type NodeSourceOptions,
} from "@dgb-shield/sentinel/rpc";
import { CommandError, Interrupted } from "../../errors.js";
import type { CommandIo } from "../command-io.js";

/** Options of every command that reads live nodes. */
export type NodeOptions = Readonly<{
  /** `name=URL`, or a URL alone. */
  node: readonly string[];
  /** Cookie files in the order of the nodes; one serves all of them. */
  cookie: readonly string[];
  /** Name of the chain; default: the one that the first node that answers is on. */
  chain?: string;
}>;

/** A node of the command line. */
export type NamedNode = Readonly<{ name: string; node: NodeRpcOptions }>;

/** Rounds without an answer until the command gives up, where the chain is not named. */
const MAX_SILENT_ROUNDS = 3;

/**
 * Names, addresses and credentials of the nodes.
 *
 * @throws CommandError `usage`
 */
export function nodesOf({ node, cookie }: NodeOptions, env: NodeJS.ProcessEnv): NamedNode[] {
  if (cookie.length > 1 && cookie.length !== node.length) {
    throw new CommandError("usage", "--cookie: give one for all nodes, or one for each in order");
  }
  const named = node.map((text, i) => nodeOf(text, i));
  const names = named.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new CommandError("usage", "--node: two nodes have one name: write name=URL");
  }
  return named.map(({ name, url }, i) => {
    const auth = authOf(cookie.length > 1 ? cookie[i] : cookie[0], env);
    return { name, node: { url, ...(auth !== undefined && { auth }) } };
  });
}

/** What a source is made with besides its node. */
export type SourceSettings = Partial<Pick<NodeSourceOptions, "from" | "transactions">>;

/**
 * Sources of the nodes, by this machine's clocks.
 *
 * @param settingsOf what differs from node to node, such as where a watch before has ended
 * @throws CommandError `usage`
 */
export function sourcesOf(
  nodes: readonly NamedNode[],
  settingsOf: (name: string) => SourceSettings = () => ({}),
): NodeSource[] {
  return nodes.map(({ name, node }, i) =>
    usable(`--node ${i + 1}`, () =>
      createNodeSource({
        node_id: name,
        node,
        clock: Date.now,
        monotonic: () => performance.now(),
        ...settingsOf(name),
      }),
    ),
  );
}

/**
 * Makes what uses a node's address.
 *
 * @throws CommandError `usage` where the address is none
 */
function usable<T>(option: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `${option}: ${detail}`, error);
  }
}

/** The chain, and what the nodes showed while it was found out; undefined where that was not needed. */
export type Begun = Readonly<{
  first: readonly Observation[] | undefined;
  chain: ChainParameters;
}>;

/**
 * Finds the chain: the one that is named, or the one that the first node that answers is on.
 *
 * @param interval seconds between two rounds
 * @throws CommandError `usage` where no node answers, or its chain is not clear; Interrupted where it is stopped
 */
export async function beginWith(
  sources: readonly NodeSource[],
  { chain: name, interval }: Readonly<{ chain?: string; interval: number }>,
  { stop, stderr }: Pick<CommandIo, "stop" | "stderr">,
): Promise<Begun> {
  const named = CHAINS.find((one) => one.name === name);
  if (named !== undefined) return { first: undefined, chain: named };
  let reason = "";
  const ended = stopped(stop);
  for (let round = 0; round < MAX_SILENT_ROUNDS; round++) {
    // A node that does not answer is not waited for once the command is to end.
    const first = await Promise.race([Promise.all(sources.map((source) => source.poll())), ended]);
    if (first === undefined || stop.aborted) throw new Interrupted();
    const answered = first.find(({ tip }) => tip !== null);
    if (answered !== undefined) return { first, chain: chainOf(answered) };
    reason = first[0]?.failure?.kind ?? "no answer";
    stderr.write(`no node answers (${reason}): trying again\n`);
    await pause(interval, stop);
  }
  throw new CommandError(
    "usage",
    `no node answers (${reason}): check addresses and credentials, or name the chain with --chain`,
  );
}

/** The chain that a node is on. */
function chainOf(observation: Observation): ChainParameters {
  function* one() {
    yield { label: "live", observation };
  }
  try {
    return recordedChain({ format: "raw", header: null, observations: one() }, CHAINS).chain;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const names = CHAINS.map(({ name }) => name).join(", ");
    throw new CommandError("usage", `the node's chain is not clear: add --chain, one of ${names}`);
  }
}

/** Resolves when the command is stopped. */
export const stopped = (stop: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve(undefined);
    else stop.addEventListener("abort", () => resolve(undefined), { once: true });
  });

/** Waits for some seconds, and ends at once when the command is stopped. */
export async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  await sleep(seconds * 1_000, undefined, { signal: stop }).catch(() => undefined);
}

/** `name=URL`, or a URL whose node is named after its place: `node-1`. */
function nodeOf(text: string, i: number): Readonly<{ name: string; url: string }> {
  const [, name, url] = /^([A-Za-z0-9._-]{1,64})=(.+)$/s.exec(text) ?? [];
  return name === undefined || url === undefined
    ? { name: `node-${i + 1}`, url: text }
    : { name, url };
}

function authOf(cookie: string | undefined, env: NodeJS.ProcessEnv): RpcAuth | undefined {
  if (cookie !== undefined) return { cookie_file: cookie };
  const [user, password] = [env["SHIELD_RPC_USER"], env["SHIELD_RPC_PASSWORD"]];
  return user === undefined || password === undefined ? undefined : { user, password };
}
