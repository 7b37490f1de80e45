/** Reads what should be an observation: the one way in. */
import { copyUntrusted } from "@dgb-shield/contract";
import { errorText } from "../internal/error-text.js";
import { errorPath, readByRule, REFUSED } from "./field-table.js";
import { MAX_BLOCKS, MAX_TIPS, type Observation, observationSchema } from "./observation.js";
import { MAX_VALUES, OBSERVATION } from "./observation-table.js";

/** An observation that was read, or the JSON Pointer of its first error and what is wrong there. */
export type ReadObservation =
  | Readonly<{ ok: true; value: Observation }>
  | Readonly<{ ok: false; path: string; detail: string }>;

const BOUNDS = { maxDepth: 8, maxEntries: Math.max(MAX_BLOCKS, MAX_TIPS) } as const;

/**
 * Reads an observation of a given node. Never throws, whatever it is given.
 *
 * @param input anything
 * @param nodeId the node it must be of
 */
export function readObservation(input: unknown, nodeId: string): ReadObservation {
  const parsed = parseObservation(input);
  if (!parsed.ok) return parsed;
  if (parsed.value.node_id !== nodeId) {
    return { ok: false, path: "/node_id", detail: `another node than ${nodeId}` };
  }
  return { ok: true, value: consistent(parsed.value) };
}

/** Reads an observation of any node, as it is. Never throws. */
export function parseObservation(input: unknown): ReadObservation {
  try {
    const value = readByRule(OBSERVATION, input, MAX_VALUES);
    if (value !== REFUSED) return { ok: true, value: value as Observation };
    return { ok: false, ...errorOf(input) };
  } catch {
    // An object with a throwing accessor is as unreadable as any other.
    return { ok: false, path: "", detail: "cannot be read" };
  }
}

/** The place by the table, the words by the schema that states the same. */
function errorOf(input: unknown): Readonly<{ path: string; detail: string }> {
  const plain = copyUntrusted(input, BOUNDS);
  const path = plain.ok ? (errorPath(OBSERVATION, plain.value) ?? "") : plain.path;
  return { path, detail: errorText(observationSchema, input, path) };
}

/**
 * The calls of one poll are not one moment: where the blocks end above the tip, or at another block of its
 * height, the tip was read before them, and the last block is the tip.
 */
function consistent(observation: Observation): Observation {
  const { tip, blocks } = observation;
  const last = blocks.at(-1);
  if (tip === null || last === undefined || last.hash === tip.hash) return observation;
  return last.height < tip.height ? observation : Object.assign(observation, { tip: last });
}
