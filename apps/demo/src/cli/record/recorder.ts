/** Records a node: each poll as a line of a compact recording, and what Sentinel finds meanwhile. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { SentinelReport } from "@dgb-shield/contract";
import {
  createRecordingWriter,
  createReplay,
  type LabelledObservation,
  type Observation,
  type RecordingHeader,
  recordingHeaderLine,
  type Replay,
} from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";
import type { RecordingStore } from "./recording-store.js";

/** What a recorder is made of. */
export type RecorderOptions = Readonly<{
  source: Pick<NodeSource, "poll">;
  chain: ChainParameters;
  node_id: string;
  store: RecordingStore;
  /** Observations that the file holds already, in order. */
  before: Iterable<LabelledObservation>;
  /** The header of a new file; undefined for one that is continued. */
  provenance: Pick<RecordingHeader, "source" | "notes" | "license"> | undefined;
  label: string;
}>;

/** What was recorded so far. */
export type Recorded = Readonly<{
  polls: number;
  failed_polls: number;
  blocks: number;
  /** The last observation; undefined before the first. */
  last: Observation | undefined;
  /** The findings of Sentinel on it. */
  report: SentinelReport | undefined;
  bytes: number;
}>;

/** A recording that is being made. */
export type Recorder = Readonly<{
  /** Takes an observation into the recording. */
  take(observation: Observation): SentinelReport;
  /** Polls once; where more is waiting, poll again at once. */
  poll(): Promise<Readonly<{ report: SentinelReport; isMore: boolean }>>;
  /** Writes what was taken since the last flush to the disk. */
  flush(): void;
  recorded(): Recorded;
  /** What a replay of the file finds. */
  result(): Replay;
}>;

/** Makes a recorder; a file that is continued is read first, so that what it shows is known. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { source, chain, node_id, store, provenance } = options;
  const replay = createReplay({ chain });
  let last: Observation | undefined;
  for (const one of options.before) {
    replay.take(one);
    last = one.observation;
  }
  let isFirst = last !== undefined;
  const writer = createRecordingWriter({ node_id, ...(last !== undefined && { before: last }) });
  let report: SentinelReport | undefined;
  let waiting: string[] = [];
  const counts = { polls: 0, failed_polls: 0, blocks: 0 };

  function take(given: Observation): SentinelReport {
    const observation = isFirst ? withoutMonotonic(given) : given;
    isFirst = false;
    if (provenance !== undefined && counts.polls === 0) {
      waiting.push(headerOf(options, observation, provenance));
    }
    const one = { label: options.label, observation };
    waiting.push(writer.line(one));
    report = replay.take(one);
    last = observation;
    counts.polls++;
    if (observation.failure !== undefined) counts.failed_polls++;
    counts.blocks += observation.blocks.length;
    return report;
  }

  return Object.freeze({
    take,
    async poll() {
      const observation = await source.poll();
      return { report: take(observation), isMore: observation.more === true };
    },
    flush() {
      const lines = waiting;
      waiting = [];
      store.append(lines);
    },
    recorded: () => ({ ...counts, last, report, bytes: store.bytes() }),
    result: () => replay.result(),
  } satisfies Recorder);
}

/** A monotonic clock begins anew with each process: by the first reading of a new one nothing can be measured. */
function withoutMonotonic(observation: Observation): Observation {
  const { ...rest } = observation;
  delete rest.monotonic_ms;
  return rest;
}

/** No name of the machine and no address is written. */
function headerOf(
  { chain, node_id }: RecorderOptions,
  { chain: shown, node, at_ms }: Observation,
  provenance: Pick<RecordingHeader, "source" | "notes" | "license">,
): string {
  return recordingHeaderLine({
    chain: chain.name,
    ...shown,
    node_id,
    ...provenance,
    ...(node !== undefined && { software: node.software }),
    started_at_ms: at_ms,
  });
}
