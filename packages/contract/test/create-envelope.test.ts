import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  canonicalHash,
  ContractError,
  createEnvelope,
  type Envelope,
  envelopeSchema,
  type JsonObject,
  type Statement,
} from "../src/index.js";

const statement = {
  component: "sentinel",
  request_id: "r",
  decision: "BLOCK",
  score: 1,
  reason_codes: ["A"],
  evidence: { height: 1 },
} as const satisfies Statement;

const refusalOf = (change: object): unknown => {
  try {
    return createEnvelope({ ...statement, ...change });
  } catch (error) {
    return error instanceof ContractError ? `${error.code} ${error.path}` : error;
  }
};

/** Whether the hash of an envelope is that of its content. */
function holds(envelope: Envelope): boolean {
  const { contract_version, component, decision, risk, reason_codes, evidence } = envelope;
  const content = { contract_version, component, decision, risk, reason_codes, evidence };
  return canonicalHash(content) === envelope.context_hash;
}

describe("createEnvelope", () => {
  it.each<[string, object, string]>([
    ["an unknown decision", { decision: "MAYBE" }, "invalid_envelope /decision"],
    ["a decision of another case", { decision: "block" }, "invalid_envelope /decision"],
    ["a score above 1", { score: 2 }, "invalid_envelope /score"],
    ["a score below 0", { score: -0.1 }, "invalid_envelope /score"],
    ["a score of NaN", { score: NaN }, "bad_number /score"],
    ["an endless score", { score: Infinity }, "bad_number /score"],
    ["a score as text", { score: "0.1" }, "invalid_envelope /score"],
    ["no score", { score: undefined }, "not_plain /score"],
    ["a component in upper case", { component: "Sentinel" }, "invalid_envelope /component"],
    ["an empty component", { component: "" }, "invalid_envelope /component"],
    ["a code in lower case", { reason_codes: ["A", "b"] }, "invalid_envelope /reason_codes/1"],
    ["a code that is no text", { reason_codes: [1] }, "invalid_envelope /reason_codes/0"],
    ["codes that are no list", { reason_codes: "A" }, "invalid_envelope /reason_codes"],
    ["codes with a hole", { reason_codes: [, "A"] }, "not_plain /reason_codes"],
    [
      "too many codes",
      { reason_codes: Array.from({ length: 1_025 }, (_, i) => `A${i}`) },
      "invalid_envelope /reason_codes",
    ],
    ["an empty request_id", { request_id: "" }, "invalid_envelope /request_id"],
    ["a long request_id", { request_id: "r".repeat(129) }, "invalid_envelope /request_id"],
    ["a request_id with a control", { request_id: "a\nb" }, "invalid_envelope /request_id"],
    ["evidence that is a list", { evidence: [] }, "invalid_envelope /evidence"],
    ["evidence that is null", { evidence: null }, "invalid_envelope /evidence"],
    ["evidence with a date", { evidence: { at: new Date(0) } }, "not_plain /evidence/at"],
  ])("refuses %s", (_, change, refusal) => {
    expect(refusalOf(change)).toBe(refusal);
  });

  it.each([undefined, null, 1, "x"])("refuses %s as a statement", (value) => {
    expect(() => createEnvelope(value as never)).toThrow(ContractError);
  });

  it("refuses a statement that throws, or whose members are inherited", () => {
    const throwing = {
      ...statement,
      get score(): number {
        throw new Error("no");
      },
    };
    expect(() => createEnvelope(throwing)).toThrow(ContractError);
    expect(() => createEnvelope(Object.create(statement) as Statement)).toThrow(ContractError);
  });

  it("shares nothing with the statement", () => {
    const evidence: JsonObject = { height: 1, deep: { list: [1] } };
    const reason_codes = ["A"];
    const envelope = createEnvelope({ ...statement, evidence, reason_codes });
    const before = structuredClone(envelope);
    evidence["height"] = 2;
    (evidence["deep"] as { list: number[] }).list.push(2);
    reason_codes.push("B");
    expect(envelope).toEqual(before);
    expect(holds(envelope)).toBe(true);
  });

  it("gives each caller an envelope of its own", () => {
    const first = createEnvelope(statement);
    first.evidence["height"] = 9;
    first.meta.fail_closed = false as true;
    expect(createEnvelope(statement)).toEqual({
      ...first,
      evidence: { height: 1 },
      meta: { fail_closed: true },
    });
  });

  it("gives an envelope whose schema and hash hold, or refuses (property)", () => {
    const anything = fc.oneof(fc.anything(), fc.constantFrom("ALLOW", "A", "a", 0.5, [], {}));
    const statements = fc.record({
      component: fc.oneof(fc.constant("dqsn"), anything),
      request_id: fc.oneof(fc.string(), anything),
      decision: fc.oneof(fc.constantFrom("ALLOW", "WARN"), anything),
      score: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), anything),
      reason_codes: fc.oneof(fc.constant(["A"]), anything),
      evidence: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), anything),
    });
    fc.assert(
      fc.property(statements, (said) => {
        try {
          const envelope = createEnvelope(said as Statement);
          expect(envelopeSchema.safeParse(envelope).success).toBe(true);
          expect(holds(envelope)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });
});
