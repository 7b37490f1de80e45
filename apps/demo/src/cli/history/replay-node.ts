/** `shield replay --node`: what would have been raised on a node's own chain, before anything is enforced. */
import { writeFileSync } from "node:fs";
import { type NodeHistory, openHistory } from "@dgb-shield/sentinel/rpc";
import type { ChainParameters } from "@dgb-shield/chain";
import { CommandError, EXIT } from "../../errors.js";
import { createProgress } from "../../timeline/progress.js";
import type { CommandIo } from "../command-io.js";
import { beginWith, nodesOf, type NamedNode, type NodeOptions, sourcesOf } from "../live/nodes.js";
import { createPastReader, type Past } from "./past.js";
import { pastChart } from "./past-chart.js";
import { pastText } from "./past-text.js";

/** Options of `shield replay --node`, as the command line gives them. */
export type ReplayNodeOptions = NodeOptions &
  Readonly<{
    days: number;
    transactions: boolean;
    json: boolean;
    /** File for the picture. */
    svg?: string;
  }>;

/**
 * Replays a node's past and prints what would have been raised.
 *
 * @returns `EXIT.found` where anything would, `EXIT.interrupted` where it was stopped
 * @throws CommandError `usage` where the node cannot be read, or the picture not be written
 */
export async function replayNode(options: ReplayNodeOptions, io: CommandIo): Promise<number> {
  const [node, ...others] = nodesOf(options, io.env);
  if (node === undefined || others.length > 0) throw new CommandError("usage", "--node: give one");
  const chain = await chainOf(node, options, io);
  const past = await readPast(node, chain, options, io);
  if (past === undefined) return EXIT.interrupted;
  if (options.svg !== undefined) writePicture(options.svg, past);
  io.stdout.write(`${options.json ? JSON.stringify(past) : pastText(past).join("\n")}\n`);
  return past.detectors.length > 0 ? EXIT.found : EXIT.done;
}

async function chainOf(
  node: NamedNode,
  options: ReplayNodeOptions,
  io: CommandIo,
): Promise<ChainParameters> {
  const sources = sourcesOf([node], () => ({ transactions: false }));
  try {
    return (await beginWith(sources, { ...options, interval: 1 }, io)).chain;
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

/** Reads the past, chunk by chunk; undefined where it was stopped. */
async function readPast(
  { name, node }: NamedNode,
  chain: ChainParameters,
  { days, transactions }: ReplayNodeOptions,
  { stderr, stop }: CommandIo,
): Promise<Past | undefined> {
  const bar = createProgress(stderr, () => performance.now());
  let history: NodeHistory | undefined;
  try {
    history = await openHistory({
      node_id: name,
      node,
      seconds: days * 86_400,
      transactions,
      signal: stop,
    });
    const { from_height, to_height, from_ms, to_ms } = history;
    const range = { from_height, to_height, from_ms, to_ms };
    const reader = createPastReader({ chain, transactions, ...range });
    for await (const some of history.chunks()) {
      for (const one of some) reader.take(one);
      const height = some.at(-1)?.observation.tip?.height ?? from_height;
      bar.move(height - from_height + 1, to_height - from_height + 1, `height ${height}`);
      if (stop.aborted) return undefined;
    }
    return reader.past();
  } catch (error) {
    if (stop.aborted) return undefined;
    const detail = error instanceof Error ? error.message : String(error);
    const advice = "check the node and run it again";
    throw new CommandError("usage", `cannot read the node's past (${detail}): ${advice}`, error);
  } finally {
    bar.clear();
    await history?.close();
  }
}

function writePicture(path: string, past: Past): void {
  try {
    writeFileSync(path, pastChart(past));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `--svg: cannot write ${path}: ${detail}`, error);
  }
}
