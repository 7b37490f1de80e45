/** Stores the memory, and starts from what was stored (design, section 6). */
import { settle } from "../clock/advance.js";
import type { DefenseNodeConfig } from "../config.js";
import { checksumOf } from "../internal/checksum.js";
import { copyOf } from "../internal/own-data.js";
import type { DefenseSnapshot, Memory } from "./model.js";

/** Makes a snapshot: the memory, the configuration that it was settled by, and a checksum. */
export function snapshotOf(memory: Memory, config: DefenseNodeConfig): DefenseSnapshot {
  const content = { ...copyOf(memory), settled_by: settledBy(config) };
  return { ...content, checksum: checksumOf(content) };
}

/** Restores the memory of a checked snapshot; settled anew, on the strict side, where the configuration is another one. */
export function restored(snapshot: DefenseSnapshot, config: DefenseNodeConfig): Memory {
  const { settled_by, ...memory } = withoutChecksum(copyOf(snapshot));
  const isSame = checksumOf(settled_by) === checksumOf(settledBy(config));
  return isSame ? memory : settle(memory, config, { at_ms: memory.time_ms, isTrusted: false });
}

function withoutChecksum(snapshot: DefenseSnapshot): Omit<DefenseSnapshot, "checksum"> {
  const content: Partial<DefenseSnapshot> & Omit<DefenseSnapshot, "checksum"> = { ...snapshot };
  Reflect.deleteProperty(content, "checksum");
  return content;
}

const settledBy = ({ thresholds, hold_ms }: DefenseNodeConfig): DefenseSnapshot["settled_by"] => ({
  ...thresholds,
  hold_ms,
});
