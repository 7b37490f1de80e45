/** Writes the gateway's own answers in the dialect of the client, with the HTTP status that a node would use. */
import type { GatewayCode, Refusal } from "../codes.js";
import { type Json, JsonNumber } from "../json/value.js";
import { writeJson } from "../json/write.js";
import type { BadCall } from "./read-call.js";

/** An answer: HTTP status and body; an empty body is none. */
export type Answer = Readonly<{ status: number; body: string }>;

/** Numbers of errors: JSON-RPC's own, and of the range that it leaves to servers. */
const NUMBERS: Readonly<Partial<Record<GatewayCode, number>>> = {
  invalid_json: -32_700,
  invalid_request: -32_600,
  batch_too_large: -32_600,
  parameter_invalid: -32_602,
  parameter_unknown: -32_602,
  parameters_ambiguous: -32_602,
  rate_exceeded: -32_011,
  busy: -32_011,
  closing: -32_011,
  node_unavailable: -32_012,
  node_unreadable: -32_012,
  outcome_unclear: -32_013,
  payment_unsettled: -32_013,
};

/** Of a refusal by gateway, policy or hook. */
const REFUSED = -32_010;

/** Number of the error of a code. */
const numberOf = (code: string): number =>
  Object.hasOwn(NUMBERS, code) ? (NUMBERS[code as GatewayCode] ?? REFUSED) : REFUSED;

/** HTTP status of an error in JSON-RPC 1.x, as a node has it. */
const statusOf = (number: number): number =>
  number === -32_600 ? 400 : number === -32_601 ? 404 : 500;

/** The answer to a call that does not run. */
export function errorAnswer({ id, dialect }: BadCall, refusal: Refusal): Answer {
  const number = numberOf(refusal.code);
  const data: [string, Json][] = [["code", refusal.code]];
  if (refusal.retry_after_ms !== undefined) {
    data.push(["retry_after_ms", new JsonNumber(String(Math.ceil(refusal.retry_after_ms)))]);
  }
  const error = new Map<string, Json>([
    ["code", new JsonNumber(String(number))],
    ["message", `${refusal.code}: ${refusal.text}`],
    ["data", new Map(data)],
  ]);
  const body =
    dialect === "2"
      ? new Map<string, Json>([
          ["jsonrpc", "2.0"],
          ["error", error],
          ["id", id],
        ])
      : new Map<string, Json>([
          ["result", null],
          ["error", error],
          ["id", id],
        ]);
  return { status: dialect === "2" ? 200 : statusOf(number), body: `${writeJson(body)}\n` };
}

/** The answer with a result of the gateway's own. */
export function resultAnswer({ id, dialect }: BadCall, result: Json): Answer {
  const body =
    dialect === "2"
      ? new Map<string, Json>([
          ["jsonrpc", "2.0"],
          ["result", result],
          ["id", id],
        ])
      : new Map<string, Json>([
          ["result", result],
          ["error", null],
          ["id", id],
        ]);
  return { status: 200, body: `${writeJson(body)}\n` };
}
