/** The JSON Schemas accept what the zod schemas accept, judged by another validator. */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { runs } from "@dgb-shield/testkit/runs";
import {
  withdrawalRecordSchema,
  defenseStateSchema,
  dqsnRequestSchema,
  dqsnResponseSchema,
  envelopeSchema,
  guardianDecisionSchema,
  isAmount,
  type JsonObject,
  networkViewSchema,
  SCHEMA_NAMES,
  type SchemaName,
  sentinelReportSchema,
  shieldEventSchema,
  signalV2Schema,
  tipStatementSchema,
  toJsonSchema,
} from "../../src/index.js";
import { type Mutant, mutantsOf } from "../support/json-schema/mutants.js";
import { SAMPLES } from "../support/json-schema/samples.js";

const ZOD = {
  Envelope: envelopeSchema,
  DqsnRequest: dqsnRequestSchema,
  DqsnResponse: dqsnResponseSchema,
  SignalV2: signalV2Schema,
  SentinelReport: sentinelReportSchema,
  NetworkView: networkViewSchema,
  DefenseState: defenseStateSchema,
  GuardianDecision: guardianDecisionSchema,
  WithdrawalRecord: withdrawalRecordSchema,
  ShieldEvent: shieldEventSchema,
  TipStatement: tipStatementSchema,
};

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, unicodeRegExp: true });

/** Left to code: whether a text or a number is an exact amount. */
const isInexactAmount = ({ path, value }: Mutant): boolean =>
  path.endsWith("/allowed_now") &&
  (typeof value === "string" || typeof value === "number") &&
  !isAmount(value);

/** Left to code: that branches of a statement of the tip share no node and no tip, and part below their tips. */
const isRelationOfBranches = (error: z.ZodError | undefined): boolean =>
  error?.issues.every(({ code, path }) => code === "custom" && path.join("/") === "branches") ??
  false;

type Judged = Readonly<{ mutant: Mutant; zod: boolean; json: boolean; isRelation: boolean }>;

function judge(name: SchemaName): Judged[] {
  const validate = ajv.compile(toJsonSchema(name));
  return mutantsOf(SAMPLES[name] as JsonObject).map((mutant) => {
    const { success, error } = ZOD[name].safeParse(mutant.whole);
    const isRelation = name === "TipStatement" && isRelationOfBranches(error);
    return { mutant, zod: success, json: validate(mutant.whole), isRelation };
  });
}

describe("toJsonSchema", () => {
  it.each(SCHEMA_NAMES)("accepts a valid %s", (name) => {
    const validate = ajv.compile(toJsonSchema(name));
    expect(ZOD[name].safeParse(SAMPLES[name]).error).toBeUndefined();
    expect(validate(SAMPLES[name]), ajv.errorsText(validate.errors)).toBe(true);
  });

  it.each(SCHEMA_NAMES)("accepts and refuses as the schema of %s does", (name) => {
    const judged = judge(name);
    const differing = judged.filter(({ mutant, zod, json, isRelation }) => {
      return zod !== json && !isInexactAmount(mutant) && !isRelation;
    });
    expect(judged.filter(({ json }) => !json).length).toBeGreaterThan(100);
    expect(judged.filter(({ json }) => json).length).toBeGreaterThan(20);
    expect(differing.map(({ mutant }) => [mutant.path, mutant.value])).toEqual([]);
  });

  it("leaves the exactness of an amount to code", () => {
    const judged = judge("GuardianDecision").filter(({ mutant }) => isInexactAmount(mutant));
    expect(judged.length).toBeGreaterThan(20);
    for (const { zod, json } of judged) expect({ zod, json }).toEqual({ zod: false, json: true });
  });

  it("leaves to code how the branches of a statement of the tip relate", () => {
    const judged = judge("TipStatement").filter(({ isRelation }) => isRelation);
    expect(judged.length).toBeGreaterThan(5);
    for (const { zod, json } of judged) expect({ zod, json }).toEqual({ zod: false, json: true });
  });

  it("counts and classes the characters of an identifier as the schema does", () => {
    const validate = ajv.compile(toJsonSchema("SignalV2"));
    const character = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(" ", "\n", "\u00a0", "\u2028", "\ufeff", "\u{1F6E1}", "a"),
    );
    const text = fc.array(character, { maxLength: 130, size: "max" }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, (node_id) => {
        const signal = { ...SAMPLES.SignalV2, node_id };
        expect(validate(signal)).toBe(signalV2Schema.safeParse(signal).success);
      }),
      { numRuns: runs(500, 2_000) },
    );
  });

  it("has patterns for the u flag, as JSON Schema reads them: without it they let control characters in", () => {
    const { node_id } = toJsonSchema("SignalV2")["properties"] as Record<
      "node_id",
      { pattern: string }
    >;
    expect(new RegExp(node_id.pattern, "u").test("\u0007")).toBe(false);
    expect(new RegExp(node_id.pattern).test("\u0007")).toBe(true);
  });
});
