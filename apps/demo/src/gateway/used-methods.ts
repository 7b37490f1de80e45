/** Keeps which client used which method, and how often it was refused: what a policy for it has to allow (learn mode). */
import { parseStrictJson } from "@dgb-shield/contract";
import { z } from "zod";
import { createStateFile } from "../pipeline/index.js";

/** Clients, and methods of one client, at most; what comes beyond is not kept. */
const MAX_NAMES = 1_000;

/** Calls of one method. */
export type UsedMethod = Readonly<{ calls: number; refused: number }>;

const fileSchema = z.record(
  z.string(),
  z.record(z.string(), z.strictObject({ calls: z.int().min(1), refused: z.int().min(0) })),
);

/** Clients, each with the methods that it used. */
export type UsedByClient = ReadonlyMap<string, ReadonlyMap<string, UsedMethod>>;

/** A record of used methods. */
export type UsedMethods = Readonly<{
  add(client: string, method: string, isRefused: boolean): void;
  all(): UsedByClient;
  /** Writes it, where it has changed. */
  save(): void;
}>;

/**
 * Opens the record. A file that is missing or cannot be read is an empty one: it decides nothing.
 *
 * @param path of the file
 */
export function openUsedMethods(path: string): UsedMethods {
  const used = new Map(
    [...readUsedMethods(path)].map(([client, methods]) => [client, new Map(methods)] as const),
  );
  let isChanged = false;
  return Object.freeze({
    add(client, method, isRefused) {
      const methods = used.get(client) ?? new Map<string, UsedMethod>();
      if (!used.has(client) && used.size >= MAX_NAMES) return;
      if (!methods.has(method) && methods.size >= MAX_NAMES) return;
      const { calls, refused } = methods.get(method) ?? { calls: 0, refused: 0 };
      methods.set(method, { calls: calls + 1, refused: refused + (isRefused ? 1 : 0) });
      used.set(client, methods);
      isChanged = true;
    },
    all: () => used,
    save() {
      if (!isChanged) return;
      isChanged = false;
      const clients = [...used].map(([client, all]) => [client, Object.fromEntries(all)]);
      // A file is written at once.
      void createStateFile(path).save(`${JSON.stringify(Object.fromEntries(clients))}\n`);
    },
  } satisfies UsedMethods);
}

/** Reads the record; an empty one where it cannot be read. */
export function readUsedMethods(path: string): UsedByClient {
  try {
    const read = fileSchema.parse(parseStrictJson(createStateFile(path).load() ?? "{}"));
    return new Map(
      Object.entries(read).map(([client, all]) => [client, new Map(Object.entries(all))]),
    );
  } catch {
    return new Map();
  }
}
