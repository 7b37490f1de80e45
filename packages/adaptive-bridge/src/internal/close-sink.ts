/** Closes a sink that may have no way to close. */
import type { BridgeSink } from "../ports.js";
import { memberOf } from "./own.js";

/** Calls `close` of a sink, where it has one. */
export async function closeSink(sink: BridgeSink): Promise<void> {
  if (memberOf(sink, "close") !== undefined) await sink.close?.();
}
