/** Compiled and run against the packed package: what a program with zod alone beside it uses. */
import {
  canonicalHash,
  createEnvelope,
  type Envelope,
  parseAmount,
  parseStrictJson,
  toJsonSchema,
} from "@dgb-shield/contract";
import { envelopeSchema, type SignalV2 } from "@dgb-shield/contract/schemas";

declare const console: { log(text: string): void };

const envelope: Envelope = createEnvelope({
  component: "sentinel",
  request_id: "r-1",
  decision: "WARN",
  score: 0.3,
  reason_codes: ["SENTINEL_BLOCK_STALL"],
  evidence: { height: 1 },
});
const signal: SignalV2 = { node_id: "n", source: "adn", type: "lockdown", severity: 1 };
// @ts-expect-error: a severity is a number, which fails to be an error if types are lost
const lost: SignalV2 = { ...signal, severity: "1" };

console.log(
  JSON.stringify({
    valid: envelopeSchema.safeParse(parseStrictJson(JSON.stringify(envelope))).success,
    refused: !envelopeSchema.safeParse({ ...envelope, decision: "allow" }).success,
    units: String(parseAmount("1.5")),
    hash: canonicalHash({ lost: lost.node_id }).length,
    schema: toJsonSchema("Envelope")["type"],
  }),
);
