/** A function as a sink (QWG technical document, section 5.4: `adaptive_sink`). */
import type { BridgeSink } from "./ports.js";

/**
 * Makes a sink of a function. It runs in the caller's process: whatever it throws is contained, but
 * a function that never returns or calls `process.exit` is not; run such code by `./worker`.
 *
 * @param name label of its counters, `^[a-z][a-z0-9_]{0,63}$`
 * @param write takes a batch, oldest event first; see `BridgeSink.write`
 * @example createFunctionSink("core", (batch) => core.learn(batch.map(toThreatPacket)))
 */
export const createFunctionSink = (name: string, write: BridgeSink["write"]): BridgeSink =>
  Object.freeze({ name, write });
