import { describe, expect, it } from "vitest";
import {
  createEnvelope,
  type Envelope,
  envelopeSchema,
  firstErrorPath,
  SCHEMA_NAMES,
  toJsonSchema,
} from "../../src/index.js";

const valid: Envelope = createEnvelope({
  component: "sentinel",
  request_id: "r-1",
  decision: "WARN",
  score: 0.3,
  reason_codes: ["SENTINEL_REORG"],
  evidence: { depth: 3 },
});

describe("envelopeSchema", () => {
  it("accepts what createEnvelope makes, with the tier of its score", () => {
    expect(envelopeSchema.parse(valid)).toEqual(valid);
    expect(valid.risk).toEqual({ score: 0.3, tier: "MEDIUM" });
  });

  it("reads the members that are listed, and keeps no object that it was given", () => {
    const hidden = Object.defineProperty({ ...valid }, "decision", { enumerable: false });
    expect(envelopeSchema.safeParse(hidden).success).toBe(false);
    const parsed = envelopeSchema.parse(valid);
    expect([parsed === valid, parsed.risk === valid.risk]).toEqual([false, false]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["another version", { contract_version: 2 }, "/contract_version"],
    ["a version as text", { contract_version: "3" }, "/contract_version"],
    ["a component in upper case", { component: "Sentinel" }, "/component"],
    ["an empty request_id", { request_id: "" }, "/request_id"],
    ["129 characters", { request_id: "a".repeat(129) }, "/request_id"],
    ["a control character", { request_id: "a\u0000b" }, "/request_id"],
    ["white space at the start", { request_id: " a" }, "/request_id"],
    ["white space at the end", { request_id: "a\u2003" }, "/request_id"],
    ["an upper-case hash", { context_hash: "A".repeat(64) }, "/context_hash"],
    ["another decision", { decision: "allow" }, "/decision"],
    ["a score above 1", { risk: { score: 1.01, tier: "LOW" } }, "/risk/score"],
    ["a further key in risk", { risk: { score: 0, tier: "LOW", x: 1 } }, "/risk/x"],
    ["a lower-case code", { reason_codes: ["A", "b"] }, "/reason_codes/1"],
    ["1,025 codes", { reason_codes: Array<string>(1025).fill("A") }, "/reason_codes"],
    ["evidence that is a list", { evidence: [] }, "/evidence"],
    ["fail_closed false", { meta: { fail_closed: false } }, "/meta/fail_closed"],
    ["a further key", { signature: "x" }, "/signature"],
  ])("refuses %s", (_, change, path) => {
    const parsed = envelopeSchema.safeParse({ ...valid, ...change });
    expect(parsed.success ? "accepted" : firstErrorPath(parsed.error)).toBe(path);
  });

  it.each(Object.keys(valid))("refuses an envelope without %s", (key) => {
    const rest = Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key));
    const parsed = envelopeSchema.safeParse(rest);
    expect(parsed.success ? "accepted" : firstErrorPath(parsed.error)).toBe(`/${key}`);
  });

  it("names the same unknown key in any order of keys", () => {
    for (const extra of [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ]) {
      const parsed = envelopeSchema.safeParse({ ...extra, ...valid });
      expect(parsed.success ? "accepted" : firstErrorPath(parsed.error)).toBe("/a");
    }
  });

  it("counts characters, not UTF-16 units", () => {
    expect(
      envelopeSchema.safeParse({ ...valid, request_id: "\u{1f6e1}".repeat(128) }).success,
    ).toBe(true);
  });
});

describe("createEnvelope", () => {
  it("binds the hash to the content and not to the request_id", () => {
    const again = {
      component: "sentinel",
      request_id: "r-2",
      decision: "WARN",
      score: 0.3,
      reason_codes: ["SENTINEL_REORG"],
    } as const;
    expect(createEnvelope({ ...again, evidence: { depth: 3 } }).context_hash).toBe(
      valid.context_hash,
    );
    expect(createEnvelope({ ...again, evidence: { depth: 4 } }).context_hash).not.toBe(
      valid.context_hash,
    );
  });
});

describe("toJsonSchema", () => {
  it.each(SCHEMA_NAMES)("describes %s as an object without further keys", (name) => {
    const schema = toJsonSchema(name);
    expect(schema["type"]).toBe("object");
    expect(schema["additionalProperties"]).toBe(false);
  });
});
