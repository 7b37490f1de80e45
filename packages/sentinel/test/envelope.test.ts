import { envelopeSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { createSentinel, type Observation, toEnvelope } from "../src/index.js";
import { GROESTL, header, NODE, observation } from "./support/chain.js";

const tip = header(1);
const retired = header(2_001, { version: GROESTL });
const stalled = (seconds: number) => observation([tip], { at_ms: (tip.time_s + seconds) * 1_000 });
const envelopeOf = (input: Observation, requestId = "r") =>
  toEnvelope(createSentinel({ node_id: NODE, chain: digibyteRegtest }).observe(input), requestId);

describe("toEnvelope", () => {
  it.each([
    ["ALLOW", "LOW", ["SENTINEL_OK"], observation([tip])],
    ["WARN", "MEDIUM", ["SENTINEL_BLOCK_STALL"], stalled(300)],
    ["BLOCK", "HIGH", ["SENTINEL_BLOCK_STALL"], stalled(500)],
    ["BLOCK", "CRITICAL", ["SENTINEL_BLOCK_STALL"], stalled(700)],
    ["BLOCK", "CRITICAL", ["SENTINEL_RETIRED_ALGORITHM"], observation([retired])],
    ["WARN", "MEDIUM", ["SENTINEL_NODE_SYNCING"], { ...observation([tip]), syncing: true }],
    ["WARN", "MEDIUM", ["SENTINEL_NODE_UNREACHABLE"], { ...observation([tip]), reachable: false }],
    [
      "WARN",
      "MEDIUM",
      ["SENTINEL_NODE_UNREACHABLE", "SENTINEL_OBSERVATION_INVALID"],
      { ...observation([tip]), at_ms: -1 },
    ],
  ])("gives %s, %s with %j", (decision, tier, reasonCodes, input) => {
    const envelope = envelopeOf(input);
    expect(envelopeSchema.parse(envelope)).toEqual(envelope);
    expect(envelope).toMatchObject({
      component: "sentinel",
      decision,
      risk: { tier },
      reason_codes: reasonCodes,
    });
  });

  it("reports a key that is no text", () => {
    const input = { ...observation([tip]), ["\ud800".repeat(300)]: 1 };
    expect(envelopeSchema.safeParse(envelopeOf(input)).success).toBe(true);
  });

  it("hashes its content and not the request's id", () => {
    const hash = (input: Observation, id: string) => envelopeOf(input, id).context_hash;
    expect(hash(stalled(300), "a")).toBe(hash(stalled(300), "b"));
    expect(hash(stalled(300), "a")).not.toBe(hash(stalled(251), "a"));
  });
});
