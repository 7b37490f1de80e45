/** `shield watch`: watches live nodes, and prints which one follows which chain and what is wrong. */
import { createFleet, type Fleet, type FleetReport, type Observation } from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";
import { EXIT } from "../errors.js";
import { paintFor } from "../timeline/format.js";
import { type CommandIo, READER_LEFT } from "./command-io.js";
import { beginWith, type NodeOptions, nodesOf, pause, sourcesOf } from "./live/nodes.js";
import { createWatchView } from "./watch-view.js";

/** Options of `shield watch`, as the command line gives them. */
export type WatchOptions = NodeOptions &
  Readonly<{
    /** Seconds between two rounds. */
    interval: number;
    once: boolean;
    json: boolean;
  }>;

/**
 * Watches nodes until it is stopped, or once.
 *
 * @returns the exit code: with `--once` `EXIT.found` where anything is wrong
 * @throws CommandError `usage` where an option is wrong, or no node answers and no chain is named
 */
export async function watch(options: WatchOptions, io: CommandIo): Promise<number> {
  const sources = sourcesOf(nodesOf(options, io.env));
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
  const begun = await beginWith(sources, options, io);
  const { chain } = begun;
  let first: readonly Observation[] | undefined = begun.first;
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
