/** The one error class of this package: mistakes of the integrating program, and places that cannot be used. */
import { ShieldError } from "@dgb-shield/contract";
import type { BRIDGE_ERROR_CODES } from "./codes.js";

/** What was wrong. Codes are stable. */
export type BridgeErrorCode = (typeof BRIDGE_ERROR_CODES)[number];

/** An error of this package: what (`code`) and where (`path`, a JSON Pointer; `""` where there is none). */
export class BridgeError extends ShieldError<BridgeErrorCode> {
  override readonly name = "BridgeError";
  declare readonly path: string;

  constructor(code: BridgeErrorCode, path: string, detail: string) {
    super({ code, path, detail });
  }
}

// [REJECT sink_closed] a write to a sink that was closed
/** Makes the error of a write to a closed sink. */
export const sinkClosed = (): BridgeError => new BridgeError("sink_closed", "", "sink is closed");
