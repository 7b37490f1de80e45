/** `shield record`: records a live node, so that what it showed can be replayed. */
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import {
  type LabelledObservation,
  openRecording,
  type Observation,
  recordedChain,
  RecordingError,
} from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";
import { CommandError, EXIT } from "../../errors.js";
import { type CommandIo, READER_LEFT } from "../command-io.js";
import { beginWith, type NodeOptions, nodesOf, pause, sourcesOf, stopped } from "../live/nodes.js";
import { SHIELD_VERSION } from "../version.js";
import { createRecordView } from "./record-view.js";
import { createRecorder, type Recorder } from "./recorder.js";
import { openRecordingStore, type RecordingStore } from "./recording-store.js";

/** Options of `shield record`, as the command line gives them. */
export type RecordOptions = NodeOptions &
  Readonly<{
    /** Seconds between two polls. */
    interval: number;
    /** Seconds between two flushes: a recorder that is killed loses no more. */
    flush: number;
    /** Seconds after which it ends by itself. */
    for?: number;
    append: boolean;
    force: boolean;
    label: string;
    notes?: string;
    license?: string;
    transactions: boolean;
  }>;

/** A flush after so many observations, however soon. */
const MOST_WAITING = 1_000;

/**
 * Records a node until it is stopped, or for the time that is given.
 *
 * @returns the exit code
 * @throws CommandError `usage`, or `bad_recording` where the file cannot be written
 */
export async function record(file: string, options: RecordOptions, io: CommandIo): Promise<number> {
  const [node, ...others] = nodesOf(options, io.env);
  if (node === undefined || others.length > 0) {
    const advice = "record each node into a file of its own, by a command of its own";
    throw new CommandError("usage", `--node: give one: ${advice}`);
  }
  if (options.append && options.force) {
    throw new CommandError("usage", "--append and --force: give one of them");
  }
  const whereThere = options.append ? "append" : options.force ? "replace" : "refuse";
  const store = await openRecordingStore(file, whereThere);
  const opened: { source?: NodeSource } = {};
  try {
    const before = readBefore(store, options.chain);
    const name = before?.node_id ?? node.name;
    const from = before?.last.tip ?? undefined;
    const [source] = sourcesOf([{ ...node, name }], () => ({
      transactions: options.transactions,
      ...(from !== undefined && { from: { hash: from.hash, height: from.height } }),
    }));
    if (source === undefined) throw new RangeError("no source");
    opened.source = source;
    return await run({ source, store, before, node_id: name }, options, io);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const detail = `${error.detail}: give another node, or another file`;
    throw new CommandError("bad_recording", detail, error);
  } finally {
    await opened.source?.close();
    store.close();
  }
}

type Before = Readonly<{
  node_id: string;
  chain: ChainParameters;
  observations: readonly LabelledObservation[];
  last: Observation;
}>;

/** What a file that is continued holds. */
function readBefore({ path, before: text }: RecordingStore, name?: string): Before | undefined {
  if (text === undefined) return undefined;
  try {
    const recording = openRecording(text.split("\n"), { node_id: "recorded-node" });
    const { header } = recording;
    if (header === null || header.observations !== undefined) {
      const advice = "only what shield record has written can be continued: name another file";
      throw new CommandError("bad_recording", `${path} is whole as it is: ${advice}`);
    }
    const { chain, observations: rest } = recordedChain(recording, CHAINS, name);
    const observations = [...rest];
    const last = observations.at(-1)?.observation;
    if (last === undefined) throw new RecordingError("empty", 1, "no observation");
    return { node_id: header.node_id, chain, observations, last };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const advice = "name another file, or replace it by --force";
    const detail = `${path} cannot be continued (${error.message}): ${advice}`;
    throw new CommandError("bad_recording", detail, error);
  }
}

type Parts = Readonly<{
  source: NodeSource;
  store: RecordingStore;
  before: Before | undefined;
  node_id: string;
}>;

async function run(parts: Parts, options: RecordOptions, io: CommandIo): Promise<number> {
  const { source, store, before, node_id } = parts;
  const { chain, first } =
    before === undefined
      ? await beginWith([source], options, io)
      : { chain: before.chain, first: undefined };
  const { label, notes, license } = options;
  const recorder = createRecorder({
    ...{ source, chain, node_id, store, label },
    before: before?.observations ?? [],
    provenance:
      before === undefined
        ? {
            source: `recorded live by shield ${SHIELD_VERSION}, polled every ${options.interval} s`,
            ...(notes !== undefined && { notes }),
            ...(license !== undefined && { license }),
          }
        : undefined,
  });
  const view = createRecordView(io, { chain: chain.name, node_id, store, forS: options.for });
  for (const observation of first ?? []) view.show(recorder.take(observation), recorder.recorded());
  await loop(recorder, view, options, io);
  recorder.flush();
  view.end(recorder.recorded());
  if (!io.stop.aborted || io.stop.reason === READER_LEFT) return EXIT.done;
  return EXIT.interrupted;
}

/** Polls and flushes until the time is over or the command is stopped; a poll under way is then left. */
async function loop(
  recorder: Recorder,
  view: ReturnType<typeof createRecordView>,
  options: RecordOptions,
  { stop }: CommandIo,
): Promise<void> {
  const began = performance.now();
  const leftS = (): number => (options.for ?? Infinity) - (performance.now() - began) / 1_000;
  let flushedAt = -Infinity;
  let flushed = 0;
  const ended = stopped(stop);
  while (!stop.aborted && leftS() > 0) {
    const polled = await Promise.race([recorder.poll(), ended]);
    const recorded = recorder.recorded();
    if (polled !== undefined) view.show(polled.report, recorded);
    const isDue = performance.now() - flushedAt >= options.flush * 1_000;
    if (isDue || recorded.polls - flushed >= MOST_WAITING) {
      recorder.flush();
      flushedAt = performance.now();
      flushed = recorded.polls;
    }
    if (polled?.isMore === true) continue;
    await pause(Math.min(options.interval, Math.max(0, leftS())), stop);
  }
}
