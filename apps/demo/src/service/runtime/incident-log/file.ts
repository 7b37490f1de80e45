/** Keeps incidents in one file: a line each time that one changes, appended and flushed. */
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { PastIncident } from "../../service.js";
import { isWithin, pastIncidentSchema } from "./entry.js";
import { type IncidentStore, MAX_KEPT } from "./store.js";

const headSchema = z.strictObject({ log_version: z.literal(1), since_ms: z.int().min(0) });

/** Lines of the file at which it is written anew. */
const MAX_LINES = 4 * MAX_KEPT;

type Kept = { since_ms: number; incidents: Map<string, PastIncident>; lines: number };

/** What a store is kept on. */
type Disk = Readonly<{
  load(nowMs: number): Promise<Kept>;
  append(text: string): Promise<void>;
  rewrite(kept: Kept): Promise<void>;
}>;

/**
 * Creates a store in the file at `path`. A line that a crash or a full disk cut off is left out; its incident is kept again
 * at its next change. After a failure the file is read again.
 *
 * @param clock when the log begins, where there is none
 */
export const createIncidentFile = (path: string, clock: () => number): IncidentStore =>
  createStore(
    {
      load: (nowMs) => load(path, nowMs),
      append: (text) => append(path, text),
      rewrite: (kept) => rewrite(path, kept),
    },
    clock,
  );

/** Creates a store in memory: what a recording or a scenario shows is no site's history. */
export const createIncidentMemory = (clock: () => number): IncidentStore =>
  createStore(
    {
      load: (since_ms) => Promise.resolve({ since_ms, incidents: new Map(), lines: 0 }),
      append: () => Promise.resolve(),
      rewrite: (kept) => Promise.resolve(shrink(kept)),
    },
    clock,
  );

function createStore(disk: Disk, clock: () => number): IncidentStore {
  let loaded: Promise<Kept> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const known = (): Promise<Kept> => {
    loaded ??= disk.load(clock()).catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  const inTurn = <T>(task: (kept: Kept) => T | Promise<T>): Promise<T> => {
    const mine = last.then(async () => task(await known()));
    last = mine.catch(() => undefined);
    return mine;
  };

  async function keep(kept: Kept, changed: readonly PastIncident[]): Promise<void> {
    try {
      await disk.append(changed.map(lineOf).join(""));
    } catch (error) {
      loaded = undefined;
      throw error;
    }
    for (const one of changed) kept.incidents.set(one.incident_id, one);
    kept.lines += changed.length;
    if (kept.incidents.size > MAX_KEPT || kept.lines > MAX_LINES) await disk.rewrite(kept);
  }

  return Object.freeze({
    open: () =>
      inTurn((kept) => [...kept.incidents.values()].filter(({ ended_ms }) => ended_ms === null)),
    save: (incidents) =>
      inTurn((kept) =>
        keep(
          kept,
          incidents.map((one) => ({
            ...one,
            released: one.released ?? kept.incidents.get(one.incident_id)?.released ?? null,
          })),
        ),
      ),
    release: (incidentId, released) =>
      inTurn(async (kept) => {
        const one = kept.incidents.get(incidentId);
        if (one !== undefined) await keep(kept, [{ ...one, released }]);
      }),
    read: ({ from_ms, to_ms, limit }) =>
      inTurn((kept) => {
        const found = [...kept.incidents.values()]
          .filter((one) => isWithin(one, { from_ms, to_ms }))
          .sort((a, b) => b.since_ms - a.since_ms || (a.incident_id < b.incident_id ? -1 : 1));
        const incidents = found.slice(0, limit);
        const left_out = found.length - incidents.length;
        return { incidents, left_out, since_ms: kept.since_ms };
      }),
  } satisfies IncidentStore);
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;

async function load(path: string, nowMs: number): Promise<Kept> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").map(parsed);
  const head = headSchema.safeParse(lines[0]);
  const incidents = new Map<string, PastIncident>();
  for (const line of lines) {
    const { success, data } = pastIncidentSchema.safeParse(line);
    if (success) incidents.set(data.incident_id, data);
  }
  const kept = {
    since_ms: head.success ? head.data.since_ms : nowMs,
    ...{ incidents, lines: lines.length },
  };
  // A line that was cut off must not be continued by the next one.
  if (!head.success || !text.endsWith("\n") || lines.length > MAX_KEPT) await rewrite(path, kept);
  return kept;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Lets go of those beyond the bound; from the last end of them on everything is kept. */
function shrink(kept: Kept): void {
  const all = [...kept.incidents.values()].sort((a, b) => a.since_ms - b.since_ms);
  const dropped = all.splice(0, Math.max(0, all.length - MAX_KEPT));
  kept.since_ms = Math.max(kept.since_ms, ...dropped.map((one) => one.ended_ms ?? one.since_ms));
  kept.incidents = new Map(all.map((one) => [one.incident_id, one]));
  kept.lines = all.length;
}

/** Writes the file anew. */
async function rewrite(path: string, kept: Kept): Promise<void> {
  shrink(kept);
  const head = { log_version: 1, since_ms: kept.since_ms };
  const body = [head, ...kept.incidents.values()].map(lineOf).join("");
  await writeFile(`${path}.new`, body, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
