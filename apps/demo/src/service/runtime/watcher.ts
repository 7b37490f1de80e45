/** Polls the site's own nodes, and hands on what they show (design, sections 5 and 10). */
import { setTimeout as sleep } from "node:timers/promises";
import type { Observation } from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";

/** What is observed, and by whom. */
export type WatcherOptions = Readonly<{
  sources: readonly NodeSource[];
  /** Takes an observation in. What it throws is logged, and the watching goes on. */
  observe: (observation: Observation) => void;
  /** Names of nodes whose list of chain tips would show more. */
  needsTips: () => readonly string[];
  /** Between two polls of a node, in milliseconds. */
  poll_ms: number;
  log: (text: string) => void;
}>;

/** The watching of all nodes. */
export type Watcher = Readonly<{ close(): Promise<void> }>;

/**
 * Watches each node in a loop of its own, so that one that is slow delays no other. Between two polls a loop waits
 * for a new block, where the node can wait.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const stopping = new AbortController();
  const loops = options.sources.map((source) => watch(source, options, stopping.signal));
  return Object.freeze({
    async close() {
      stopping.abort();
      await Promise.all(options.sources.map((source) => source.close()));
      await Promise.all(loops);
    },
  } satisfies Watcher);
}

async function watch(
  source: NodeSource,
  { observe, needsTips, poll_ms, log }: WatcherOptions,
  stop: AbortSignal,
): Promise<void> {
  const isStopped = (): boolean => stop.aborted;
  while (!isStopped()) {
    const tips = needsTips().includes(source.node_id);
    const observation = await source.poll({ tips });
    if (isStopped()) return;
    try {
      observe(observation);
    } catch (error) {
      log(`${source.node_id}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (observation.more !== true) await pause(source, poll_ms, stop);
  }
}

/** Waits for a new block or for `mostMs`, whichever is first; ends at once when the watching ends. */
async function pause(source: NodeSource, mostMs: number, stop: AbortSignal): Promise<void> {
  const timer = sleep(mostMs, undefined, { signal: stop }).catch(() => undefined);
  const block = source.wait(mostMs).then(
    (waited) => (waited ? undefined : timer),
    () => timer,
  );
  await Promise.race([timer, block]);
}
