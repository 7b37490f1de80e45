/** Keeps which client used which method, and how often it was refused: what a policy for it has to allow (learn mode). */
import { parseStrictJson } from "@dgb-shield/contract";
import { createUsage, type Usage, type UsedMethod } from "@dgb-shield/rpc-gateway";
import { z } from "zod";
import { createStateFile } from "../pipeline/index.js";

const fileSchema = z.record(
  z.string(),
  z.record(z.string(), z.strictObject({ calls: z.int().min(1), refused: z.int().min(0) })),
);

/** A record of used methods that outlasts the process. */
export type UsedMethods = Usage &
  Readonly<{
    /** Writes it, where it has changed. */
    save(): void;
  }>;

/**
 * Opens the record. A file that is missing or cannot be read is an empty one: it decides nothing.
 *
 * @param path of the file
 */
export function openUsedMethods(path: string): UsedMethods {
  const usage = createUsage(readUsedMethods(path));
  let isChanged = false;
  return Object.freeze({
    used(client, method, isRefused) {
      usage.used(client, method, isRefused);
      isChanged = true;
    },
    list: usage.list,
    save() {
      if (!isChanged) return;
      isChanged = false;
      const clients = new Map<string, Record<string, Omit<UsedMethod, "client" | "method">>>();
      for (const { client, method, calls, refused } of usage.list()) {
        clients.set(client, { ...clients.get(client), [method]: { calls, refused } });
      }
      // A file is written at once.
      void createStateFile(path).save(`${JSON.stringify(Object.fromEntries(clients))}\n`);
    },
  } satisfies UsedMethods);
}

/** Reads the record; an empty one where it cannot be read. */
export function readUsedMethods(path: string): readonly UsedMethod[] {
  try {
    const read = fileSchema.parse(parseStrictJson(createStateFile(path).load() ?? "{}"));
    return Object.entries(read).flatMap(([client, methods]) =>
      Object.entries(methods).map(([method, counts]) => ({ client, method, ...counts })),
    );
  } catch {
    return [];
  }
}
