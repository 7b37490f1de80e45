/** The file that `shield watch --state` keeps, so that a restart of the watch loses no finding and makes none. */
import { parseOwn } from "@dgb-shield/contract";
import { type FleetState, fleetStateSchema } from "@dgb-shield/sentinel";
import { z } from "zod";
import { CommandError } from "../errors.js";
import { createStateFile } from "../pipeline/state/state-file.js";
import { changesStateSchema } from "./watch-changes.js";

const BOUNDS = { maxDepth: 24, maxEntries: 1_000_000, maxValues: 8_000_000 } as const;

const watchStateSchema = z.strictObject({
  format: z.literal("dgb-shield-watch"),
  version: z.literal(1),
  changes: changesStateSchema,
  fleet: fleetStateSchema,
});
/** What the file holds. */
export type WatchState = Omit<z.infer<typeof watchStateSchema>, "format" | "version">;

/** The file. */
export type WatchStateFile = Readonly<{
  /** What a watch before has left; undefined for none. */
  before: WatchState | undefined;
  /** Replaces it, durably and as a whole. */
  save(state: WatchState): Promise<void>;
}>;

/**
 * Opens the file.
 *
 * @throws CommandError `bad_data_folder` where it cannot be read, or is no state of a watch
 */
export function openWatchState(path: string): WatchStateFile {
  const store = createStateFile(path);
  return Object.freeze({
    before: usable(path, () => {
      const text = store.load();
      return text === null ? undefined : stateOf(text);
    }),
    async save({ changes, fleet }) {
      const text = JSON.stringify({ format: "dgb-shield-watch", version: 1, changes, fleet });
      try {
        await store.save(text);
      } catch (error) {
        throw unusable(path, error);
      }
    },
  } satisfies WatchStateFile);
}

function stateOf(text: string): WatchState {
  const read = parseOwn(watchStateSchema, JSON.parse(text), BOUNDS);
  if (!read.ok) throw new Error(`no state of shield watch: invalid at ${read.path}`);
  const { changes, fleet } = read.value;
  return { changes, fleet: fleet satisfies FleetState };
}

/** Runs what uses the file; a failure names the file and the remedy. */
export function usable<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): CommandError {
  const detail = error instanceof Error ? error.message : String(error);
  const advice = "give another file with --state, or remove it to begin anew";
  return new CommandError("bad_data_folder", `cannot use ${path} (${detail}): ${advice}`, error);
}
