/** `shield watch`: watches live nodes, and prints which one follows which chain and what is wrong. */
import { setTimeout as sleep } from "node:timers/promises";
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import type { RpcAuth } from "@dgb-shield/chain/rpc";
import {
  createFleet,
  type Fleet,
  type FleetReport,
  type Observation,
  recordedChain,
  RecordingError,
} from "@dgb-shield/sentinel";
import { createNodeSource, type NodeSource } from "@dgb-shield/sentinel/rpc";
import { CommandError, EXIT } from "../errors.js";
import { paintFor } from "../timeline/format.js";
import { type CommandIo, READER_LEFT } from "./command-io.js";
import { createWatchView } from "./watch-view.js";

/** Options of `shield watch`, as the command line gives them. */
export type WatchOptions = Readonly<{
  /** `name=URL`, or a URL alone. */
  node: readonly string[];
  /** Cookie files in the order of the nodes; one serves all of them. */
  cookie: readonly string[];
  /** Name of the chain; default: the one that the first node that answers is on. */
  chain?: string;
  /** Seconds between two rounds. */
  interval: number;
  once: boolean;
  json: boolean;
}>;

/** Rounds without an answer until the command gives up, where the chain is not named. */
const MAX_SILENT_ROUNDS = 3;

/**
 * Watches nodes until it is stopped, or once.
 *
 * @returns the exit code: with `--once` `EXIT.found` where anything is wrong
 * @throws CommandError `usage` where an option is wrong, or no node answers and no chain is named
 */
export async function watch(options: WatchOptions, io: CommandIo): Promise<number> {
  const sources = sourcesOf(options, io.env);
  try {
    return await run(sources, options, io);
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

async function run(
  sources: readonly NodeSource[],
  options: WatchOptions,
  io: CommandIo,
): Promise<number> {
  const begun = await begin(sources, options, io);
  const { chain } = begun;
  let { first } = begun;
  const fleet = createFleet({ chain, nodes: sources.map(({ node_id }) => node_id) });
  const view = options.json ? undefined : createWatchView(io.stdout, paintFor(io.stdout, io.env));
  let report: FleetReport | undefined;
  while (!io.stop.aborted) {
    const { polled, isMore } = await roundOf(fleet, sources, first);
    first = undefined;
    report = polled;
    if (view === undefined) io.stdout.write(`${JSON.stringify(report)}\n`);
    else view.show(report);
    if (options.once && !isMore) return report.score > 0 ? EXIT.found : EXIT.done;
    if (!isMore) await pause(options.interval, io.stop);
  }
  return io.stop.reason === READER_LEFT ? EXIT.done : EXIT.interrupted;
}

/** One round: a poll of every node, and again with the lists of tips where they are on different branches. */
async function roundOf(
  fleet: Fleet,
  sources: readonly NodeSource[],
  first: readonly Observation[] | undefined,
): Promise<Readonly<{ polled: FleetReport; isMore: boolean }>> {
  const observations = first ?? (await Promise.all(sources.map((source) => source.poll())));
  const polled = fleet.observe(observations);
  const isMore = observations.some(({ more }) => more === true);
  const apart = new Set(fleet.needsTips());
  if (apart.size === 0) return { polled, isMore };
  const again = sources.filter(({ node_id }) => apart.has(node_id));
  const listed = await Promise.all(again.map((source) => source.poll({ tips: true })));
  return { polled: fleet.observe(listed), isMore };
}

type Begun = { first: readonly Observation[] | undefined; chain: ChainParameters };

/** The chain, and what the nodes showed while it was found out. */
async function begin(
  sources: readonly NodeSource[],
  { chain: name, interval }: WatchOptions,
  { stop, stderr }: CommandIo,
): Promise<Begun> {
  const named = CHAINS.find((one) => one.name === name);
  if (named !== undefined) return { first: undefined, chain: named };
  let reason = "";
  for (let round = 0; round < MAX_SILENT_ROUNDS && !stop.aborted; round++) {
    const first = await Promise.all(sources.map((source) => source.poll()));
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

/** Waits for some seconds, and ends at once when the command is stopped. */
async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  await sleep(seconds * 1_000, undefined, { signal: stop }).catch(() => undefined);
}

function sourcesOf({ node, cookie }: WatchOptions, env: NodeJS.ProcessEnv): NodeSource[] {
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
    try {
      return createNodeSource({
        node_id: name,
        node: { url, ...(auth !== undefined && { auth }) },
        clock: Date.now,
        monotonic: () => performance.now(),
      });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new CommandError("usage", `--node ${i + 1}: ${detail}`, error);
    }
  });
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
