/** A sequence store in memory, lost when its process ends: for tests and tools. */
import { checkAdvance, type SequenceStore } from "./ports.js";

/**
 * A `SequenceStore` in memory. After a restart every old batch that has not expired is accepted once
 * more, so nothing that takes batches from others may run on it.
 */
export function createMemorySequenceStore(): SequenceStore {
  const last = new Map<string, number>();
  return {
    advance: (key_id, sequence) =>
      new Promise((resolve) => {
        checkAdvance(key_id, sequence);
        const isNew = sequence > (last.get(key_id) ?? -1);
        if (isNew) last.set(key_id, sequence);
        resolve(isNew);
      }),
  };
}
