/** Reads what should be an observation: the way in that everything takes (design: layer 1). */
import { offencePath } from "@dgb-shield/contract";
import { copySound } from "./internal/sound-observation.js";
import { MAX_BLOCKS, type Observation, observationSchema } from "./observation.js";

/** An observation that was read, or the JSON Pointer of its first offence. */
export type ReadObservation = { observation: Observation } | { path: string };

/**
 * Reads an observation of a given node. Never throws, whatever it is given.
 *
 * @param input anything
 * @param nodeId the node it must be of
 */
export function readObservation(input: unknown, nodeId: string): ReadObservation {
  const parsed = parse(input);
  if (!("observation" in parsed)) return parsed;
  // [REFUSE] an observation of another node
  return parsed.observation.node_id === nodeId ? parsed : { path: "/node_id" };
}

function parse(input: unknown): ReadObservation {
  try {
    const sound = copySound(input, { maxBlocks: MAX_BLOCKS });
    if (sound !== undefined) return { observation: sound };
    const { success, data, error } = observationSchema.safeParse(input);
    return success ? { observation: data } : { path: offencePath(error) };
  } catch {
    // An object with a throwing accessor is as unreadable as any other.
    return { path: "" };
  }
}
