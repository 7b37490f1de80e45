/** Why a call of a raw recording failed. */
import { z } from "zod";
import type { Failure } from "../observation/observation.js";
import { type RawLine } from "./raw-lines.js";

/** The RPC error of a node that still loads its chain. */
const WARMING_UP = -28;

/** Of `getblockheader`: the node has no such block. */
const NOT_FOUND = -5;

const errorSchema = z.looseObject({
  kind: z.unknown().optional(),
  code: z.unknown().optional(),
  message: z.unknown().optional(),
});

/** Work queue texts of HTTP answers: the call was not executed. */
const OVERLOADED = /work queue depth exceeded/i;
const PRUNED = /pruned/i;

/** What is known of a call that failed. */
export type CallFailure = Readonly<{
  failure: Failure;
  isWarmingUp: boolean;
  isNotFound: boolean;
  isPruned: boolean;
}>;

/**
 * Reads `error` of a line: `{kind: "rpc" | "socket" | "http" | "timeout", code, message}`. Without a kind, an
 * integer code is that of an RPC error; whatever else is garbage.
 */
export function callFailure({ error }: RawLine): CallFailure {
  const read = errorSchema.safeParse(error);
  const { kind, code: given, message } = read.success ? read.data : {};
  const code = Number.isSafeInteger(given) ? (given as number) : null;
  const text = typeof message === "string" ? message : "";
  const failure = { kind: kindOf(kind, code, text), code };
  const isRpc = failure.kind === "rpc";
  return {
    failure,
    isWarmingUp: isRpc && code === WARMING_UP,
    isNotFound: isRpc && code === NOT_FOUND,
    isPruned: isRpc && PRUNED.test(text),
  };
}

function kindOf(kind: unknown, code: number | null, text: string): Failure["kind"] {
  if (OVERLOADED.test(text)) return "overloaded";
  switch (kind) {
    case "socket":
      return "connection";
    case "timeout":
      return "timeout";
    case "http":
      if (code === 401 || code === 403) return "unauthorized";
      return code === 503 ? "overloaded" : "garbage";
    case "rpc":
    case undefined:
      return code === null ? "garbage" : "rpc";
    default:
      return "garbage";
  }
}
