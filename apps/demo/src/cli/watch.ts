/** `shield watch`: watches live nodes, and prints which one follows which chain and what is wrong. */
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import {
  createFleet,
  type Fleet,
  type FleetReport,
  type Observation,
  tipStatementOf,
} from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";
import { signTipStatement } from "@dgb-shield/sentinel/tip-statement";
import { CommandError, EXIT } from "../errors.js";
import { createStateFile } from "../pipeline/state/state-file.js";
import { paintFor } from "../timeline/format.js";
import { type CommandIo, READER_LEFT } from "./command-io.js";
import {
  beginWith,
  type Begun,
  type NodeOptions,
  nodesOf,
  pause,
  sourcesOf,
  stopped,
} from "./live/nodes.js";
import { readSigningKey, type SigningKey } from "./tip/key-file.js";
import { createChanges } from "./watch-changes.js";
import { openWatchState, usable, type WatchStateFile } from "./watch-state.js";
import { createWatchView } from "./watch-view.js";

/** Options of `shield watch`, as the command line gives them. */
export type WatchOptions = NodeOptions &
  Readonly<{
    /** Seconds between two rounds. */
    interval: number;
    once: boolean;
    json: boolean;
    /** File that keeps what is known over a restart. */
    state?: string;
    /** File that the signed statement "which tip" is written to, each round. */
    statement?: string;
    /** File of the secret key that signs it. */
    key?: string;
  }>;

/** A state in which nothing has changed is written so often, in milliseconds. */
const SAVE_EVERY_MS = 60_000;

/**
 * Watches nodes until it is stopped, or once.
 *
 * @returns the exit code: with `--once` `EXIT.found` where anything is wrong
 * @throws CommandError `usage` where an option is wrong, or no node answers and no chain is named
 */
export async function watch(options: WatchOptions, io: CommandIo): Promise<number> {
  const key = keyOf(options);
  const stored = options.state === undefined ? undefined : openWatchState(options.state);
  const seen = new Map(
    (stored?.before?.fleet.nodes ?? []).map(({ node_id, chain }) => [node_id, chain.at(-1)]),
  );
  const sources = sourcesOf(nodesOf(options, io.env), (name) => {
    const from = seen.get(name);
    return from === undefined ? {} : { from: { hash: from.hash, height: from.height } };
  });
  try {
    return await run(sources, { ...options, stored, signing: key }, io);
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

type Settings = WatchOptions &
  Readonly<{ stored: WatchStateFile | undefined; signing: SigningKey | undefined }>;

async function run(
  sources: readonly NodeSource[],
  settings: Settings,
  io: CommandIo,
): Promise<number> {
  const { stored } = settings;
  const before = stored?.before;
  const begun = await beginFrom(sources, settings, io);
  const { chain } = begun;
  let first: readonly Observation[] | undefined = begun.first;
  const fleet = fleetOf(sources, chain, settings);
  const changes = createChanges(before?.changes);
  const view = createWatchView(io.stdout, paintFor(io.stdout, io.env));
  const ended = stopped(io.stop);
  let savedAt = -Infinity;
  while (!io.stop.aborted) {
    // A node that does not answer is not waited for once the watch is to end.
    const round = await Promise.race([roundOf(fleet, sources, first), ended]);
    if (round === undefined) break;
    const { polled: report, isMore } = round;
    first = undefined;
    const changed = changes.take(report);
    const isDue = performance.now() - savedAt >= SAVE_EVERY_MS || settings.once;
    if (stored !== undefined && (isDue || changed.length > 0)) {
      // Before anything is shown: what was seen is not lost.
      await stored.save({ changes: changes.state(), fleet: fleet.state() });
      savedAt = performance.now();
    }
    if (!isMore) await writeStatement(report, chain, settings);
    if (settings.json) io.stdout.write(`${JSON.stringify({ ...report, changes: changed })}\n`);
    else view.show(report, changed, changes.latest());
    if (settings.once && !isMore) return report.score > 0 ? EXIT.found : EXIT.done;
    if (!isMore) await pause(settings.interval, io.stop);
  }
  return io.stop.reason === READER_LEFT ? EXIT.done : EXIT.interrupted;
}

/** A stored state names its chain: then no node needs to answer. */
async function beginFrom(
  sources: readonly NodeSource[],
  settings: Settings,
  io: CommandIo,
): Promise<Begun> {
  const known = settings.stored?.before?.fleet.chain;
  const chain =
    settings.chain === undefined ? CHAINS.find(({ name }) => name === known) : undefined;
  return chain === undefined ? beginWith(sources, settings, io) : { first: undefined, chain };
}

function fleetOf(
  sources: readonly NodeSource[],
  chain: ChainParameters,
  { stored, state: path = "" }: Settings,
): Fleet {
  const nodes = sources.map(({ node_id }) => node_id);
  const before = stored?.before?.fleet;
  if (before === undefined) return createFleet({ chain, nodes });
  return usable(path, () => createFleet({ chain, nodes, state: before }));
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

function keyOf({ statement, key }: WatchOptions): SigningKey | undefined {
  if ((statement === undefined) !== (key === undefined)) {
    const advice = "give both; shield tip keygen makes a key";
    throw new CommandError("usage", `--statement and --key belong together: ${advice}`);
  }
  return key === undefined ? undefined : readSigningKey(key);
}

/** Writes the statement; where no node has shown a tip, the one before stays and becomes stale. */
async function writeStatement(
  report: FleetReport,
  chain: ChainParameters,
  { signing, statement: path, once }: Settings,
): Promise<void> {
  if (signing === undefined || path === undefined) return;
  const made = tipStatementOf(report, { operator: signing.operator, chain });
  if (made === undefined) {
    if (!once) return;
    throw new CommandError("usage", "no node has shown a tip: there is nothing to state");
  }
  const text = `${JSON.stringify(await signTipStatement(made, signing.signer))}\n`;
  try {
    await createStateFile(path).save(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot write the statement ${path}: ${detail}`, error);
  }
}
