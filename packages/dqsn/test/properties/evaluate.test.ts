import {
  ENVELOPE_DECISIONS,
  type Envelope,
  envelopeSchema,
  type EnvelopeDecision,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createDqsn } from "../../src/index.js";
import { request, signalArbitrary } from "../support/envelopes.js";

const configs = [
  createDqsn(),
  createDqsn({ invalid_signal_policy: "count_as_block", forward: "digest" }),
];
const evaluators = fc.constantFrom(...configs);
const signalList = fc.array(signalArbitrary, { minLength: 1, maxLength: 8 });
const rank = (decision: EnvelopeDecision) => ENVELOPE_DECISIONS.indexOf(decision);

/** The same value with the keys of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe("evaluate", () => {
  it("gives the same response for any order of the signals", () => {
    const shuffles = signalList.chain((signals) =>
      fc.tuple(
        fc.constant(signals),
        fc.shuffledSubarray(signals, { minLength: signals.length, maxLength: signals.length }),
      ),
    );
    fc.assert(
      fc.property(evaluators, shuffles, (dqsn, [signals, shuffled]) => {
        expect(dqsn.evaluate(request(shuffled))).toEqual(dqsn.evaluate(request(signals)));
      }),
    );
  });

  it("gives the same response for any formatting of the JSON", () => {
    fc.assert(
      fc.property(evaluators, signalList, (dqsn, signals) => {
        const response = dqsn.evaluate(request(signals));
        const formatted = JSON.stringify(reversed(request(signals)), null, 3);
        expect(dqsn.evaluateText(formatted)).toEqual(response);
        expect(dqsn.evaluateText(new TextEncoder().encode(formatted))).toEqual(response);
      }),
    );
  });

  it("never gives a milder answer for one more signal, valid or not", () => {
    const anything = fc.oneof(signalArbitrary, fc.jsonValue());
    fc.assert(
      fc.property(evaluators, signalList, anything, fc.nat(8), (dqsn, signals, more, at) => {
        const before = dqsn.evaluate(request(signals));
        fc.pre(before.decision !== "ERROR");
        const after = dqsn.evaluate(request(signals.toSpliced(at, 0, more as Envelope)));
        expect(rank(after.decision)).toBeGreaterThanOrEqual(rank(before.decision));
        expect(after.risk.score).toBeGreaterThanOrEqual(before.risk.score);
      }),
    );
  });

  it("never allows once a field of a signal is removed", () => {
    const fields = fc.constantFrom(...(Object.keys(envelopeSchema.shape) as (keyof Envelope)[]));
    fc.assert(
      fc.property(evaluators, signalList, fields, (dqsn, signals, field) => {
        const [first, ...others] = signals;
        const rest = Object.fromEntries(Object.entries(first!).filter(([key]) => key !== field));
        expect(["BLOCK", "ERROR"]).toContain(dqsn.evaluate(request([rest, ...others])).decision);
      }),
    );
  });

  it("answers with a valid signal of another DQSN, whatever it is given", () => {
    const input = fc.oneof(
      signalList.map((signals) => request(signals)),
      fc.jsonValue().map((signals) => request(signals)),
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
    );
    fc.assert(
      fc.property(evaluators, input, (dqsn, value) => {
        const response = dqsn.evaluate(value);
        const next = dqsn.evaluate(request([response]));
        expect(next.evidence["error"]).toBeUndefined();
        expect(next.decision).toBe(response.decision === "ERROR" ? "BLOCK" : response.decision);
      }),
      { numRuns: runs(200, 500) },
    );
  });

  it("never throws for any text or bytes, and allows none of them", () => {
    const input = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.uint8Array());
    fc.assert(
      fc.property(evaluators, input, (dqsn, text) => {
        expect(dqsn.evaluateText(text).decision).toBe("ERROR");
      }),
      { numRuns: runs(200, 500) },
    );
  });
});
