/** Hands checkpoints to one hook, in their order, each until it is taken; nothing else waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CheckpointStore } from "../checkpoint-store.js";
import type { ExportHook } from "./hook.js";

/** How an export stands. */
export type ExportState = Readonly<{
  name: string;
  /** Number of the last checkpoint that was taken. */
  exported: number;
  /** Checkpoints that wait. */
  pending: number;
  failures: number;
  /** What went wrong last; null while it works. */
  failure: string | null;
}>;

/** One export. */
export type Exporter = Readonly<{
  /** Begins to hand on what there is, where that is not under way. */
  wake(): void;
  state(): ExportState;
  /** Ends, after `graceMs` at the latest; what was not taken is tried again at the next start. */
  close(graceMs: number): Promise<void>;
}>;

/** What an export is made of. */
export type ExporterParts = Readonly<{
  hook: ExportHook;
  store: Pick<CheckpointStore, "count" | "line" | "exported" | "setExported">;
  warn: (text: string) => void;
  /** First wait after a failure, in milliseconds; it doubles, up to five minutes. */
  retry_ms?: number;
}>;

const RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;

/** Creates an export. It warns once when it begins to fail, and once when it works again. */
export function createExporter({
  hook,
  store,
  warn,
  retry_ms = RETRY_MS,
}: ExporterParts): Exporter {
  const stopping = new AbortController();
  const state = { exported: 0, count: 0, failures: 0, failure: null as string | null };
  const turn = { running: undefined as Promise<void> | undefined, woken: false };
  const isStopped = (): boolean => stopping.signal.aborted;

  const note = (failure: string | null): void => {
    if (failure !== null) state.failures++;
    if (failure !== null && state.failure === null)
      warn(`audit: the export ${hook.name} fails, and is tried again: ${failure}`);
    if (failure === null && state.failure !== null) warn(`audit: the export ${hook.name} works`);
    state.failure = failure;
  };

  const handOn = async (): Promise<void> => {
    state.exported = await store.exported(hook.name);
    state.count = await store.count();
    while (state.exported < state.count && !isStopped()) {
      await hook.send(await store.line(state.exported + 1), stopping.signal);
      await store.setExported(hook.name, state.exported + 1);
      state.exported++;
      note(null);
      state.count = await store.count();
    }
  };

  const isWokenAgain = (): boolean => turn.woken;

  const run = async (): Promise<void> => {
    for (let wait = retry_ms; !isStopped(); wait = Math.min(wait * 2, MAX_RETRY_MS)) {
      turn.woken = false;
      try {
        await handOn();
        if (!isWokenAgain()) return;
        wait = retry_ms;
      } catch (error) {
        if (isStopped()) return;
        note(error instanceof Error ? error.message : String(error));
        await sleep(wait, undefined, { signal: stopping.signal, ref: false }).catch(
          () => undefined,
        );
      }
    }
  };

  return Object.freeze({
    wake() {
      turn.woken = true;
      turn.running ??= run().finally(() => {
        turn.running = undefined;
      });
    },
    state: () => ({
      name: hook.name,
      exported: state.exported,
      pending: Math.max(0, state.count - state.exported),
      failures: state.failures,
      failure: state.failure,
    }),
    async close(graceMs) {
      const options = { signal: stopping.signal, ref: false };
      await Promise.race([turn.running, sleep(graceMs, undefined, options).catch(() => undefined)]);
      stopping.abort();
      await turn.running;
    },
  } satisfies Exporter);
}
