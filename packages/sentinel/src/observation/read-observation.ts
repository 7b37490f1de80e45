/** Reads what should be an observation: the way in that everything takes (design, section 5). */
import { has } from "../internal/own.js";
import { parseOwn } from "@dgb-shield/contract";
import { offenceText } from "../internal/offence.js";
import { copySound } from "../fast/observation.js";
import { MAX_BLOCKS, MAX_TIPS, type Observation, observationSchema } from "./observation.js";

/** An observation that was read, or the JSON Pointer of its first offence and what is wrong there. */
export type ReadObservation = { observation: Observation } | { path: string; detail: string };

const BOUNDS = { maxDepth: 8, maxEntries: Math.max(MAX_BLOCKS, MAX_TIPS) } as const;

/**
 * Reads an observation of a given node. Never throws, whatever it is given.
 *
 * @param input anything
 * @param nodeId the node it must be of
 */
export function readObservation(input: unknown, nodeId: string): ReadObservation {
  const parsed = parseObservation(input);
  if (!has(parsed, "observation")) return parsed;
  // [REFUSE] an observation of another node
  if (parsed.observation.node_id !== nodeId) {
    return { path: "/node_id", detail: `another node than ${nodeId}` };
  }
  return { observation: consistent(parsed.observation) };
}

/** Reads an observation of any node, as it is. Never throws. */
export function parseObservation(input: unknown): ReadObservation {
  try {
    const sound = copySound(input, { maxBlocks: MAX_BLOCKS });
    if (sound !== undefined) return { observation: sound };
  } catch {
    // An object with a throwing accessor is as unreadable as any other.
    return { path: "", detail: "cannot be read" };
  }
  const read = parseOwn(observationSchema, input, BOUNDS);
  if (read.ok) return { observation: read.value };
  return { path: read.path, detail: offenceText(observationSchema, input, read.path) };
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
