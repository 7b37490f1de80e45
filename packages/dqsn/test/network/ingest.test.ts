import {
  canonicalHash,
  createEnvelope,
  type JsonObject,
  type JsonValue,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDqsn, signalToEnvelope } from "../../src/index.js";
import { request } from "../support/envelopes.js";
import { report, reportArbitrary } from "../support/signals.js";

describe("signalToEnvelope", () => {
  it.each([
    [0, "ALLOW", "LOW"],
    [0.25, "WARN", "MEDIUM"],
    [0.6, "BLOCK", "HIGH"],
    [0.9, "BLOCK", "CRITICAL"],
  ])("turns severity %d into %s and %s", (severity, decision, tier) => {
    const given = report({ severity, operator: "op", observed_at: 5, metadata: { height: 7 } });
    expect(signalToEnvelope(given)).toMatchObject({
      accepted: true,
      signal: given,
      envelope: {
        contract_version: 3,
        component: "sentinel",
        request_id: "node-a",
        decision,
        risk: { score: severity, tier },
        reason_codes: ["SENTINEL_BLOCK_STALL"],
        evidence: given,
      },
    });
  });

  it.each([
    ["a severity above 1", { ...report(), severity: 1.000001 }, "/severity"],
    ["a negative severity", { ...report(), severity: -0.1 }, "/severity"],
    ["a severity as text", { ...report(), severity: "0.5" }, "/severity"],
    ["no severity", { node_id: "a", source: "adn", type: "x" }, "/severity"],
    ["an unknown source", { ...report(), source: "miner" }, "/source"],
    ["an upper-case type", { ...report(), type: "STALL" }, "/type"],
    ["a padded node", { ...report(), node_id: "a " }, "/node_id"],
    ["an unknown field", { ...report(), weight: 9 }, "/weight"],
    ["a time before 1970", { ...report(), observed_at: -1 }, "/observed_at"],
    ["a list", [], ""],
  ])("refuses %s", (_, given, path) => {
    expect(signalToEnvelope(given)).toEqual({
      accepted: false,
      code: "DQSN_ERROR_SIGNAL_INVALID",
      path,
    });
  });

  // signal 1 + metadata 1 + list of depth n, and 3 levels of the request around it ≤ 32: n ≤ 27
  it.each([
    [27, true],
    [28, false],
  ])("accepts metadata holding a list of depth %i: %s", (depth, accepted) => {
    let list: unknown[] = [];
    for (let i = 1; i < depth; i++) list = [list];
    const given = { ...report(), metadata: { list } };
    const result = signalToEnvelope(given);
    expect(result.accepted).toBe(accepted);
    const envelope = result.accepted ? result.envelope : { evidence: given };
    const response = createDqsn().evaluate(request([envelope]));
    expect(response.reason_codes[0]).toBe(accepted ? "DQSN_OK_ALLOW" : "DQSN_ERROR_DEPTH_EXCEEDED");
  });

  it("refuses more than 8,000 canonical bytes", () => {
    const padded = (length: number) => report({ metadata: { pad: "x".repeat(length) } });
    const result = signalToEnvelope(padded(0));
    const overhead = result.accepted ? result.canonical.length : NaN;
    expect(signalToEnvelope(padded(8_000 - overhead)).accepted).toBe(true);
    expect(signalToEnvelope(padded(8_001 - overhead))).toEqual({
      accepted: false,
      code: "DQSN_ERROR_PAYLOAD_TOO_LARGE",
      path: "",
    });
  });

  it("accepts only what is valid as v3", () => {
    const dqsn = createDqsn();
    fc.assert(
      fc.property(
        reportArbitrary,
        fc.dictionary(fc.string(), fc.jsonValue()),
        (given, metadata) => {
          const result = signalToEnvelope({ ...given, metadata });
          if (!result.accepted) return fc.pre(false);
          const response = dqsn.evaluate(request([result.envelope]));
          expect(response.decision).toBe(result.envelope.decision);
        },
      ),
    );
  });

  it("never throws, and accepts nothing arbitrary", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        expect(signalToEnvelope(value).accepted).toBe(false);
      }),
    );
  });
});

describe("the envelope of a signal", () => {
  it("is the one that createEnvelope makes, hash included", () => {
    fc.assert(
      fc.property(reportArbitrary, fc.json(), (given, json) => {
        const extra = JSON.parse(json) as JsonValue;
        const result = signalToEnvelope({ ...given, metadata: { extra } });
        if (!result.accepted) return fc.pre(false);
        const { component, request_id, decision, risk, reason_codes } = result.envelope;
        const evidence = { ...given, metadata: { extra } } as JsonObject;
        const statement = { component, request_id, decision, score: risk.score, reason_codes };
        expect(result.envelope).toEqual(createEnvelope({ ...statement, evidence }));
      }),
    );
  });

  it.each([0, -0, 1e-7, 0.1 + 0.2, 1])(
    "writes severity %d as the canonical form does",
    (severity) => {
      const result = signalToEnvelope(report({ severity }));
      if (!result.accepted) throw new Error(result.code);
      const { context_hash, request_id, meta, ...content } = result.envelope;
      expect([request_id, meta]).toEqual(["node-a", { fail_closed: true }]);
      expect(context_hash).toBe(canonicalHash(content));
    },
  );
});
