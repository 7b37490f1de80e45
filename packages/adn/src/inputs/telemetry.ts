/** Takes in telemetry of the node itself and of its RPC (design, section 6; DQSN v2, section 6, "RPC / mempool health"). */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { sealed } from "../internal/frozen.js";
import type { InputsMemory } from "./model.js";
import { counted, type Window } from "./window.js";

const MAX_COUNT = 2 ** 40;
const countSchema = z.int().min(0).max(MAX_COUNT);

/** A sample of telemetry, of now; null where something is not known. */
export const telemetrySchema = sealed(
  z.strictObject({
    /** Connections to peers. */
    peers: countSchema.nullable(),
    /** Bytes of the mempool. */
    mempool_bytes: countSchema.nullable(),
    /** Height of the best chain. */
    height: heightSchema.nullable(),
    /** Calls of the gateway's clients since the sample before. */
    rpc: sealed(
      z.strictObject({
        calls: countSchema,
        /** Refused for what they are (unknown method, other role, export of keys), not for the lockdown state. */
        refused: countSchema,
        /** With wrong credentials. */
        unauthorized: countSchema,
      }),
    ).nullable(),
  }),
);
/** A sample of telemetry. */
export type Telemetry = Readonly<z.infer<typeof telemetrySchema>>;

/** Takes a sample in: counts calls, and since when the height stands. A gap of a window is no evidence of standing still. */
export function withTelemetry(
  inputs: InputsMemory,
  sample: Telemetry,
  window: Window,
): InputsMemory {
  const { rpc, height } = sample;
  const calls =
    rpc === null
      ? undefined
      : {
          rpc_calls: rpc.calls,
          rpc_refused: rpc.refused,
          rpc_unauthorized: rpc.unauthorized,
        };
  const counting = calls === undefined ? inputs : counted(inputs, calls, window);
  return height === null ? counting : { ...counting, height: heightAt(inputs, height, window) };
}

function heightAt({ height: known }: InputsMemory, height: number, { time_ms, window_ms }: Window) {
  const isSame = known !== null && known.height === height && time_ms - known.at_ms <= window_ms;
  return { height, since_ms: isSame ? known.since_ms : time_ms, at_ms: time_ms };
}
